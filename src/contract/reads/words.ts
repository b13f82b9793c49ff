/** Words of a reading that a person sees, in a terminal and on the page alike. Pure. */

import { grouped } from "../text/numeral.ts";
import { ago } from "../text/words.ts";
import type { ReadOutput } from "./local.ts";
import type { FileOutput, Incomplete } from "./reads.ts";

const counted = (count: number, noun: string): string =>
  `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;

/** The commit that was read, its age, and the changed files that are in no commit yet. */
export function commitText({ ref, sha, age_ms, uncommitted }: CommitRead): string {
  const name = ref === null ? "" : `${ref.replace(/^refs\/(heads|tags)\//, "")} `;
  const changed = uncommitted.map(
    ({ handle, files }) => `${handle} has ${counted(files, "changed file")} that are not in it`,
  );
  const told = ago(age_ms);
  const age = told.endsWith(" ago") ? told.replace(/ ago$/, " old") : "just committed";
  return [`${name}${sha.slice(0, 7)}, ${age}`, ...changed].join("; ");
}

/** The facts of an answer that its first line tells. */
export type CommitRead = Pick<ReadOutput, "ref" | "sha" | "age_ms" | "uncommitted">;

const reasons = {
  more: "there is more",
  deadline: "the time of one search was up",
  pattern_too_expensive: "the pattern is too expensive on some line: a missing match means nothing",
  too_much: "more was searched than one search may",
} as const;

/** The reason why an answer is not whole. */
export const incompleteText = (why: Incomplete): string => `incomplete: ${reasons[why]}`;

/** The kind of a file that is no plain text; null for one that is. */
export function kindText({ kind, bytes, text }: Pick<FileOutput, "kind" | "bytes" | "text">) {
  if (kind === "link") return "a link; this is its text:";
  if (kind === "submodule") return "a submodule; this is its commit:";
  if (kind === "lfs") return "a pointer of Git LFS; the content is elsewhere:";
  return text === null ? `a binary file of ${counted(bytes, "byte")}` : null;
}

/** The lines of a file's page. A line feed ends the last line of a file, and begins none. */
export function fileLines({ text, cursor }: Pick<FileOutput, "text" | "cursor">): string[] {
  if (text === null) return [];
  if (cursor !== null) return text.split("\n");
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}
