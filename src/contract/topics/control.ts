/** Rows of the control table about subscriptions to topics. */

import { nothing, people } from "../control/rows.ts";
import type { Table } from "../operation/operation.ts";
import { SubscribeInput, SubscribeOutput, SubscriptionsOutput } from "./topics.ts";

const errors = ["bad_request", "no_handle"] as const;

/** Rows about subscriptions. */
export const topicRows = {
  "topics/subscribe": {
    kind: "call",
    surfaces: people,
    summary: "Receive a topic's messages, in the caller's mailbox.",
    input: SubscribeInput,
    output: SubscribeOutput,
    errors: [...errors, "topic_limit"],
  },
  "topics/unsubscribe": {
    kind: "call",
    surfaces: people,
    summary: "Receive a topic's messages no more.",
    input: SubscribeInput,
    output: SubscribeOutput,
    errors,
  },
  topics: {
    kind: "call",
    surfaces: people,
    summary: "The subscriptions of this machine, and who may send to each.",
    input: nothing,
    output: SubscriptionsOutput,
    errors: [],
  },
} as const satisfies Table;
