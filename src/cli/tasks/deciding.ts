/** `peernet task approve` and `task refuse`: a person decides about a task that would run here. */

import { PeernetError } from "../../contract/errors.ts";
import type { TaskOutput } from "../../contract/tasks/local.ts";
import { limitsText, networkText, stateText } from "../../contract/tasks/words.ts";
import { started, withKeeper } from "../../session/started.ts";
import { command } from "../frame/command.ts";
import type { Io } from "../terminal/io.ts";
import { note, noteBlock, noteLines, printJson, printLine, prompt } from "../terminal/output.ts";
import { documentOf, nameOf } from "./words.ts";

/** Shows a held task whole, and lets it run as shown. */
export const approve = command({
  flags: {},
  examples: ["peernet task approve 4c1e"],
  async run({ io, words: [task = ""], json }) {
    const shown = await started(io, () => io.calls()["tasks/show"]({ task }));
    const { document_sha256, decision_sha256 } = shown;
    if (shown.task.state !== "held" || decision_sha256 === null) throw notHeld(shown);
    noteWhole(io, shown);
    if (!io.terminal().stdin) throw noTerminal(task);
    const answer = await prompt(io, "let it run here? [y, or n] ");
    if (answer === null || !/^(y|yes)$/i.test(answer.trim())) {
      note(io, "it still waits; peernet task refuse ends it");
      return 1;
    }
    const id = { task: shown.task.task_id };
    const seen = { ...id, document_sha256, decision_sha256 };
    const output = await withKeeper(io, () => io.calls()["tasks/approve"](seen));
    if (json) printJson(io, output);
    else printLine(io, `approved: ${nameOf(output.task)} ${stateText(output.task)}`);
    return 0;
  },
});

/** Refuses a task that has not started. */
export const refuse = command({
  flags: {},
  examples: ["peernet task refuse 4c1e", 'peernet task refuse 4c1e "not today"'],
  async run({ io, words: [task = "", ...words], json }) {
    const reason = words.length === 0 ? null : words.join(" ");
    const output = await started(io, () => io.calls()["tasks/refuse"]({ task, reason }));
    if (json) printJson(io, output);
    else printLine(io, `refused: ${output.task.peer} is told`);
    return 0;
  },
});

const noTerminal = (task: string): PeernetError =>
  new PeernetError("not_a_person", {
    message: "without a terminal nobody can approve a task",
    hint: `type it in a terminal; over ssh: ssh -t MACHINE peernet task approve ${task}`,
  });

const notHeld = ({ task }: TaskOutput): PeernetError =>
  new PeernetError("task_state", {
    message: `${task.name} waits for nobody here: ${stateText(task)}`,
    hint: "peernet tasks",
  });

/** Everything that an approval binds, on stderr beside the question. */
function noteWhole(io: Io, shown: TaskOutput): void {
  const { task, decision } = shown;
  const document = documentOf(shown);
  const { handle, person } = task.asked_by;
  const asked = handle ?? (person ? "a person there" : "a session there");
  const rows: (readonly [string, string])[] = [
    ["machine", `${task.peer}: ${asked}${person && handle !== null ? ", a person" : ""}`],
    ["round", String(task.round)],
  ];
  if (decision !== null) {
    const { path, base, profile, program, rules } = decision;
    const { runner, version, argv } = program;
    rows.push(
      [decision.kind, path],
      ...(base === null ? [] : ([["commit", base]] as const)),
      ["profile", profile],
      ["runner", runner === null ? "none: a command of the policy" : `${runner} ${version ?? ""}`],
      ["program", `${program.path} sha256:${program.sha256.slice(0, 12)}…`],
      ["words", argv.join(" ")],
      ["limits", limitsText(decision)],
      ["network", networkText(decision)],
      ["rules", rules.join(", ")],
    );
  }
  const cells = rows.map(([name, text]) => ({ cells: [name, text], indent: 2 }));
  note(io, `task ${nameOf(task)}`);
  noteBlock(io, cells, [{ gap: 3 }]);
  const text = document?.prompt ?? null;
  note(io, text === null ? "no prompt: a fixed command" : "the whole prompt, as data:");
  if (text !== null)
    noteLines(
      io,
      text.split("\n").map((line) => `  ${line}`),
    );
}
