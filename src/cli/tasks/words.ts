/** Lines about a task in a terminal. */

import { refusalLines } from "../../contract/tasks/gates.ts";
import type { RunOutput, ShownTask, TaskOutput, TaskReport } from "../../contract/tasks/local.ts";
import type { TaskDocument, TaskResult } from "../../contract/tasks/task.ts";
import { TaskDocument as Document } from "../../contract/tasks/task.ts";
import { claimText, endText, measuredParts, stateText } from "../../contract/tasks/words.ts";
import { shortId } from "../../contract/text/ids.ts";
import { fileLine } from "../../contract/text/printable.ts";
import { ago } from "../../contract/text/words.ts";
import type { Io } from "../terminal/io.ts";
import { note, printBlock, printFileLines, printLine, type Row } from "../terminal/output.ts";

/** The first line about a task that was handed over. */
export function headText({ task, base }: RunOutput): string {
  const from = base === null ? "" : ` · from ${base.slice(0, 7)}`;
  return `task ${nameOf(task)}${from} · ${stateText(task)}`;
}

/** A task's name with its short id, as people type either. */
export const nameOf = ({ name, task_id }: ShownTask): string => `${name} (${shortId(task_id, [])})`;

/** The document of a task, which was validated when it came; null for one of a later version. */
export function documentOf({ document }: Pick<TaskOutput, "document">): TaskDocument | null {
  try {
    return Document.safeParse(JSON.parse(document)).data ?? null;
  } catch {
    return null;
  }
}

/** Prints a result: what was measured, apart from what the runner claims. */
export function printResult(io: Io, report: Omit<TaskReport, "states">) {
  const { result, ref, root, home } = report;
  if (result === null) return;
  printLine(io, endText(result));
  printBlock(io, resultRows(result), [{ gap: 3 }]);
  if (home !== null) {
    printLine(io, `its commit is not here: ${fileLine(home.says)}`);
    note(io, home.fix);
  }
  if (ref !== null) {
    const rows: Row[] = [{ cells: ["here", ref], indent: 2 }];
    if (root !== null) rows.push({ cells: ["in", root], indent: 2 });
    rows.push({ cells: ["look", `git diff HEAD...${ref}`], indent: 2 });
    printBlock(io, rows, [{ gap: 3, min: 8 }]);
  }
}

function resultRows({ measured, claims }: TaskResult): readonly Row[] {
  const claim = claimText(claims);
  const lines = claim === null ? ["nothing"] : claim.split("\n").map(fileLine);
  const denied = claims.denials.length === 0 ? [] : [`refused tools: ${claims.denials.join(", ")}`];
  return [
    { cells: ["measured", measuredParts(measured).join(" · ")], indent: 2 },
    ...[...lines, ...denied].map((line, at) => ({
      cells: [at === 0 ? "claims" : "", line],
      indent: 2,
    })),
  ];
}

/** Tells which gate refused a task, and the line that opens it. */
export function noteRefusal(io: Io, task: ShownTask): void {
  const [says, fix] = refusalLines(task) ?? [];
  if (says === undefined || fix === undefined) return;
  note(io, `peernet: error: ${says}`);
  note(io, `peernet: hint: ${fix}`);
}

/** Prints a task's states, the oldest first. */
export function printStates(io: Io, { states, task }: Pick<TaskReport, "states" | "task">): void {
  const rows = states.map(({ round, state, reason, age_ms }) => ({
    cells: [`round ${round}`, stateText({ ...task, state, reason }), ago(age_ms)],
    indent: 2,
  }));
  printBlock(io, rows, [{ gap: 3 }, { gap: 3 }]);
}

/** Prints a prompt whole, as data. */
export function printPrompt(io: Io, prompt: string | null): void {
  printLine(io, prompt === null ? "no prompt: a fixed command" : "the whole prompt:");
  if (prompt !== null)
    printFileLines(
      io,
      prompt.split("\n").map((line) => `  ${line}`),
    );
}
