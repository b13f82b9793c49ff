/** Finds the recipients of a message: one handle, a machine's person, or every live session. */

import { PeernetError } from "../../../contract/errors.ts";
import { machineHalf, nameHalf } from "../../../contract/text/handle.ts";
import { liveLeases } from "../../../core/sessions/lease.ts";
import { type Instant, instantOf } from "../../../platform/effects.ts";
import type { PeerRow } from "../../../store/peers.ts";
import { nowOf } from "../../context/context.ts";
import { notPaired } from "../../context/expected.ts";
import type { MessageParts } from "../parts.ts";

/** One recipient. */
export interface Recipient {
  /** Null on this machine. */
  readonly peer: PeerRow | null;
  /** Null for the machine's person, and for a peer's subscribers of a topic. */
  readonly name: string | null;
  /** The topic whose message it receives. */
  readonly topic?: string;
}

/** The recipients of a message. */
export interface Recipients {
  readonly all: readonly Recipient[];
  /** True for every session of a machine, or of all: such a message starts no turn. */
  readonly isToMany: boolean;
}

type Parts = Pick<MessageParts, "context" | "memories">;

/**
 * The recipients that a word names. A bare word is a machine's person where a machine has the name,
 * else a handle here. @throws {peer_unknown} {handle_unknown}
 */
export function recipientsOf(parts: Parts, to: string | null, now: Instant): Recipients {
  const { context } = parts;
  const { tables, config } = context;
  const own = config.machine.name;
  if (to === null) {
    const all = [...liveHere(parts, now), ...tables.peers.all().flatMap(liveOn(parts))];
    return many(all, "no session is live on any machine");
  }
  const machine = machineHalf(to);
  const name = nameHalf(to);
  if (machine === null) {
    const peer = tables.peers.named(to);
    const isMachine = peer !== null || to === own;
    return { all: [{ peer, name: isMachine ? null : to }], isToMany: false };
  }
  const peer = machine === own ? null : tables.peers.named(machine);
  if (peer === null && machine !== own) throw notPaired(context, machine);
  if (name !== "") return { all: [{ peer, name }], isToMany: false };
  const all = peer === null ? liveHere(parts, now) : liveOn(parts)(peer);
  return many(all, `${machine} has no live handle that this machine knows of`);
}

function many(all: readonly Recipient[], none: string): Recipients {
  if (all.length > 0) return { all, isToMany: true };
  throw new PeernetError("handle_unknown", { message: none, hint: "peernet status" });
}

const liveHere = ({ context }: Parts, now: Instant): readonly Recipient[] =>
  liveLeases(context.tables.leases.all(), nowOf(context, now)).map(({ name }) => ({
    peer: null,
    name,
  }));

/** The live handles of a peer, as its last hello names them. */
const liveOn =
  ({ context, memories }: Parts) =>
  (peer: PeerRow): readonly Recipient[] =>
    memories
      .shown(peer, instantOf(context.effects.clock))
      .handles.map(({ handle }) => ({ peer, name: nameHalf(handle) }));
