/** Guards of delegated tasks: who may run what here, who decides, and what ends it. */

import type { Guard } from "./guard.ts";

const hosted = "test/daemon/tasks/hosted.test.ts";
const tasks = "test/daemon/tasks/tasks.test.ts";
const crashes = "test/daemon/tasks/crashes.test.ts";

/** Guards of tasks. */
export const delegatedGuards: readonly Guard[] = [
  {
    name: "an approval is judged again by what the row holds then",
    source: "src/daemon/tasks/hosted/approving.ts",
    find: 'if (!isShown(row, input)) return { value: refuse("task_state", changed(row)) };',
    replace: "",
    file: crashes,
    test: "two approvals of one sight do not approve what neither person saw",
  },
  {
    name: "a stop of a machine that may run nothing is not recorded",
    source: "src/daemon/delegating.ts",
    find: "const mayRun = !peer.grants.paused && mayRunAny(parts, peer);",
    replace: "const mayRun = mayRunAny(parts, peer) || peer.fingerprint !== null;",
    file: crashes,
    test: "a stop by a machine that may run nothing any more leaves no record",
  },
  {
    name: "a stop that comes first uses its task's id up",
    source: "src/daemon/delegating.ts",
    find: "if (row === null && mayRun && !isInTrail(work.tables, taskId)) {",
    replace: "if (row !== null && mayRun && !isInTrail(work.tables, taskId)) {",
    file: crashes,
    test: "a stop that comes before its task leaves nothing to start",
  },
  {
    name: "a machine of others is held at each round",
    source: "src/core/tasks/deciding.ts",
    find: 'if (!isMine) return "each";',
    replace: 'if (!isMine) return "none";',
    file: hosted,
    test: "P76: ",
  },
  {
    name: "a program that changed since its approval is held again",
    source: "src/daemon/tasks/hosted/starting.ts",
    find: "if (isHeld(parts, work, { task: row, approval, decision, decision_sha256 })) {",
    replace:
      "if (isHeld(parts, work, { task: row, approval, decision, decision_sha256 }) && !row) {",
    file: tasks,
    test: "held again when a program changed before its start",
  },
  {
    name: "an approval is of what was shown",
    source: "src/daemon/tasks/hosted/approving.ts",
    find: "task.decision_sha256 === input.decision_sha256;",
    replace: "task.decision_sha256 !== null;",
    file: tasks,
    test: "an approval of other digests",
  },
  {
    name: "a lost round is never run again",
    source: "src/daemon/tasks/hosted/seeing.ts",
    find: 'return endRound(parts, at, { state: "lost", reason: "supervisor" });',
    replace: 'return moved(parts, at, { state: "accepted" });',
    file: hosted,
    test: "a supervisor that is gone without a result is lost",
  },
  {
    name: "a round is stopped at its own asker's word alone",
    source: "src/daemon/delegating.ts",
    find: 'if (row?.fingerprint !== peer.fingerprint) return refuse("id_unknown");',
    replace: 'if (row === null) return refuse("id_unknown");',
    file: hosted,
    test: "P79: ",
  },
  {
    name: "a machine that may run nothing any more learns the state alone",
    source: "src/daemon/tasks/kinds.ts",
    find: "if (reason !== null || result === null || blob === null) {",
    replace: "if (result === null || blob === null) {",
    file: hosted,
    test: "of a machine that may run nothing any more",
  },
  {
    name: "an id that the trail has is no new task",
    source: "src/daemon/tasks/hosted/submitting.ts",
    find: "const isRecorded = latest !== null || isInTrail(tables, task_id);",
    replace: "const isRecorded = latest !== null;",
    file: crashes,
    test: "an id that the trail has",
  },
];
