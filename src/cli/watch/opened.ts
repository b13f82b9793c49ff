/** The facts of a chosen row, as lines in place of the list. */

import type { WireAnswer } from "../../contract/ask.ts";
import { PeernetError } from "../../contract/errors.ts";
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

type Facts = Pick<WireAnswer, "project" | "git" | "git_why" | "summary">;

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
