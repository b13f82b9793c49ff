/** Names of peers as this machine keeps them: the present and the recent key of each. */

import { formerNameMs } from "../../contract/limits/names.ts";
import {
  isPlaceholder,
  type NamedPeer,
  nameOfPeer,
  type PeerName,
} from "../../core/peers/naming.ts";
import type { Instant } from "../../platform/effects.ts";
import type { Context, Work } from "../context/context.ts";

/** A machine with its proposed name, and the tables to look in. */
export interface Telling {
  readonly tables: Work["tables"];
  readonly told: NamedPeer;
  readonly now: Instant;
}

/** The name of a machine here, and the remarks on it. */
export function namedHere(
  { config }: Pick<Context, "config">,
  { tables, told, now }: Telling,
): PeerName {
  const { peers } = tables;
  const former = peers.formerNames(Math.floor(now.wallMs) - formerNameMs);
  return nameOfPeer(told, { own: config.machine.name, peers: peers.all(), former });
}

/** Reserves the name of a renamed or unpaired peer against other keys, for a while. */
export function giveUpName(work: Work, { name, fingerprint }: NamedPeer, now: Instant): void {
  const removed_at_ms = Math.floor(now.wallMs);
  work.tables.peers.forgetFormerNames(removed_at_ms - formerNameMs);
  // Such a name is derived from the key, and no machine can propose it.
  if (isPlaceholder(name)) return;
  work.tables.peers.putFormerName({ name, fingerprint, removed_at_ms });
}
