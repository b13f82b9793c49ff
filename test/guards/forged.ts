/** Guards of messages against a peer that forges them, and of what a model gets. */

import type { Guard } from "./guard.ts";

/** Guards of messages against forgery. */
export const forgedGuards: readonly Guard[] = [
  {
    name: "a handle outside of the grant is unknown to a sender",
    source: "src/core/messages/arrival.ts",
    find: 'if (!arriving.isKnown && !isReply) return refuse("handle_unknown");',
    replace: 'if (arriving.hops < 0) return refuse("handle_unknown");',
    file: "test/daemon/messages/attacks.test.ts",
    test: "P57: A message to a handle that its sender may not see is answered like one",
  },
  {
    name: "a spent budget makes a message quiet",
    source: "src/core/messages/budgets.ts",
    find: "sincePerson >= messagesAlone || thread >= threadAlone;",
    replace: "sincePerson < 0 || thread < 0;",
    file: "test/daemon/messages/attacks.test.ts",
    test: "P60: Hops, threads and budgets count what the receiver stored",
  },
  {
    name: "answers to answers end without a person",
    source: "src/core/messages/budgets.ts",
    find: "export const areHopsSpent = (hops: number): boolean => hops > hopsMax;",
    replace: "export const areHopsSpent = (hops: number): boolean => hops > 1_000 * hopsMax;",
    file: "test/daemon/messages/loops.test.ts",
    test: "P62: Without a person's act a handle takes 48 messages that start something",
  },
  {
    name: "a full mailbox takes no message more",
    source: "src/core/messages/arrival.ts",
    find: "if (waiting.mailbox >= mailboxMax || waiting.all >= mailboxesMax)",
    replace: "if (waiting.mailbox < 0 && waiting.all >= mailboxesMax + mailboxMax)",
    file: "test/daemon/messages/attacks.test.ts",
    test: "P61: A flood of messages fills one mailbox to 200",
  },
  {
    name: "a stage rises and never falls",
    source: "src/core/messages/stages.ts",
    find: "return rank[to] > rank[from];",
    replace: "return rank[to] !== rank[from];",
    file: "test/daemon/messages/answers.test.ts",
    test: "P59: Only the receiving machine raises the stage of a message",
  },
  {
    name: "a text reaches a model cleaned, line by line",
    source: "src/mcp/result.ts",
    find: '.map(printable).join("\\n");',
    replace: '.join("\\n");',
    file: "test/mcp/messages.test.ts",
    test: "read_messages no control, bidi or tag character of a text reaches the model",
  },
  {
    name: "a rule of the user decides about a tool",
    source: "src/harness/allowed.ts",
    find: ".filter((tool) => !isDecided(text, tool))",
    replace: ".filter((tool) => tool.length > 0)",
    file: "test/harness/allowed.test.ts",
    test: "withAllowed() leaves a tool alone about which a rule of the user decides",
  },
];
