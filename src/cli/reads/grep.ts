/** `peernet grep`: the lines of a peer's repository that hold a text, at one commit. */

import type { ReadOutput } from "../../contract/reads/local.ts";
import { type Context, command } from "../frame/command.ts";
import type { Flags } from "../frame/flags.ts";
import type { Io } from "../terminal/io.ts";
import { note, printFileLines, printJson } from "../terminal/output.ts";
import { noteCommit, noteEnd, readPages, targetOf } from "./target.ts";

const flags = {
  at: { kind: "text", value: "REF", summary: "a branch, a tag or a commit that may be read" },
  glob: { kind: "text", value: "PATTERN", summary: "only in these files, as 'src/**'" },
  regexp: { kind: "switch", summary: "take the text as a regular expression, tried line by line" },
  context: {
    kind: "count",
    value: "LINES",
    short: "C",
    summary: "lines around each match, at most 10; -C as in grep",
  },
} as const satisfies Flags;

/** Prints matches: 0 some, 1 none, 5 an answer that is not whole. */
export const grep = command({
  flags,
  examples: ["peernet grep mini:hydrate backoff", "peernet grep mini:hydrate backoff -C 2"],
  async run({ io, flags: given, words, json }: Context<typeof flags>) {
    const [word = "", pattern = ""] = words;
    const { at, glob, regexp } = given;
    const operation = { op: "grep", pattern, regexp, glob, context: given.context ?? 0 } as const;
    let found = 0;
    let isFirst = true;
    const last = await readPages(io, targetOf(word, at), {
      operation,
      onPage: (page) => {
        if (json) printJson(io, page);
        else {
          if (isFirst) noteCommit(io, page);
          printMatches(io, page);
        }
        isFirst = false;
        if (page.answer.op === "grep") found += page.answer.matches.length;
        return true;
      },
    });
    const isWhole = last.answer.incomplete === null;
    if (json) return isWhole ? (found > 0 ? 0 : 1) : 5;
    if (isWhole && found === 0) note(io, "no match");
    return isWhole ? (found > 0 ? 0 : 1) : noteEnd(io, last);
  },
});

function printMatches(io: Io, { answer }: ReadOutput): void {
  if (answer.op !== "grep") return;
  const lines = answer.matches.flatMap(({ path, line, text, before, after }) => {
    const around = (texts: readonly string[], from: number) =>
      texts.map((each, at) => `${path}-${from + at}-${each}`);
    const all = [
      ...around(before, line - before.length),
      `${path}:${line}:${text}`,
      ...around(after, line + 1),
    ];
    return before.length + after.length > 0 ? [...all, "--"] : all;
  });
  printFileLines(io, lines);
}
