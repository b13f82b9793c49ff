/** Decides the next thing that happens to a stored message, and whether it may start a turn. */

import type { Next } from "../../../contract/messages/message.ts";
import { permits } from "../../../core/grants.ts";
import { wakesInMs } from "../../../core/messages/budgets.ts";
import type { Message } from "../../../core/messages/message.ts";
import { elapsedAt } from "../../context/elapsed.ts";
import type { Doing, MessageParts } from "../parts.ts";

type Parts = Pick<MessageParts, "context" | "notices">;

/** The next thing that happens to a message; null when nothing is known of its session. */
export function nextOf(parts: Parts, doing: Doing, message: Message): Next | null {
  const { name, tree } = message;
  if (name === null || message.stage !== "stored") return null;
  const way = parts.notices.wayTo(doing.work, { name, tree }, doing.now);
  if (way === null) return null;
  const isTold = way.next !== "inbox" && way.next !== "call";
  if (message.quiet && isTold) return "quiet";
  if (way.next !== "wake") return way.next;
  const wakes = doing.work.tables.mailboxes.wakes(name);
  const isAllowed = wakesInMs(wakes, elapsedAt(parts.context, doing.now)) === 0;
  return isAllowed && mayWake(parts, doing, message) ? "wake" : "prompt";
}

/** True when a message may start a turn, by the grant and the setting of this instant. */
export function mayWake(
  { context }: Pick<Parts, "context">,
  { work, now }: Doing,
  { name, quiet, waking, fingerprint }: Message,
): boolean {
  if (quiet || waking === "never" || context.config.messages.wake === "never") return false;
  if (waking === "always") return true;
  const peer = work.tables.peers.get(fingerprint);
  return peer !== null && permits(peer.grants, { scope: "wake", name }, now).permitted;
}
