/** `peernet cat`: a file of a peer's repository, at one commit. */

import { PeernetError } from "../../contract/errors.ts";
import type { ReadOutput } from "../../contract/reads/local.ts";
import { fileLines, kindText } from "../../contract/reads/words.ts";
import { type Context, command } from "../frame/command.ts";
import type { Flags } from "../frame/flags.ts";
import type { Io } from "../terminal/io.ts";
import { note, printExact, printFileLines, printJson } from "../terminal/output.ts";
import { counted } from "../terminal/text.ts";
import { noteCommit, noteEnd, readPages, targetOf } from "./target.ts";

const flags = {
  at: { kind: "text", value: "REF", summary: "a branch, a tag or a commit that may be read" },
  lines: { kind: "text", value: "FROM:TO", summary: "only these lines, as 40:80" },
} as const satisfies Flags;

/** Prints a file. */
export const cat = command({
  flags,
  examples: [
    "peernet cat mini:hydrate src/sync.ts",
    "peernet cat mini:hydrate README.md --at main",
  ],
  async run({ io, flags: { at, lines }, words, json }: Context<typeof flags>) {
    const [word = "", path = ""] = words;
    const target = targetOf(word, at);
    const operation = { op: "file", path, lines: linesOf(lines) } as const;
    let isFirst = true;
    let replaced = 0;
    const last = await readPages(io, target, {
      operation,
      onPage: (page) => {
        if (json) printJson(io, page);
        else {
          if (isFirst) noteCommit(io, page);
          replaced += printFile(io, page);
        }
        isFirst = false;
        return true;
      },
    });
    if (json) return exitOf(last);
    if (replaced > 0)
      note(io, `${counted(replaced, "character")} replaced, which could act on a terminal`);
    // A binary file is not printed: a program must not take its absence for an empty file.
    const isBinary = last.answer.op === "file" && last.answer.text === null;
    return noteEnd(io, last) || (isBinary ? 1 : 0);
  },
});

const exitOf = ({ answer }: ReadOutput): number => (answer.incomplete === null ? 0 : 5);

/** Parses `40:80`, `40:` or `40`. @throws {bad_request} */
function linesOf(text: string | null) {
  if (text === null) return null;
  const [, first, colon, last] = /^(\d{1,9})(:?)(\d{0,9})$/.exec(text) ?? [];
  const from = Number(first);
  const to = last !== undefined && last !== "" ? Number(last) : colon === ":" ? 1e9 : from;
  if (first !== undefined && from >= 1 && to >= from) return { from, to };
  throw new PeernetError("bad_request", {
    message: "--lines takes two numbers from 1 on, the first not above the second",
    hint: "as --lines 40:80",
  });
}

/** Prints a page of a file; returns the number of characters that it had to replace. */
function printFile(io: Io, { answer }: ReadOutput): number {
  if (answer.op !== "file") return 0;
  const kind = kindText(answer);
  if (kind !== null) note(io, kind);
  if (io.terminal().stdout) {
    const lines = fileLines(answer);
    if (lines.length > 0) printFileLines(io, lines);
    return 0;
  }
  const { text, cursor } = answer;
  // A page ends between two lines; the last page holds the end of the file as it is.
  return text === null ? 0 : printExact(io, cursor === null ? text : `${text}\n`);
}
