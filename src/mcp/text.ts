/**
 * A tool's result as text: the same facts as its structured form, one a line. Text from another
 * machine's session stands inside one fence whose mark that session cannot know.
 */

import { isHiddenField, notShown } from "../contract/text/fact-groups.ts";
import { printable } from "../contract/text/printable.ts";
import { ageText, past } from "../contract/text/words.ts";

/** A result, or a part of one. */
export type Facts = Readonly<Record<string, unknown>>;

/** A value whose strings are each cleaned to one allowed line, safe for a model. */
export function cleaned(value: unknown): unknown {
  if (typeof value === "string") return printable(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      isContent(key, part) ? part.map(spaced) : cleaned(part),
    ]),
  );
}

/** Lines of a file: their spaces are kept, since they mean something there. */
const isContent = (key: string, value: unknown): value is readonly string[] =>
  key === "lines" && Array.isArray(value) && value.every((each) => typeof each === "string");
const spaced = (line: string): string =>
  line.replaceAll("\t", "    ").replace(/[^ ]+/g, (word) => printable(word));

interface Leaf {
  /** `peers.0.handles.1.project` */
  readonly path: string;
  readonly value: unknown;
  /** The groups of facts that its machine hides. */
  readonly hidden: readonly string[];
}

/** The text of a cleaned result. Its `message` comes first; `untrusted` names fields by path. */
export function textOf({ message, ...facts }: Facts, nonce: string): string {
  const untrusted = new Set(Array.isArray(facts.untrusted) ? facts.untrusted : []);
  const leaves = leavesOf(facts, "", []);
  const isTheirs = ({ path }: Leaf): boolean => untrusted.has(path.replace(/\.\d+(?=\.|$)/g, ""));
  const theirs = leaves.filter(isTheirs);
  const lines = leaves.filter((leaf) => !isTheirs(leaf)).map(lineOf);
  if (typeof message === "string") lines.unshift(message);
  if (theirs.length === 0) return lines.join("\n");
  const fenced = theirs.map((leaf) => lineOf(leaf).replace(/<(\/?)untrusted/gi, "‹$1untrusted"));
  return [...lines, `<untrusted ${nonce}>`, ...fenced, `</untrusted ${nonce}>`].join("\n");
}

function leavesOf(value: unknown, path: string, hides: readonly string[]): readonly Leaf[] {
  if (typeof value !== "object" || value === null || isList(value)) {
    return [{ path, value, hidden: hides }];
  }
  const hidden = "hidden" in value ? wordsOf(value.hidden) : hides;
  return Object.entries(value).flatMap(([key, part]) =>
    leavesOf(part, path === "" ? key : `${path}.${key}`, hidden),
  );
}

const wordsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((word) => typeof word === "string") : [];

/** A list of plain values, which fits on one line. */
const isList = (value: object): boolean =>
  Array.isArray(value) && value.every((each) => typeof each !== "object" || each === null);

const lineOf = ({ path, value, hidden }: Leaf): string =>
  isContent(path, value) ? [`${path}:`, ...value].join("\n") : plainLineOf({ path, value, hidden });

function plainLineOf({ path, value, hidden }: Leaf): string {
  const isEmpty = value === null || (Array.isArray(value) && value.length === 0);
  const field = path.slice(path.lastIndexOf(".") + 1);
  if (isEmpty && isHiddenField(hidden, field)) return `${path}: ${notShown}`;
  const text = Array.isArray(value) ? value.join(", ") || "none" : value;
  return `${path}: ${text}${inWords(path, value)}`;
}

/** The last instant that a date can hold. */
const dateMsMax = 8.64e15;

function inWords(path: string, value: unknown): string {
  if (typeof value !== "number") return "";
  if (path.endsWith("_at_ms")) {
    return ` (${new Date(Math.min(value, dateMsMax)).toISOString()})`;
  }
  if (/age_ms$/.test(path)) return ` (${past(value)})`;
  return /(_for|_in)_ms$/.test(path) ? ` (${ageText(value)})` : "";
}
