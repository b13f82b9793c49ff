/** Assembles the deliveries to peers: the outbox, and waits as its first user. */

import type { Control } from "../contract/control.ts";
import type { Handlers } from "../contract/operation/operation.ts";
import type { Instant } from "../platform/effects.ts";
import { type SeenFacts, seenFacts } from "./ask/waits-begin.ts";
import { reachedKind } from "./ask/waits-incoming.ts";
import { Judging } from "./ask/waits-judging.ts";
import { OutgoingWaits } from "./ask/waits-outgoing.ts";
import type { Context, LocalCaller } from "./context/context.ts";
import { markElapsed } from "./context/elapsed.ts";
import type { Links } from "./links/links.ts";
import { Delivery, type SendingOptions } from "./outbox/delivery.ts";
import { outboxHandlers } from "./outbox/handlers.ts";
import { sweepOutbox } from "./outbox/housekeeping.ts";
import type { CallOver, Kinds } from "./outbox/kinds.ts";
import type { PeerMemories } from "./peers/memories.ts";

/** Dependencies of the deliveries to peers. */
export interface ReachParts {
  readonly context: Context;
  readonly links: Links;
  readonly memories: PeerMemories;
  readonly greet: (fingerprint: string) => Promise<void>;
  /** The kinds of entries besides reached waits. */
  readonly kinds: Omit<Kinds, "reached">;
}

/** The outbox and the waits of a daemon. */
export interface Reach {
  readonly delivery: Delivery;
  readonly judging: Judging;
  readonly outgoing: OutgoingWaits;
  /** Facts that asks saw: a wait begins from them. */
  readonly seen: SeenFacts;
  readonly handlers: Pick<Handlers<Control, LocalCaller>, "outbox" | "outbox/drop" | "wait">;
  /** Continues the entries and waits from before a start. */
  begin(now: Instant): Promise<void>;
  /** Ends what has expired; writes only when there is some. */
  sweep(now: Instant): Promise<void>;
  close(): void;
}

/** Assembles the outbox and the waits of a daemon. */
export function reachOf(parts: ReachParts): Reach {
  const { context, links, memories, greet } = parts;
  const kinds = { ...parts.kinds, reached: reachedKind(context) };
  const delivery = new Delivery({ context, memories, kinds, call: callWith(links), greet });
  const seen = seenFacts();
  const judge = (now: Instant): Promise<void> => judging.judge(now);
  const outgoing = new OutgoingWaits({ context, links, memories, seen, judge });
  const judging: Judging = new Judging({
    context,
    wake: (fingerprint) => delivery.wake(fingerprint),
    settleHere: (work, { wait, standing: { judged, facts }, now }) => {
      if (judged === null || judged === "denied") return;
      outgoing.settle(work, wait, { came: { ...judged, facts }, now });
    },
  });
  const isUnderWay = delivery.isUnderWay.bind(delivery);
  return {
    ...{ delivery, judging, outgoing, seen },
    handlers: {
      ...outboxHandlers({ context, kinds, isUnderWay }),
      wait: (input, { now }) => outgoing.open(input, now),
    },
    begin: async (now) => {
      await context.transact(now, (work) => ({ value: markElapsed(context, work, now) }));
      outgoing.begin(now);
      delivery.begin();
    },
    sweep: async (now) => {
      await sweepOutbox({ context, kinds }, now);
      await judging.judge(now);
      await outgoing.sweep(now);
    },
    close: () => {
      delivery.close();
      judging.close();
      outgoing.close();
    },
  };
}

/** Calls a peer with an entry, as long as it may leave: its grant may end during the dial. */
const callWith =
  (links: Links) =>
  (fingerprint: string, sending: SendingOptions): CallOver =>
  async (path, input) => {
    const asked = { ...sending, input: () => input };
    const { output, reverse } = await links.call(fingerprint, path, asked);
    return reverse === undefined ? { output } : { output, reverse };
  };
