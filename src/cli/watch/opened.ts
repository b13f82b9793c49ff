/** The facts of a chosen row, as lines in place of the list. */

import { PeernetError } from "../../contract/errors.ts";
import type { ShownMessage } from "../../contract/messages/inbox.ts";
import { stageShort } from "../../contract/messages/words.ts";
import type { ShownTask } from "../../contract/tasks/local.ts";
import { stateText } from "../../contract/tasks/words.ts";
import { ageText } from "../../contract/text/words.ts";
import { factRows } from "../frame/facts.ts";
import type { Io } from "../terminal/io.ts";
import type { Row } from "../terminal/output.ts";
import type { ListRow } from "./list.ts";

/** The chosen row, and whether a local session is previewed instead of asked. */
export interface Opening {
  readonly row: ListRow;
  readonly previews: boolean;
}

/** Shows a row at once, and its facts once they arrive. Never throws. */
export function openRow(
  io: Io,
  { row, previews }: Opening,
  show: (rows: readonly Row[]) => void,
): void {
  if (row.kind === "mail") {
    openMail(io, null, show);
    return;
  }
  if (row.kind === "tasks") {
    openTasks(io, show);
    return;
  }
  if (row.kind === "machine") {
    show([{ cells: [{ text: row.name, style: "bold" }, `${row.link}: ${row.said}`] }]);
    return;
  }
  const { handle } = row;
  const head = (said: string): Row => ({ cells: [{ text: handle, style: "bold" }, said] });
  show([head("asking")]);
  const isPreview = previews && row.isLocal;
  const facts = isPreview ? previewOf(io, handle) : askOf(io, handle);
  facts.then(
    (answer) =>
      show([
        head(isPreview ? "as a peer is shown it" : ""),
        { cells: [] },
        ...factRows(io, answer),
      ]),
    (error: unknown) => show(failureRows(head, error)),
  );
}

/** Messages or tasks that an overlay shows; `peernet inbox` and `peernet tasks` have the rest. */
const shownMax = 20;

/** Shows the newest messages, of one session when it is given. Never throws. */
export function openMail(
  io: Io,
  handle: string | null,
  show: (rows: readonly Row[]) => void,
): void {
  const title: Row = {
    cells: [{ text: handle === null ? "mail" : `mail with ${handle}`, style: "bold" }],
  };
  show([title]);
  io.calls()
    .inbox({ all: handle !== null })
    .then(
      ({ messages }) => {
        const shown = messages
          .filter(({ from, to }) => handle === null || from === handle || to === handle)
          .slice(0, shownMax);
        const how = handle === null ? "peernet inbox" : `peernet send ${handle}`;
        const none: Row = { cells: [{ text: "no message", style: "dim" }] };
        const rows = shown.length === 0 ? [none] : shown.map(mailRow);
        show([
          title,
          ...rows,
          { cells: [] },
          { cells: [{ text: `in a shell: ${how}`, style: "dim" }] },
        ]);
      },
      (error: unknown) => show(failureRows(() => title, error)),
    );
}

const mailRow = ({ from, to, age_ms, stage, excerpt }: ShownMessage): Row => ({
  cells: [`${from} → ${to}`, ageText(age_ms), stageShort[stage], excerpt],
});

/** Shows the tasks that wait or go on. */
function openTasks(io: Io, show: (rows: readonly Row[]) => void): void {
  const title: Row = { cells: [{ text: "tasks", style: "bold" }] };
  show([title]);
  io.calls()
    .tasks({})
    .then(
      ({ tasks }) => {
        const foot: Row = { cells: [{ text: "in a shell: peernet tasks", style: "dim" }] };
        show([title, ...tasks.slice(0, shownMax).map(taskRow), { cells: [] }, foot]);
      },
      (error: unknown) => show(failureRows(() => title, error)),
    );
}

const taskRow = (task: ShownTask): Row => ({
  cells: [
    `${task.direction === "out" ? "→" : "←"} ${task.peer}:${task.repository}`,
    task.name,
    ageText(task.state_age_ms),
    stateText(task),
  ],
});

type Facts = Parameters<typeof factRows>[1];

async function askOf(io: Io, handle: string): Promise<Facts> {
  const answer = await io.calls().ask({ handle, question: null, thread_id: null });
  if ("answers" in answer) throw new PeernetError("internal");
  return answer;
}

async function previewOf(io: Io, handle: string): Promise<Facts> {
  const name = handle.slice(handle.indexOf("/") + 1);
  return (await io.calls().preview({ name, as: null })).answer;
}

function failureRows(head: (said: string) => Row, error: unknown): readonly Row[] {
  const { message, hint } = error instanceof PeernetError ? error : new PeernetError("internal");
  return [head(""), { cells: [{ text: message, style: "bad" }] }, { cells: [hint] }];
}
