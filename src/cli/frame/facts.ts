/** Words for the facts of a session and of a peer, the same in every place. */

import type { WireAnswer } from "../../contract/ask.ts";
import { wayText } from "../../contract/delivery/ways.ts";
import type { GitFacts, Harness } from "../../contract/lease.ts";
import { gitCommitsMax } from "../../contract/limits.ts";
import type { Peer } from "../../contract/peer.ts";
import { agentName } from "../../contract/text/agents.ts";
import {
  type Hidden,
  isHidden,
  notShown,
  told,
  toldText,
} from "../../contract/text/fact-groups.ts";
import { gitReasonText } from "../../contract/text/git-reasons.ts";
import { printable } from "../../contract/text/printable.ts";
import { standingOf } from "../../contract/text/standing.ts";
import { ago, listed, took } from "../../contract/text/words.ts";
import type { Io } from "../terminal/io.ts";
import type { Cell, Column, Row } from "../terminal/output.ts";
import { counted, widthOf, wrap } from "../terminal/text.ts";

/** Marks an empty cell. */
export const nothing = "–";

/** The name of a harness for people; an unknown harness keeps its own. */
export const harnessName = (harness: Harness | null, hidden: Hidden): string => {
  const fact = told(harness, { of: "harness", hidden, why: "unknown" });
  return fact.is === "known" ? agentName(fact.value) : `agent ${toldText(fact, agentName)}`;
};

/** On a narrower terminal each thing takes two lines. */
const narrowColumns = 60;

/** True when stdout is a terminal too narrow for a table of four columns. */
export function isNarrow(io: Io): boolean {
  const { stdout, columns } = io.terminal();
  return stdout && columns < narrowColumns;
}

/** Git facts in a column: `main 91c0d7e +3 ↑2 ↓1`; an unknown count is `+?`. */
export function gitShort(git: GitFacts | null, hidden: Hidden): string {
  if (git === null) return nothing;
  const { dirty } = git;
  const isClean = dirty === 0 || (dirty === null && isHidden(hidden, "counts"));
  const changed = isClean ? [] : [`+${dirty ?? "?"}`];
  const parts = [...commitOf(git, hidden), ...changed, ...apartOf(git, ["↑", "↓"])];
  return joined([parts.join(" "), ...hiddenParts(git, hidden)]);
}

/** The hidden facts of git, as a phrase: `branch and changes not shown`. */
function hiddenParts({ branch, dirty }: Omit<ListedGit, "sha">, hidden: Hidden): readonly string[] {
  const names = [
    ...(branch === null && isHidden(hidden, "branch") ? ["branch"] : []),
    ...(dirty === null && isHidden(hidden, "counts") ? ["changes"] : []),
  ];
  return names.length === 0 ? [] : [`${listed(names)} ${notShown}`];
}

/** Git facts in the form of a list, as far as a machine told them. */
export interface ListedGit {
  readonly branch: string | null;
  readonly sha: string | null;
  readonly dirty: number | null;
}

/** Git facts of a list: `main 91c0d7e +3`, as far as they are known. */
export function gitListed({ branch, sha, dirty }: ListedGit, hidden: Hidden): string {
  const changed = dirty === null || dirty === 0 ? "" : `+${dirty}`;
  const commit = sha === null ? "" : sha.slice(0, 7);
  const shown = [branch ?? "", commit, changed].filter((part) => part !== "").join(" ");
  const parts = [shown, ...hiddenParts({ branch, dirty }, hidden)];
  return joined(parts.filter((part) => part !== "")) || nothing;
}

/** Git facts in a sentence: `main 91c0d7e, 3 files changed, 2 ahead`. */
const gitLong = (git: GitFacts, hidden: Hidden): string =>
  [
    commitOf(git, hidden).join(" "),
    ...changedOf(git, hidden),
    ...apartOf(git, ["ahead", "behind"]),
    ...hiddenParts(git, hidden),
  ].join(", ");

function changedOf({ dirty, why }: GitFacts, hidden: Hidden): readonly string[] {
  if (dirty === 0) return ["clean"];
  if (dirty !== null) return [`${counted(dirty, "file")} changed`];
  if (isHidden(hidden, "counts")) return [];
  const reason = why?.dirty;
  return [reason === undefined ? "changes unknown" : `changes unknown: ${gitReasonText(reason)}`];
}

/** The commits between branch and upstream, with a sign or a word for each direction. */
const apartOf = ({ ahead, behind }: GitFacts, [up, down]: readonly [string, string]) =>
  [
    { count: ahead ?? 0, word: up },
    { count: behind ?? 0, word: down },
  ].flatMap(({ count, word }) => {
    if (count === 0) return [];
    return [word.length === 1 ? `${word}${count}` : `${count} ${word}`];
  });

/** Branch and commit; a hidden branch is left out, and `hiddenParts` names it. */
function commitOf({ branch, sha, why }: GitFacts, hidden: Hidden): readonly string[] {
  const isDetached = why?.branch === "detached";
  const fact = told(branch, { of: "branch", hidden, why: "unknown" });
  const words = fact.is === "known" ? fact.value : `branch ${toldText(fact, String)}`;
  const names = fact.is === "hidden" ? [] : [isDetached ? "detached" : words];
  return [...names, sha === null ? "without a commit" : sha.slice(0, 7)];
}

