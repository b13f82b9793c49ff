/** `peernet cat`: a file of a peer's repository, at one commit. */

import { PeernetError } from "../../contract/errors.ts";
import type { ReadOutput } from "../../contract/reads/local.ts";
import { fileLines, kindText } from "../../contract/reads/words.ts";
import { type Context, command } from "../frame/command.ts";
import type { Flags } from "../frame/flags.ts";
import type { Io } from "../terminal/io.ts";
import { note, printContent, printJson } from "../terminal/output.ts";
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
    const last = await readPages(io, target, {
      operation,
      onPage: (page) => {
        if (json) printJson(io, page);
        else {
          if (isFirst) noteCommit(io, page);
          printFile(io, page);
        }
        isFirst = false;
        return true;
      },
    });
    return json ? exitOf(last) : noteEnd(io, last);
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

function printFile(io: Io, { answer }: ReadOutput): void {
  if (answer.op !== "file") return;
  const kind = kindText(answer);
  if (kind !== null) note(io, kind);
  const lines = fileLines(answer);
  if (lines.length > 0) printContent(io, lines);
}
