/** Writes the reference of the command line as Markdown, from the registry and the commands. */

import { type Entry, usageOf } from "../frame/command.ts";
import { flagRows } from "./help.ts";

/** The reference of every command, as one Markdown document. */
export async function reference(commands: readonly Entry[]): Promise<string> {
  const parts = ["# Commands", ...head];
  for (const entry of commands) {
    const command = entry.load === null ? null : await entry.load();
    parts.push(`## peernet ${entry.name}`, fenced([usageOf(entry)]), sentence(entry));
    parts.push(["| flag | |", "|---|---|", ...flagRows(command).map(flagLine)].join("\n"));
    if (command !== null && command.examples.length > 0) parts.push(fenced(command.examples));
  }
  return `${parts.join("\n\n")}\n`;
}

/** Each exit code and its meaning. */
export const exitCodes: readonly (readonly [number, string])[] = [
  [0, "ok"],
  [1, "refused or not found"],
  [2, "usage or bad input"],
  [3, "the daemon is not running and could not be started"],
  [4, "not allowed"],
  [5, "try again"],
  [70, "internal"],
  [130, "interrupted"],
];

const head = [
  "Results are printed on stdout; progress, prompts, hints and errors on stderr. An error is two " +
    'lines, the second one thing to do; with `--json` it is `{"error":{…}}` on stdout.',
  `Exit codes: ${exitCodes.map(([code, meaning]) => `${code} ${meaning}`).join("; ")}.`,
];

const fenced = (lines: readonly string[]): string => ["```", ...lines, "```"].join("\n");

const sentence = ({ summary }: { readonly summary: string }): string =>
  `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;

const flagLine = ([flag = "", summary = ""]: readonly string[]): string =>
  `| \`${flag.replaceAll("|", "\\|")}\` | ${summary.replaceAll("|", "\\|")} |`;
