/** Streams of mail as it arrives, and of the stages of one message as they are proven. */

import type { WholeMessage } from "../../contract/messages/inbox.ts";
import type { StageEvent } from "../../contract/messages/sending.ts";
import type { Message } from "../../core/messages/message.ts";
import { isEnd } from "../../core/messages/stages.ts";
import { instantOf } from "../../platform/effects.ts";
import { finished, pulled } from "../context/queue.ts";
import type { MessageParts } from "./parts.ts";
import { stageEvent, wholeMessage } from "./shown.ts";

type Parts = Pick<MessageParts, "context" | "memories">;

/** The proven stages of a message, and each further one; ends with the message's last stage. */
export function followStages(parts: Parts, message: Message): AsyncIterable<StageEvent> {
  const { tables, events } = parts.context;
  const told = new Set<string>();
  const take = (): StageEvent | null | typeof finished => {
    const present = tables.messages.get(message);
    if (present === null) return finished;
    const proof = tables.messages.proofs(message).find(({ stage }) => !told.has(stage));
    if (proof !== undefined) {
      told.add(proof.stage);
      return stageEvent(parts, present, proof);
    }
    return isEnd(present.stage) || present.stage === "answered" ? finished : null;
  };
  const stream = pulled(take, () => leave());
  const leave = events.listen((item) => {
    if (item.of === "commit") stream.wake();
  });
  return stream;
}

/** Messages as they are stored here from now on, for one handle or for every mailbox. */
export function followArrivals(
  parts: Parts,
  handle: string | undefined,
): AsyncIterable<WholeMessage> {
  const { tables, events, effects } = parts.context;
  let last = tables.messages.lastSeq();
  const take = (): WholeMessage | null => {
    const next = tables.messages.arrivedAfter(last, handle ?? null);
    if (next === null) return null;
    last = next.seq;
    return wholeMessage(parts, next.message, instantOf(effects.clock));
  };
  const stream = pulled<WholeMessage>(take, () => leave());
  const leave = events.listen((item) => {
    if (item.of === "commit") stream.wake();
  });
  return stream;
}
