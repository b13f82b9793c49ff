/** The refusal for a machine's name, which may be of a machine that is only expected. */

import { PeernetError } from "../../contract/errors.ts";
import { past } from "../../contract/text/words.ts";
import { expectedLifeMs } from "../../contract/trust/limits.ts";
import { instantOf } from "../../platform/effects.ts";
import { type Context, unknownPeer } from "./context.ts";
import { elapsedAt } from "./elapsed.ts";

/** The refusal for a name that no peer has: a machine of that name may be expected. */
export function notPaired(context: Context, name: string): PeernetError {
  const { tables, identity, effects } = context;
  const row = tables.expected.all().find((each) => each.name === name);
  const ageMs = row === undefined ? 0 : elapsedAt(context, instantOf(effects.clock)) - row.since_ms;
  if (row === undefined || ageMs >= expectedLifeMs) return unknownPeer(name);
  const by =
    tables.expected.line(row.fingerprint) === null ? "by its fingerprint" : "by root's file";
  return new PeernetError("peer_unknown", {
    message: `${name} is expected, not met yet: it was trusted ${by} ${past(ageMs)}`,
    hint: `on ${name} run: peernet trust ${identity.fingerprint}`,
  });
}
