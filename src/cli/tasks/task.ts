/** `peernet task show|stop|fetch|discard`: one task, and acts on it. */

import type { Control } from "../../contract/control.ts";
import type { Calls } from "../../contract/operation/operation.ts";
import { taskGitMs } from "../../contract/tasks/limits.ts";
import { stateText } from "../../contract/tasks/words.ts";
import { started, withKeeper } from "../../session/started.ts";
import { command } from "../frame/command.ts";
import { isPerson } from "../frame/sender.ts";
import type { Io } from "../terminal/io.ts";
import { note, printBlock, printJson, printLine } from "../terminal/output.ts";
import { documentOf, nameOf, noteRefusal, printPrompt, printResult, printStates } from "./words.ts";

/** Shows a task. The prompt of a held one is for a person alone. */
export const show = command({
  flags: {},
  examples: ["peernet task show loader"],
  async run({ io, words: [task = ""], json }) {
    const shown = await started(io, () => io.calls()["tasks/show"]({ task }));
    const isHidden = shown.task.state === "held" && !(await isPerson(io));
    if (json) {
      printJson(io, isHidden ? { ...shown, document: "a person has to look" } : shown);
      return 0;
    }
    const { peer, repository, profile, runner, direction } = shown.task;
    const who = direction === "out" ? `asked of ${peer}` : `${peer} asks this machine`;
    const row = (name: string, text: string) => ({ cells: [name, text], indent: 2 });
    printLine(io, `task ${nameOf(shown.task)}: ${stateText(shown.task)}`);
    printBlock(
      io,
      [
        row("who", who),
        row("for", `${repository}, ${profile}${runner === null ? "" : ` by ${runner}`}`),
      ],
      [{ gap: 3 }],
    );
    printStates(io, shown);
    if (!isHidden) printPrompt(io, documentOf(shown)?.prompt ?? null);
    printResult(io, shown);
    noteRefusal(io, shown.task);
    return 0;
  },
});

type Acting = Pick<Calls<Control>, "tasks/stop" | "tasks/discard">;

/** A command that acts on a task, and says what it then is. */
const acting = (row: keyof Acting, saying: string) =>
  command({
    flags: {},
    examples: [`peernet task ${row.slice("tasks/".length)} loader`],
    async run({ io, words: [task = ""], json }) {
      const output = await started(io, () => io.calls()[row]({ task }));
      if (json) printJson(io, output);
      else printLine(io, `${nameOf(output.task)}: ${saying}; ${stateText(output.task)}`);
      return 0;
    },
  });

/** Stops a task. */
export const stop = acting("tasks/stop", "asked to stop");
/** Removes an ended task. */
export const discard = acting("tasks/discard", "removed");

/** Brings a task's commit home. */
export const fetch = command({
  flags: {},
  examples: ["peernet task fetch loader"],
  async run({ io, words: [task = ""], json }) {
    const silenceMs = taskGitMs;
    const bring = () => io.calls()["tasks/fetch"]({ task }, { silenceMs });
    const output = await withKeeper(io, () => started(io, bring));
    if (json) printJson(io, output);
    else if (output.ref === null) note(io, `${nameOf(output.task)} has no commit`);
    else printHere(io, output.ref, output.root);
    return output.ref === null ? 1 : 0;
  },
});

function printHere(io: Io, ref: string, root: string | null): void {
  printLine(io, ref);
  if (root !== null) note(io, `in ${root}`);
  note(io, `to look: git diff HEAD...${ref}`);
}
