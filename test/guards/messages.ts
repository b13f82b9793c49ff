/** Guards of mail: who may leave it, what a model is spared, and what is claimed of it. */

import type { Guard } from "./guard.ts";

const arrival = "test/core/messages/arrival.test.ts";
const limits = "test/daemon/messages/limits.test.ts";

/** Guards of mail. */
export const messageGuards: readonly Guard[] = [
  {
    name: "a message that needs a grant has it",
    source: "src/core/messages/arrival.ts",
    find: "if (needsGrant && !source.verdict.permitted) {",
    replace: "if (needsGrant && !source.verdict.permitted && arriving.hops < 0) {",
    file: arrival,
    test: "arrive() takes an answer without a grant",
  },
  {
    name: "a message waits for a person where the grant holds it",
    source: "src/core/messages/arrival.ts",
    find: "const isHeld = needsGrant && source.holds && !isPersons;",
    replace: "const isHeld = needsGrant && source.holds && isPersons;",
    file: arrival,
    test: "arrive() takes what the grant permits, and holds it",
  },
  {
    name: "hops of a chain without a person are spent",
    source: "src/core/messages/arrival.ts",
    find: "if (!isPersons && areHopsSpent(arriving.hops)) {",
    replace: "if (isPersons && areHopsSpent(arriving.hops)) {",
    file: arrival,
    test: "arrive() refuses an unknown handle, an old message, spent hops",
  },
  {
    name: "a message over a budget starts nothing",
    source: "src/core/messages/arrival.ts",
    find: 'waking === "never" || (!isPersons && isOverBudget(arriving.taken))',
    replace: 'waking === "never" || (isPersons && isOverBudget(arriving.taken))',
    file: arrival,
    test: "arrive() makes a message over a budget quiet",
  },
  {
    name: "a handle from before the grant is unknown",
    source: "src/core/messages/mailbox.ts",
    find: "return grantedForMs === null || agoMs <= grantedForMs;",
    replace: "return grantedForMs === null || agoMs >= 0;",
    file: arrival,
    test: "mayKnow() knows a live handle",
  },
  {
    name: "a topic outside of the grant is unknown",
    source: "src/core/topics/topics.ts",
    find: "const isNamed = grants.mine || entry.names?.includes(topicEntry(topic)) === true;",
    replace: "const isNamed = grants.mine || entry.names === null || topicEntry(topic) !== topic;",
    file: "test/daemon/messages/topic-attacks.test.ts",
    test: "a topic outside of the grant is answered like one without a subscriber",
  },
  {
    name: "a topic's text leaves for its subscribers alone",
    source: "src/daemon/messages/kinds.ts",
    find: "      if (!isAwaited) {",
    replace: "      if (!isAwaited && now.wallMs < 0) {",
    file: "test/daemon/messages/topics.test.ts",
    test: "a topic's message to a machine that is away does not leave",
  },
  {
    name: "a model writes to the machines of the setting alone",
    source: "src/core/messages/outbound.ts",
    find: 'if (by === "person" || isNamed) return accept(undefined);',
    replace: "if (by || isNamed) return accept(undefined);",
    file: arrival,
    test: "letOut() lets a person write to every peer",
  },
  {
    name: "an id with another text or reader changes nothing",
    source: "src/daemon/messages/incoming/answering.ts",
    find: 'return isSame && isSameReader ? accept("repeated") : refuse("id_conflict");',
    replace: 'return isSame || isSameReader ? accept("repeated") : refuse("id_conflict");',
    file: limits,
    test: "an id that was used before with another text or reader is refused",
  },
  {
    name: "a grant of handles does not name the person",
    source: "src/daemon/messages/incoming/taking.ts",
    find: 'permits(grants, { scope: "message", name: to ?? "" }, at)',
    replace: 'permits(grants, { scope: "message", name: to }, at)',
    file: limits,
    test: "what a peer learns a handle that never was",
  },
  {
    name: "a coding agent's message is never a person's",
    source: "src/daemon/messages/outgoing/senders.ts",
    find: 'const isTyped = by === "person" && found.value.harness === shell;',
    replace: 'const isTyped = by === "person";',
    file: "test/daemon/messages/endless.test.ts",
    test: "as if a person typed it in a shell of the agent, from one message",
  },
];
