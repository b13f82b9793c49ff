/** Who the machines of a run are. */

import { hex } from "../../src/contract/text/encoding.ts";
import { type Identity, loadOrCreate } from "../../src/peer/identity.ts";
import { sha256 } from "../../src/platform/real.ts";
import { fakeEffects } from "../support/effects.ts";

/** The port every machine of a run listens on. */
export const port = 7337;
/** A name for a machine of a run. */
export const nameOf = (machine: number): string => `m${machine}`;

// They take long to make, and no decision depends on them.
const identities: Identity[] = [0, 1].map((seed) => loadOrCreate(fakeEffects(seed)));

/** Who a machine of a run is. @throws RangeError when there are not so many */
export function identityOf(machine: number): Identity {
  const identity = identities[machine];
  if (identity === undefined) throw new RangeError("no such machine");
  return identity;
}

/** The index of the machine with a fingerprint. */
export const machineOf = (fingerprint: string): number =>
  identities.findIndex((identity) => identity.fingerprint === fingerprint);

/** SHA-256 of a text, as rows have it. */
export const digest = (text: string): string => hex(sha256(new TextEncoder().encode(text)));
