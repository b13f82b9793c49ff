/** `peernet ls`: the paths of a peer's repository, at one commit. */

import { started } from "../../session/started.ts";
import { type Context, command } from "../frame/command.ts";
import type { Flags } from "../frame/flags.ts";
import type { Io } from "../terminal/io.ts";
import { note, printFileLines, printJson, printTable } from "../terminal/output.ts";
import { machineOf, noteCommit, noteEnd, readPages, targetOf } from "./target.ts";

const flags = {
  at: { kind: "text", value: "REF", summary: "a branch, a tag or a commit that may be read" },
  glob: { kind: "text", value: "PATTERN", summary: "only these paths, as '**/*.test.ts'" },
} as const satisfies Flags;

/** Prints paths, one a line. */
export const ls = command({
  flags,
  examples: [
    "peernet ls mini:",
    "peernet ls mini:hydrate",
    "peernet ls mini:hydrate src/ --glob '**/*.test.ts'",
  ],
  async run({ io, flags: { at, glob }, words, json }: Context<typeof flags>) {
    const [word = "", folder = ""] = words;
    const machine = machineOf(word);
    if (machine !== null && words.length === 1) return listAll(io, machine, json);
    const below = folder.replace(/^\.?\/+/, "").replace(/\/*$/, "");
    const literal = below.replace(/[[\]{}*?\\!,]/g, "\\$&");
    // A path without a pattern may be a folder, or the file itself.
    const inside = [literal, glob ?? "**"].filter((part) => part !== "").join("/");
    const pattern = glob === null && below !== "" ? `{${literal},${inside}}` : inside;
    let isFirst = true;
    let found = 0;
    const last = await readPages(io, targetOf(word, at), {
      operation: { op: "glob", pattern },
      onPage: (page) => {
        if (page.answer.op !== "glob") return false;
        if (json) printJson(io, page);
        else {
          if (isFirst) noteCommit(io, page);
          printFileLines(io, page.answer.paths);
        }
        isFirst = false;
        found += page.answer.paths.length;
        return true;
      },
    });
    if (!json && found === 0)
      note(io, glob === null ? "no such path" : "no path fits that pattern");
    const code = json ? (last.answer.incomplete === null ? 0 : 5) : noteEnd(io, last);
    return code === 0 && found === 0 ? 1 : code;
  },
});

/** Prints the repositories that a machine lets this one read, each with its refs. */
async function listAll(io: Io, machine: string, json: boolean): Promise<number> {
  const found = await started(io, () => io.calls()["read/repositories"]({ machine }));
  const { repositories, more } = found;
  if (json) printJson(io, found);
  else {
    const rows = repositories.map(({ name, refs }) => ({
      cells: [`${found.machine}:${name}`, refs.join(", ")],
    }));
    printTable(io, rows, [{ gap: 3 }]);
    if (more) note(io, "there are more");
  }
  return more ? 5 : 0;
}