/**
 * A project by its name, in a linked work tree also by its repository: `web (worktree web-fix)`.
 */
export function projectShown(project: string, git: GitFacts | null): string {
  if (git?.worktree === undefined) return project;
  return `${git.repository ?? project} (worktree ${git.worktree})`;
}

/** The commits since a session began, in a sentence; null when there are none. */
function sinceText({ since_start }: GitFacts): string | null {
  if (since_start === undefined || since_start.count === 0) return null;
  const { count, subjects } = since_start;
  const many = count === gitCommitsMax ? `${count} commits or more` : counted(count, "commit");
  if (subjects.length === 0) return `${many} since it began`;
  return `${many} since it began: ${subjects.map((subject) => `"${subject}"`).join(", ")}`;
}

/** The layout of `factRows`. */
export const factColumns: readonly Column[] = [{ gap: 3 }, { gap: 6 }];

/** Columns of a fact's label and age beside its value, on a line of 80 and any other. */
const besideValue = 32;
const narrowest = 24;

/** The facts of an answer, one a row, long text wrapped to the terminal. */
export function factRows(
  io: Io,
  facts: Pick<WireAnswer, "project" | "git" | "git_why" | "summary" | "hidden"> & {
    readonly session?: Pick<WireAnswer["session"], "way">;
  },
): readonly Row[] {
  const { project, git, git_why, summary, hidden, session } = facts;
  const none = git_why === undefined ? nothing : `${nothing} ${gitReasonText(git_why)}`;
  const unset = `${nothing} this session has not set one`;
  const rows = [
    fact(io, "summary", {
      text: toldText(told(summary, { of: "summary", hidden, why: unset }), ({ text }) => text),
      seen: summary === null ? "" : `set ${ago(summary.age_ms)}`,
    }),
    fact(io, "project", {
      text: toldText(told(project, { of: "project", hidden, why: nothing }), (name) =>
        projectShown(name, git),
      ),
      seen: "",
    }),
    fact(io, "git", {
      text: git === null ? none : gitLong(git, hidden),
      seen: git === null ? "" : `seen ${ago(git.age_ms)}`,
    }),
  ];
  if (git !== null) rows.push(subjectRow(io, git, hidden));
  const since = git === null ? null : sinceText(git);
  if (since !== null) rows.push(fact(io, "", { text: since, seen: "" }));
  const way = session?.way ?? null;
  if (way !== null) rows.push(fact(io, "mail", { text: wayText(way), seen: "" }));
  return rows.flat();
}

function subjectRow(io: Io, { subject }: GitFacts, hidden: Hidden): readonly Row[] {
  if (subject !== null) return fact(io, "", { text: `"${subject}"`, seen: "" });
  if (!isHidden(hidden, "subject")) return [];
  return fact(io, "", { text: `subjects ${notShown}`, seen: "" });
}

function fact(
  io: Io,
  label: string,
  value: { readonly text: string; readonly seen: string },
): readonly Row[] {
  const text = printable(value.text);
  // Properties of stdout's terminal are read only when they matter.
  const fits = widthOf(text) <= 80 - besideValue;
  const terminal = fits ? null : io.terminal();
  const lines =
    terminal?.stdout === true
      ? wrap(text, Math.max(narrowest, terminal.columns - besideValue))
      : [text];
  return lines.map((line, at) => ({
    cells: at === 0 ? [label, line, value.seen] : ["", line],
    indent: 2,
  }));
}

/** The state of a peer's link, and its style. */
export function linkCell(peer: Peer): Cell {
  switch (peer.link) {
    case "up":
      return {
        text: peer.round_trip_ms === null ? "up" : `up, ${took(peer.round_trip_ms)}`,
        style: "good",
      };
    case "one-way":
      return { text: "one-way", style: "warning" };
    case "down":
    case "refused":
      return { text: peer.link, style: "bad" };
    default:
      return peer.link satisfies never;
  }
}

/** Further facts about a peer's link, each a phrase. */
export const linkDetails = (peer: Peer): readonly string[] => standingOf(peer).phrases;

/** Joins phrases in one cell. */
export const joined = (phrases: readonly string[]): string => phrases.join(" · ");

/**
 * A row that ends in phrases. Where a terminal is too narrow for them, each has a line of its own,
 * so that none is cut.
 */
export function phraseRows(
  io: Io,
  { cells, indent = 0 }: Row,
  phrases: readonly string[],
): readonly Row[] {
  const { stdout, columns } = io.terminal();
  const used = cells.reduce((sum, cell) => sum + widthOf(textOf(cell)) + 3, indent);
  const isFitting = used + widthOf(joined(phrases)) <= columns - phraseSlack;
  if (!stdout || isFitting) return [{ cells: [...cells, joined(phrases)], indent }];
  return [{ cells, indent }, ...phrases.flatMap((phrase) => phraseLines(phrase, columns))];
}

/** Columns that the names of other rows may take besides. */
const phraseSlack = 12;

const phraseLines = (phrase: string, columns: number): readonly Row[] =>
  wrap(phrase, Math.max(narrowest, columns - 4)).map((line, at) => ({
    cells: [line],
    indent: at === 0 ? 2 : 4,
  }));

const textOf = (cell: Cell): string => (typeof cell === "string" ? cell : cell.text);
