/**
 * Pages of an answer as one, and what a person sees of it: the entries of a folder, the lines of a
 * file, and how much of the whole is shown. Pure.
 */

import {
  readFileBytesMax,
  searchLineCharactersMax,
  searchTriedCharactersMax,
} from "../../../contract/reads/limits.ts";
import type { ReadOutput } from "../../../contract/reads/local.ts";
import { fileLines, incompleteText } from "../../../contract/reads/words.ts";
import { grouped } from "../../../contract/text/numeral.ts";

type Answer = ReadOutput["answer"];

/** An answer with the page that continues it. */
export function joined(before: ReadOutput | null, page: ReadOutput): ReadOutput {
  return before === null ? page : { ...page, answer: together(before.answer, page.answer) };
}

function together(one: Answer, next: Answer): Answer {
  if (one.op === "file" && next.op === "file") {
    const text = `${one.text ?? ""}\n${next.text ?? ""}`;
    return { ...next, first_line: one.first_line, text };
  }
  if (one.op === "glob" && next.op === "glob") {
    return { ...next, paths: [...one.paths, ...next.paths] };
  }
  if (one.op === "grep" && next.op === "grep") {
    return { ...next, matches: [...one.matches, ...next.matches] };
  }
  return next;
}

/** An entry of a folder. */
export interface Entry {
  readonly name: string;
  readonly path: string;
  readonly isFolder: boolean;
}

/** The folders, then the files, that stand directly in a folder (`""`, or `src/`). */
export function entriesOf(paths: readonly string[], folder: string): readonly Entry[] {
  const entries = new Map<string, Entry>();
  for (const path of paths) {
    if (!path.startsWith(folder)) continue;
    const [name = "", ...below] = path.slice(folder.length).split("/");
    const isFolder = below.length > 0;
    const whole = `${folder}${name}${isFolder ? "/" : ""}`;
    entries.set(whole, { name: isFolder ? `${name}/` : name, path: whole, isFolder });
  }
  const all = [...entries.values()];
  return [...all.filter(({ isFolder }) => isFolder), ...all.filter(({ isFolder }) => !isFolder)];
}

/** The pattern of every path in a folder, whose own name is taken as it is. */
export const patternOf = (folder: string): string => `${folder.replace(/[[\]{}*?\\!]/g, "\\$&")}**`;

/** A folder with those above it, the repository's own first. */
export function foldersTo(
  folder: string,
): readonly { readonly name: string; readonly path: string }[] {
  const names = folder.split("/").slice(0, -1);
  return names.map((name, at) => ({ name, path: `${names.slice(0, at + 1).join("/")}/` }));
}

const counted = (count: number, noun: string): string =>
  `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;

/** A count, and the total that it is a part of. */
const shares = (count: number, total: number | null): string =>
  total === null || total === count ? grouped(count) : `${grouped(count)} of ${grouped(total)}`;

/** The share of an answer that is shown, and the reason why that is not all. */
export function extentText(answer: Answer): string {
  const why = answer.incomplete === null ? "" : `; ${incompleteText(answer.incomplete)}`;
  return `${shownText(answer)}${why}`;
}

function shownText(answer: Answer): string {
  if (answer.op === "file") return linesText(answer);
  const { total } = answer;
  if (answer.op === "glob") {
    const { length } = answer.paths;
    return length === 0 ? "no path" : `${shares(length, total)} ${length === 1 ? "path" : "paths"}`;
  }
  const { length } = answer.matches;
  const matches = length === 1 ? "match" : "matches";
  const found = length === 0 ? "no match" : `${shares(length, total)} ${matches}`;
  return `${found} in ${counted(answer.files, "searched file")}`;
}

function linesText(answer: Extract<Answer, { op: "file" }>): string {
  const { first_line: first, total, bytes } = answer;
  const { length } = fileLines(answer);
  const size = counted(bytes, "byte");
  if (length === 0) return size;
  const last = first + length - 1;
  if (first === 1 && last === total) return `${counted(length, "line")}, ${size}`;
  const whole = total === null ? "" : ` of ${grouped(total)}`;
  return `lines ${grouped(first)}–${grouped(last)}${whole}, ${size}`;
}

/** The caps of each search. */
export const searchCaps =
  `Searched: text files of at most ${grouped(readFileBytesMax)} bytes, each line to its ` +
  `${grouped(searchTriedCharactersMax)}th character; shown to its ${searchLineCharactersMax}th.`;
