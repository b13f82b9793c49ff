/** Finds the message that a person means by an id, or by the ending of one. */

import { PeernetError } from "../../contract/errors.ts";
import type { Message } from "../../core/messages/message.ts";
import type { Tables } from "../../store/database.ts";

/**
 * The message with an id or an ending of one. Between sessions of this machine one id is in both
 * directions: the preferred one is found. @throws {id_unknown} {id_several}
 */
export function foundMessage(
  { messages }: Pick<Tables, "messages">,
  typed: string,
  preferred: Message["direction"],
): Message {
  const all = messages.alike(typed);
  const ids = new Set(all.map(({ message_id }) => message_id));
  if (ids.size > 1) {
    throw new PeernetError("id_several", { hint: "type more of it, as peernet inbox shows it" });
  }
  const found = all.find(({ direction }) => direction === preferred) ?? all[0];
  if (found !== undefined) return found;
  throw new PeernetError("id_unknown", {
    message: "no message here has that id",
    hint: "peernet inbox --all",
  });
}
