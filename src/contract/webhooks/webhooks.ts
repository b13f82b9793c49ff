/** The errand by which the keeper tells a program of this user of an event. */

import { z } from "zod";
import { Id, Path, text } from "../terms.ts";
import { webhookBodyBytesMax, webhookUrlMax } from "./limits.ts";

/** The words that choose events in the settings. */
export const webhookEvents = ["message", "session", "peer", "task"] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

/** A socket of the user, or a port of this machine. */
export const WebhookUrl = z
  .string()
  .max(webhookUrlMax)
  .regex(
    /^(unix:(\/|~\/)[^\0?#]+|http:\/\/(127\.0\.0\.1|\[::1\]):[1-9][0-9]{0,4}(\/[\x21-\x7e]*)?)$/,
    { error: "a webhook is unix:/PATH, or http://127.0.0.1:PORT/PATH or http://[::1]:PORT/PATH" },
  );

/** The reason why a webhook did not take an event. */
export const WebhookFailure = z.enum([
  /** Nothing answers there, or not in time. */
  "unreached",
  /** The socket or its folder belongs to another user, or another user can change it. */
  "unsafe",
  /** Another user's program listens at the port. */
  "not_ours",
  /** The program did not prove that it knows the secret. */
  "unproven",
  /** The file of the secret is missing, another user's, or holds no secret. */
  "secret",
  /** The program answered with another status than 2xx. */
  "refused",
]);
export type WebhookFailure = z.infer<typeof WebhookFailure>;

export const WebhookErrand = z.object({
  url: WebhookUrl,
  /** The file of the secret; null for a socket whose events are not signed. */
  secret_file: Path.nullable(),
  /** The same at each attempt: the program takes an event once. */
  event_id: Id,
  body: text(webhookBodyBytesMax),
});
export type WebhookErrand = z.infer<typeof WebhookErrand>;

export const WebhookEnd = z.object({
  /** Null when the program took the event. */
  why: WebhookFailure.nullable(),
  status: z.int().min(100).max(999).nullable(),
});
export type WebhookEnd = z.infer<typeof WebhookEnd>;
