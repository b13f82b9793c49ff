/** Repeats the open waits on peers, so that each peer knows that a session still waits. */

import { PeernetError } from "../../contract/errors.ts";
import { askDeadlineMs } from "../../contract/limits.ts";
import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import { waitRepeatMs } from "../../contract/reach/limits.ts";
import type { Wire } from "../../contract/wire.ts";
import type { OutgoingWait } from "../../core/waits.ts";
import { instantOf } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Replied } from "../links/calls.ts";
import type { BeginningParts } from "./waits-begin.ts";
import type { WaitTimers } from "./waits-listeners.ts";
import { wireWait } from "./waits-rows.ts";

/** A repeat that a peer refused for good. */
export interface RefusedRepeat {
  readonly wait: OutgoingWait;
  readonly peer: PeerRow;
  readonly error: PeernetError;
}

/** Dependencies of repeating. */
export interface RepeatingParts extends Pick<BeginningParts, "context" | "links"> {
  readonly timers: WaitTimers;
  readonly onAnswer: (id: string, reply: Replied<OutputOf<Wire["wait"]>>) => Promise<void>;
  readonly onRefusal: (refused: RefusedRepeat) => Promise<void>;
}

/** The repeats of waits. */
export interface Repeats {
  /** Repeats a wait after a time. */
  soon(id: string, ms: number): void;
  close(): void;
}

/** Codes by which a peer ends a repeated wait. */
const finalCodes: ReadonlySet<string> = new Set([
  "scope_denied",
  "handle_unknown",
  "id_conflict",
  "peer_unknown",
]);

/** True where a repeat would be refused again. */
const isFinal = ({ code }: PeernetError, peer: PeerRow): boolean =>
  finalCodes.has(code) || (code === "peer_refused" && peer.refused && peer.bearer === null);

/** Makes the repeats of waits; a failed one is repeated when the link is up. */
export function waitRepeats(parts: RepeatingParts): Repeats {
  const { context, links, timers } = parts;
  const failed = new Set<string>();
  const soon = (id: string, ms: number): void => {
    timers.arm(id, "repeat", { ms, run: () => repeat(id) });
  };
  const repeat = async (id: string): Promise<void> => {
    const wait = context.tables.waits.getOutgoing(id);
    failed.delete(id);
    if (wait === null || wait.fingerprint === null || wait.outcome !== null) return;
    const input = (): InputOf<Wire["wait"]> =>
      wireWait(context, wait, instantOf(context.effects.clock));
    try {
      const asked = { input, deadlineMs: askDeadlineMs };
      await parts.onAnswer(id, await links.call(wait.fingerprint, "wait", asked));
    } catch (error) {
      if (!(error instanceof PeernetError)) throw error;
      const peer = context.tables.peers.get(wait.fingerprint);
      if (peer !== null && isFinal(error, peer)) return parts.onRefusal({ wait, peer, error });
      failed.add(id);
      soon(id, waitRepeatMs);
    }
  };
  const leave = context.events.listen((item) => {
    if (item.of !== "greeted" || item.direction !== "out") return;
    for (const id of failed) {
      const wait = context.tables.waits.getOutgoing(id);
      if (wait?.fingerprint === item.fingerprint) soon(id, 1);
    }
  });
  return { soon, close: leave };
}
