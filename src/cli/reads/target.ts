/** The target of a reading: `mini:hydrate` for a repository, `mini/hydrate` for a session in it. */

import { PeernetError } from "../../contract/errors.ts";
import { daemonSilenceMs } from "../../contract/limits.ts";
import type { ReadInput, ReadOutput } from "../../contract/reads/local.ts";
import { ago } from "../../contract/text/words.ts";
import { started } from "../../session/started.ts";
import type { Io } from "../terminal/io.ts";
import { note } from "../terminal/output.ts";
import { counted } from "../terminal/text.ts";

/** The target and commit of a reading. */
export type Target = Pick<ReadInput, "machine" | "repository" | "handle" | "at">;

const form = /^([a-z0-9][a-z0-9-]{0,30})([:/])([a-z0-9][a-z0-9-]{0,30})$/;

/** Parses a target. @throws {bad_request} */
export function targetOf(word: string, at: string | null): Target {
  const [, machine, sign, name] = form.exec(word.toLowerCase()) ?? [];
  if (machine === undefined || name === undefined) {
    throw new PeernetError("bad_request", {
      message: "a repository is written MACHINE:NAME, a session MACHINE/NAME",
      hint: "as mini:hydrate; the names: peernet policy show, on that machine",
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
export function noteCommit(io: Io, { ref, sha, age_ms, uncommitted }: ReadOutput): void {
  const name = ref === null ? "" : `${ref.replace(/^refs\/(heads|tags)\//, "")} `;
  const changed = uncommitted.map(
    ({ handle, files }) => `${handle} has ${counted(files, "changed file")} that are not in it`,
  );
  const told = ago(age_ms);
  const age = told.endsWith(" ago") ? told.replace(/ ago$/, " old") : "just committed";
  note(io, [`${name}${sha.slice(0, 7)}, ${age}`, ...changed].join("; "));
}

const reasons = {
  more: "there is more",
  deadline: "the time of one search was up",
  pattern_too_expensive: "the pattern is too expensive on some line: a missing match means nothing",
  too_much: "more was searched than one search may",
} as const;

/** Says why an answer is not whole; returns the exit code. */
export function noteEnd(io: Io, { answer: { incomplete } }: ReadOutput): number {
  if (incomplete === null) return 0;
  note(io, `incomplete: ${reasons[incomplete]}`);
  return 5;
}
