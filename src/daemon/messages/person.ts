/** Notes a person's act at a handle: its budgets and hops begin again, and held back mail wakes. */

import type { Message } from "../../core/messages/message.ts";
import { elapsedAt } from "../context/elapsed.ts";
import type { Doing, MessageParts } from "./parts.ts";

/** Notes that a person acted at a handle; the person's own mailbox has no budgets. */
export function personActed(
  { context }: Pick<MessageParts, "context">,
  { work, now }: Doing,
  name: Message["name"],
): void {
  if (name === null) return;
  work.tables.mailboxes.putPersonMs(name, elapsedAt(context, now));
}
