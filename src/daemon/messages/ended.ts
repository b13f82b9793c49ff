/** Leaves the end of a task in the mailbox of the session or person that asked for it. */

import { messageLifeMs, saltBytes } from "../../contract/messages/limits.ts";
import { base64url } from "../../contract/text/encoding.ts";
import { contentDigest } from "../../core/messages/content.ts";
import type { Message } from "../../core/messages/message.ts";
import { elapsedAt } from "../context/elapsed.ts";
import type { Tidings } from "../context/ports.ts";
import type { MessageParts } from "./parts.ts";
import { begin } from "./stages.ts";

/** Makes the tidings of a daemon. They need no grant: they answer a session's own task. */
export const tidingsIn = ({ context, notices }: MessageParts): Tidings => ({
  ended: (work, { peer, task_id, mailbox, text, wakes }, now) => {
    const { random, sha256 } = context.effects;
    const nowMs = elapsedAt(context, now);
    const salt = base64url(random.bytes(saltBytes));
    const message: Message = {
      ...{ direction: "in", fingerprint: peer.fingerprint, message_id: random.uuid() },
      ...{
        thread_id: task_id,
        reply_to: null,
        topic: null,
        sent_id: null,
        peer_name: peer.name,
        ...mailbox,
        other: null,
      },
      ...{ by: "session", text, salt, content_sha256: contentDigest({ text, salt }, sha256) },
      ...{ hops: 0, quiet: false, waking: wakes ? "always" : "never", stage: "stored" },
      ...{ reason: null, version: 1, told: 1, next: null, unread: true, handover: null },
      ...{ stored_at_ms: Math.floor(now.wallMs), stored_ms: nowMs },
      expires_ms: nowMs + messageLifeMs,
    };
    begin(work, message, "task");
    work.after(() => notices.arrived(mailbox));
  },
});
