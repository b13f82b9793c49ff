/** Guards of telling sessions of their mail, and of proving what they read. */

import type { Guard } from "./guard.ts";

const handover = "src/core/messages/handover.ts";
const ofHandovers = "test/core/messages/handover.test.ts";

/** Guards of telling sessions of their mail. */
export const deliveryGuards: readonly Guard[] = [
  {
    name: "a subagent proves no reading",
    source: handover,
    find: "if (turn.subagent) return isProof",
    replace: "if (turn.subagent && !isProof) return isProof",
    file: ofHandovers,
    test: "follow() > follow() gives back what a subagent read, and believes no subagent",
  },
  {
    name: "a session that comes back is judged by its record",
    source: handover,
    find: 'if (isBack(handover, sign)) return doubted(moved(handover, sign), "resume", nowMs);',
    replace: "",
    file: "test/core/messages/handover-histories.test.ts",
    test: "follow() and judge() give each message to a memory once, through every fault",
  },
  {
    name: "a late event of a past session takes nothing from its successor",
    source: handover,
    find: "isOpen(handover) && succeeds(sign);",
    replace: "isOpen(handover);",
    file: ofHandovers,
    test: "follow() > follow() gives the next holder what its predecessor did not surface",
  },
  {
    name: "a note that a tool has ended is no part of the conversation",
    source: "src/keeper/record-search.ts",
    find: 'if (!eventLine.test(head.toString("latin1", 0, length))) return true;',
    replace: "return true;",
    file: "test/keeper/record-search.test.ts",
    test:
      "searchRecord(), in a record of Codex, > " +
      "finds the nonce in the note that the tool has ended alone: not_there",
  },
  {
    name: "the way of mail is told to no peer without the rights",
    source: "src/daemon/delivery/ways.ts",
    find: "if (!mayKnow(peer, lease, now)) return null;",
    replace: "",
    file: "test/daemon/delivery/ways.test.ts",
    test: "a way > is told to no machine that may not ask and write, nor with a hidden state",
  },
  {
    name: "no setting and no mode of a session is told to a peer",
    source: "src/core/messages/telling.ts",
    find: 'not_wakeable: why !== null && ownObstacles.has(why) ? "closed" : why,',
    replace: "not_wakeable: why,",
    file: "test/core/messages/telling.test.ts",
    test:
      "obstacleTo() > " +
      "wayForPeer() names the missing right, and no setting or mode of a session here",
  },
  {
    name: "a session that asks nobody is not woken",
    source: "src/core/messages/telling.ts",
    find: 'if (reader.asks !== true && !unattended) return "unattended";',
    replace: "",
    file: "test/daemon/delivery/waking.test.ts",
    test: "M13 > a session in the mode bypassPermissions is not woken by a waker",
  },
  {
    name: "a turn that a hook continued is not continued again",
    source: "src/core/messages/telling.ts",
    find: "!turn.continued && mayGoOn",
    replace: "mayGoOn",
    file: "test/daemon/delivery/turns.test.ts",
    test: "a session's turn > goes on once for mail that may start a turn, and not again by itself",
  },
  {
    name: "a ring writes to a pipe alone",
    source: "src/platform/files.ts",
    find: "if (!stats.isFIFO()) throw",
    replace: "if (stats.isBlockDevice()) throw",
    file: "test/platform/ring.test.ts",
    test: "ring() refuses a file, a folder and a link, and writes nothing",
  },
  {
    name: "a search reads a file of its user alone",
    source: "src/keeper/record-search.ts",
    find: "if (!stats.isFile() || stats.uid !== process.geteuid?.()) return",
    replace: "if (!stats.isFile()) return",
    file: "test/keeper/record-search.test.ts",
    test: "searchRecord() opens no other user's record",
  },
  {
    name: "a search follows no link",
    source: "src/keeper/record-search.ts",
    find: "constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK",
    replace: "constants.O_RDONLY | constants.O_NONBLOCK",
    file: "test/keeper/record-search.test.ts",
    test: "searchRecord() proves nothing by a record that is missing, or no file",
  },
  {
    name: "a waker without a person ends at once",
    source: "src/hook/waker.ts",
    find: "if (isClaudeCodeHeadless(parts.environment)) return;",
    replace: "",
    file: "test/hook/waker.test.ts",
    test: "a waker ends at once where nobody could be woken, and leaves nothing",
  },
  {
    name: "the older waker of a session is ended",
    source: "src/daemon/delivery/wakers.ts",
    find: "if (isOlder && older.harness === waker.harness) endWaker(context, work, older);",
    replace: "",
    file: "test/daemon/delivery/waking.test.ts",
    test: "an idle session > is woken by one line to its newest waker, as its sender learns",
  },
];
