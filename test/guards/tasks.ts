/** Guards of the rooms in which tasks run, and of the commits that come from them. */

import type { Guard } from "./guard.ts";

const canaries = {
  file: "test/keeper/tasks/canaries.test.ts",
  source: "src/keeper/tasks/run/room.ts",
  test: "tryRunCanaries() P72: A task runs only after every way out was found shut",
};
const bundles = {
  file: "test/keeper/tasks/hostile-bundle.test.ts",
  source: "src/keeper/tasks/git/import.ts",
  test: "importResult() P75: A commit comes home only as one ref on the base that was sent",
};

/** Guards by which a task reaches nothing, and brings home what was asked for. */
export const taskGuards: readonly Guard[] = [
  {
    ...{ name: "the room of a run cannot be written", ...canaries },
    find: '...["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", chdir],',
    replace: '...["--remount-ro", "/dev", "--chdir", chdir],',
  },
  {
    ...{ name: "a result holds files and links alone", ...bundles },
    find: "if (!plainModes.has(mode)) return",
    replace: "if (false) return",
  },
  {
    ...{ name: "a link of a result stays in its tree", ...bundles },
    find: "if (target === null || leadsOut(path, target)) {",
    replace: "if (target === null) {",
  },
  {
    ...{ ...bundles, name: "git checks each object that comes from elsewhere" },
    source: "src/keeper/tasks/git/quarantine.ts",
    find: '"--fix-thin", "--strict", `--max',
    replace: '"--fix-thin", `--max',
  },
  {
    name: "a task is approved at a terminal, not by a pipe",
    source: "src/cli/tasks/deciding.ts",
    find: "if (!io.terminal().stdin) throw noTerminal(task);",
    replace: "",
    file: "test/cli/tasks/deciding.test.ts",
    test: "approves nothing without a terminal, as over ssh, and says how to get one",
  },
  {
    name: "the first process of a room gets no path in its words",
    source: "src/keeper/tasks/run/run.ts",
    find: 'const fixed = [bwrap, "--args", "4", "--info-fd", "3", executableInside, "inside"];',
    replace: 'const fixed = [bwrap, ...words, "--info-fd", "3", executableInside, "inside"];',
    file: "test/keeper/tasks/folder-task.test.ts",
    test: "names no path of this machine in the words and variables of any process",
  },
  {
    name: "a task's program gets no descriptor of ours",
    source: "src/keeper/tasks/run/canaries.ts",
    find: 'call("socket", 2, 1 | closeOnExec, 0)',
    replace: 'call("socket", 2, 1, 0)',
    file: "test/keeper/tasks/folder-task.test.ts",
    test: "names no path of this machine in the words and variables of any process",
  },
];
