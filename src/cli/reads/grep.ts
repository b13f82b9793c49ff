/** `peernet grep`: the lines of a peer's repository that hold a text, at one commit. */

import { matchLines } from "../../contract/reads/matches.ts";
import { type Context, command } from "../frame/command.ts";
import type { Flags } from "../frame/flags.ts";
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
    const lines = matchLines({ hasContext: operation.context > 0 });
    let isFirst = true;
    const last = await readPages(io, targetOf(word, at), {
      operation,
      onPage: (page) => {
        if (json) printJson(io, page);
        else {
          if (isFirst) noteCommit(io, page);
          if (page.answer.op === "grep") printFileLines(io, lines.of(page.answer.matches));
        }
        isFirst = false;
        if (page.answer.op === "grep") found += page.answer.matches.length;
        return true;
      },
    });
    if (!json) printFileLines(io, lines.end());
    const isWhole = last.answer.incomplete === null;
    if (json) return isWhole ? (found > 0 ? 0 : 1) : 5;
    if (isWhole && found === 0) note(io, "no match");
    return isWhole ? (found > 0 ? 0 : 1) : noteEnd(io, last);
  },
});
