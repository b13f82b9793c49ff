/** A stored message, made up. */

import type { Message } from "../../src/core/messages/message.ts";

/** An unread message from mini for the handle api, with what differs. */
export const message = (message_id: string, more: Partial<Message> = {}): Message => ({
  direction: "in",
  fingerprint: "a",
  message_id,
  thread_id: "t",
  reply_to: null,
  peer_name: "mini",
  name: "api",
  tree: "/src",
  other: "web",
  by: "session",
  topic: null,
  sent_id: null,
  text: `text of ${message_id}`,
  salt: "salt",
  content_sha256: "0",
  hops: 0,
  quiet: false,
  waking: "grant",
  stage: "stored",
  reason: null,
  version: 1,
  told: 1,
  next: null,
  unread: true,
  handover: null,
  stored_at_ms: 1,
  stored_ms: 10,
  expires_ms: 100,
  ...more,
});
