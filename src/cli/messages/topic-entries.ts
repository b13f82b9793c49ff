/** The commands about topics. */

import type { Entry } from "../frame/command.ts";

/** Commands about topics, in the order of help. */
export const topicEntries: readonly Entry[] = [
  {
    name: "subscribe",
    words: "TOPIC",
    summary: "receives a topic's messages in this session's mailbox, or in yours",
    load: async () => (await import("./topics.ts")).subscribe,
  },
  {
    name: "unsubscribe",
    words: "TOPIC",
    summary: "receives a topic's messages no more",
    load: async () => (await import("./topics.ts")).unsubscribe,
  },
  {
    name: "subscriptions",
    words: "",
    summary: "shows the topics of this machine, who receives each, and who may send to it",
    load: async () => (await import("./topics.ts")).subscriptions,
  },
];
