/** `peernet tasks`: the tasks that this machine asked for, and those that others ask of it. */

import type { ShownTask } from "../../contract/tasks/local.ts";
import { isOpen, stateText, stateWords } from "../../contract/tasks/words.ts";
import { shortId } from "../../contract/text/ids.ts";
import { ageText, ago } from "../../contract/text/words.ts";
import { started } from "../../session/started.ts";
import { type Context, command } from "../frame/command.ts";
import type { Flags } from "../frame/flags.ts";
import { isPerson } from "../frame/sender.ts";
import type { Io } from "../terminal/io.ts";
import { note, printJson, printTable, type Row } from "../terminal/output.ts";

const flags = {
  all: { kind: "switch", summary: "with tasks that have ended" },
} as const satisfies Flags;

/** Lists tasks, those that wait for a person here first. */
export const tasks = command({
  flags,
  examples: ["peernet tasks", "peernet tasks --all"],
  async run({ io, flags: { all }, json }: Context<typeof flags>) {
    const output = await started(io, () => io.calls().tasks({ all }));
    // A keeper that was killed left its tasks to their supervisors: another one notes their ends.
    if (output.tasks.some(isHosted)) await io.ensureKeeper();
    if (json) printJson(io, output);
    else if (output.tasks.length === 0) note(io, all ? none : noneOpen);
    else printTasks(io, output.tasks, await isPerson(io));
    if (!json && output.more) note(io, "and more: peernet tasks --all --json");
    return 0;
  },
});

const isHosted = ({ direction, state }: ShownTask): boolean => direction === "in" && isOpen(state);

const none = "no task here; one begins with: peernet run MACHINE:REPOSITORY";
const noneOpen = "no task goes on; those that have ended: peernet tasks --all";

const heads: Row = {
  cells: ["ID", "NAME", "", "FOR", "PROFILE", "STATE", "SINCE"].map((text) => ({
    ...{ text, style: "dim" },
  })),
};
const columns = [{ gap: 2 }, { gap: 2, max: 31 }, { gap: 2 }, { gap: 2, max: 40 }, { gap: 2 }];

function printTasks(io: Io, all: readonly ShownTask[], person: boolean): void {
  const ids = all.map(({ task_id }) => task_id);
  const isWaiting = ({ direction, state }: ShownTask) => direction === "in" && state === "held";
  const sorted = [...all.filter(isWaiting), ...all.filter((task) => !isWaiting(task))];
  const rows = sorted.map((task): Row => {
    const id = shortId(task.task_id, ids);
    const { peer, repository, direction, state, round } = task;
    const decides = person && isWaiting(task);
    const words = state === "held" ? stateText(task) : stateWords[state];
    return {
      cells: [
        { text: id, style: "bold" },
        task.name,
        direction === "out" ? "→" : "←",
        `${peer}:${repository}`,
        round === 1 ? task.profile : `${task.profile}, round ${round}`,
        state === "held" ? { text: words, style: "warning" } : words,
        direction === "out" ? `known ${ago(task.state_age_ms)}` : ageText(task.state_age_ms),
        ...(decides ? [`peernet task approve ${id}`] : []),
      ],
    };
  });
  printTable(io, [heads, ...rows], [...columns, { gap: 2 }, { gap: 2 }]);
}
