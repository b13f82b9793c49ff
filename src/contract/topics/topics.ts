/** Subscriptions to topics, as sessions and people make them and see them. */

import { z } from "zod";
import { Sender } from "../messages/sending.ts";
import { Name } from "../terms.ts";
import { subscribersMax, topicsMax } from "./limits.ts";

export const SubscribeInput = z.object({ topic: Name, from: Sender });
export const SubscribeOutput = z.object({
  topic: Name,
  /** The subscribed handle; null for this machine's person. */
  mailbox: Name.nullable(),
  /** False when nothing changed: it was so before. */
  changed: z.boolean(),
});
export type SubscribeOutput = z.infer<typeof SubscribeOutput>;

/** A subscription of this machine. */
export const Subscription = z.object({
  topic: Name,
  /** The handle that receives the topic's messages; null for this machine's person. */
  mailbox: Name.nullable(),
  /** The machines whose messages to the topic are taken here. */
  senders: z.array(Name),
});
export type Subscription = z.infer<typeof Subscription>;

export const SubscriptionsOutput = z.object({
  /** By topic; in each the person first. */
  subscriptions: z.array(Subscription).max(topicsMax * subscribersMax),
});
export type SubscriptionsOutput = z.infer<typeof SubscriptionsOutput>;
