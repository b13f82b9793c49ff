/** The target of a reading: `mini:hydrate` for a repository, `mini/hydrate` for a session in it. */

import { PeernetError } from "../../contract/errors.ts";
import { daemonSilenceMs } from "../../contract/limits.ts";
import type { ReadInput, ReadOutput } from "../../contract/reads/local.ts";
import { commitText, incompleteText } from "../../contract/reads/words.ts";
import { started } from "../../session/started.ts";
import type { Io } from "../terminal/io.ts";
import { note } from "../terminal/output.ts";

/** The target and commit of a reading. */
export type Target = Pick<ReadInput, "machine" | "repository" | "handle" | "at">;

const form = /^([a-z0-9][a-z0-9-]{0,30})([:/])([a-z0-9][a-z0-9-]{0,30})$/;

/** The machine in `mini:`, which stands for all of its repositories; null for another form. */
export const machineOf = (word: string): string | null =>
  /^([a-z0-9][a-z0-9-]{0,30}):$/.exec(word.toLowerCase())?.[1] ?? null;

/** Parses a target. @throws {bad_request} */
export function targetOf(word: string, at: string | null): Target {
  const [, machine, sign, name] = form.exec(word.toLowerCase()) ?? [];
  if (machine === undefined || name === undefined) {
    throw new PeernetError("bad_request", {
      message: "a repository is written MACHINE:NAME, a session MACHINE/NAME",
      hint: "as mini:hydrate; the names: peernet ls mini:",
    });
  }
  const isRepository = sign === ":";
  return {
    ...{ machine, at, repository: isRepository ? name : null },
    handle: isRepository ? null : name,
  };
}

/** A reading takes as long as a peer's keeper needs, twice: it may be opened again. */
const silenceMs = Math.max(daemonSilenceMs, 40_000);

/** Pages of one command: each has at most 48 KiB. */
const pagesMax = 64;

type Whole = ReadInput["operation"];
type First<T> = T extends unknown ? Omit<T, "cursor"> : never;
/** An operation without the place where it goes on. */
export type Operation = First<Whole>;

/** Reads every page of an answer, and passes each on. */
export async function readPages(
  io: Io,
  target: Target,
  {
    operation,
    onPage,
  }: { readonly operation: Operation; readonly onPage: (page: ReadOutput) => boolean },
): Promise<ReadOutput> {
  let sha: string | null = null;
  let cursor: string | null = null;
  for (let page = 1; ; page++) {
    // The cursor completes the operation.
    const input = { ...target, sha, operation: { ...operation, cursor } as Whole };
    const output: ReadOutput = await started(io, () => io.calls().read(input, { silenceMs }));
    const goesOn = onPage(output);
    if (output.answer.cursor === null || !goesOn || page >= pagesMax) return output;
    ({ sha } = output);
    ({ cursor } = output.answer);
  }
}

/** Says which commit was read, and what is in none yet. */
export const noteCommit = (io: Io, output: ReadOutput): void => note(io, commitText(output));

/** Says why an answer is not whole; returns the exit code. */
export function noteEnd(io: Io, { answer: { incomplete } }: ReadOutput): number {
  if (incomplete === null) return 0;
  note(io, incompleteText(incomplete));
  return 5;
}
