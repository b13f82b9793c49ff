/** Ends mail whose time is up, and removes old mail; ids stay known so that none comes twice. */

import { messageKeptMs, tombstoneMs } from "../../contract/messages/limits.ts";
import { keyOf } from "../../core/messages/message.ts";
import type { Instant } from "../../platform/effects.ts";
import { elapsedAt, isMarkDue, markElapsed } from "../context/elapsed.ts";
import { type Doing, type MessageParts, recordMessage } from "./parts.ts";
import { raise } from "./stages.ts";

/** Messages that one sweep ends. */
const sweptMax = 500;

/** Ends what is due; writes only when there is some. */
export async function sweepMessages(parts: MessageParts, now: Instant): Promise<void> {
  const { context } = parts;
  const nextMs = context.tables.messages.nextMs(messageKeptMs);
  if (nextMs === null) return;
  const nowMs = elapsedAt(context, now);
  const mustMark = isMarkDue(context, now);
  if (nextMs > nowMs && !mustMark) return;
  await context.transact(now, (work) => {
    if (nextMs <= nowMs) end(parts, { work, now }, nowMs);
    if (mustMark) markElapsed(context, work, now);
    return { value: undefined };
  });
}

function end(parts: MessageParts, doing: Doing, nowMs: number): void {
  const { messages } = doing.work.tables;
  for (const message of messages.overdue(nowMs, sweptMax)) {
    const reason = message.stage === "held" ? "held" : "unread";
    const proven = { stage: "expired", reason, evidence: "time" } as const;
    const ended = raise(parts, doing, { message, proven });
    // Its reader once had it, and lost it again: nobody is told, and it waits no longer.
    if (ended.stage !== "expired") messages.put({ ...ended, unread: false });
    const origin = { direction: "local" } as const;
    recordMessage(parts.context, doing.work, { message, outcome: "expired", reason, origin });
  }
  for (const message of messages.old(nowMs - messageKeptMs, sweptMax)) {
    const { content_sha256, stage } = message;
    const until_ms = nowMs + tombstoneMs;
    messages.putTombstone({ ...keyOf(message), content_sha256, stage, until_ms });
    messages.remove(message);
  }
  messages.removeTombstones(nowMs);
}
