/** Words for the facts of a session and of a peer, the same wherever they are shown. */

import type { WireAnswer } from "../../contract/ask.ts";
import type { GitFacts, Harness } from "../../contract/lease.ts";
import type { Peer } from "../../contract/peer.ts";
import { printable } from "../../contract/text/printable.ts";
import { ago, took } from "../../contract/text/words.ts";
import type { Io } from "../terminal/io.ts";
import type { Cell, Column, Row } from "../terminal/output.ts";
import { counted, widthOf, wrap } from "../terminal/text.ts";

/** Stands where there is nothing to show. */
export const nothing = "–";

const harnessNames: Readonly<Record<string, string>> = {
  "claude-code": "Claude Code",
  codex: "Codex",
  "gemini-cli": "Gemini CLI",
  "qwen-code": "Qwen Code",
  copilot: "Copilot CLI",
};

/** A harness as people call it; one that is not known, as it calls itself. */
export const harnessName = (harness: Harness): string => harnessNames[harness] ?? harness;

/** Git facts in a column: `main 91c0d7e +3`. */
export function gitShort(git: GitFacts | null): string {
  if (git === null) return nothing;
  return git.dirty === 0 ? commitOf(git) : `${commitOf(git)} +${git.dirty}`;
}

/** Git facts in a sentence: `main 91c0d7e, 3 files changed`. */
export const gitLong = (git: GitFacts): string =>
  `${commitOf(git)}, ${git.dirty === 0 ? "clean" : `${counted(git.dirty, "file")} changed`}`;

const commitOf = ({ branch, sha }: GitFacts): string =>
  `${branch ?? "detached"} ${sha === null ? "without a commit" : sha.slice(0, 7)}`;

/** The layout of `factRows`. */
export const factColumns: readonly Column[] = [{ gap: 3 }, { gap: 6 }];

/** Columns that a fact's label and its age take beside its value, on a line of 80 and any other. */
const besideValue = 32;
const narrowest = 24;

/** The facts that an answer tells, one a row, long text wrapped to the terminal. */
export function factRows(io: Io, facts: Pick<WireAnswer, "project" | "git" | "summary">) {
  const { project, git, summary } = facts;
  const rows = [
    fact(io, "summary", {
      text: summary?.text ?? nothing,
      seen: summary === null ? "" : `set ${ago(summary.age_ms)}`,
    }),
    fact(io, "project", { text: project, seen: "" }),
    fact(io, "git", {
      text: git === null ? nothing : gitLong(git),
      seen: git === null ? "" : `seen ${ago(git.age_ms)}`,
    }),
  ];
  if (git !== null && git.subject !== null) {
    rows.push(fact(io, "", { text: `"${git.subject}"`, seen: "" }));
  }
  return rows.flat();
}

function fact(
  io: Io,
  label: string,
  value: { readonly text: string; readonly seen: string },
): readonly Row[] {
  const text = printable(value.text);
  // Whether stdout is a terminal, and how wide, is only looked at where that can matter.
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

/** How a peer's link stands, and how it may stand out. */
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

/** What else is to say about a peer's link, each a phrase. */
export function linkDetails(peer: Peer): readonly string[] {
  const details: string[] = [];
  if (peer.link !== "up") {
    details.push(
      peer.last_seen_age_ms === null ? "never seen" : `last seen ${ago(peer.last_seen_age_ms)}`,
    );
  }
  if (peer.link_detail !== null) details.push(peer.link_detail);
  if (!peer.acknowledged) details.push("not heard of since it was paired");
  return details;
}

/** What a peer and this machine may do to each other, each a phrase. */
export const grantPhrases = ({ grants }: Peer): readonly string[] => [
  grants.theirs.includes("ask") ? "may ask you" : "may not ask you",
  grants.ours.includes("ask") ? "you may ask" : "you may not ask",
];

/** How phrases are joined in one cell. */
export const joined = (phrases: readonly string[]): string => phrases.join(" · ");
