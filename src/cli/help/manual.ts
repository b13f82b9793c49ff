/**
 * Writes the manual page from the registry and the commands, in the `man` macros that every
 * formatter knows. Contains no time: the same source gives the same bytes.
 */

import { type Command, type Entry, usageOf } from "../frame/command.ts";
import { flagRows } from "./help.ts";
import { exitCodes } from "./reference.ts";

/** The contents of the page's head and foot. */
export interface Edition {
  readonly version: string;
  /** The day of the source, as YYYY-MM-DD. */
  readonly day: string;
}

/** The manual page `peernet.1`. */
export async function manual(
  commands: readonly Entry[],
  { version, day }: Edition,
): Promise<string> {
  const parts = [`.TH PEERNET 1 "${day}" ${quoted(`peernet ${version}`)}`, ...head];
  for (const entry of commands) {
    parts.push(...commandPart(entry, entry.load === null ? null : await entry.load()));
  }
  return `${[...parts, ...foot].join("\n")}\n`;
}

const head = [
  ".SH NAME",
  escaped("peernet - coding sessions on your machines, asking each other, on your network"),
  ".SH SYNOPSIS",
  ".B peernet",
  ".RI [ COMMAND ]",
  ".RI [ WORD\\~...]",
  ".RI [ FLAG\\~...]",
  ".SH DESCRIPTION",
  "A session on this machine takes a handle.",
  "A session on a paired machine asks it,",
  "and the daemon of this machine answers at once,",
  "from facts the session pushed to it.",
  "Without a command it is",
  `.BR "peernet status" .`,
  "With",
  escapedBold("--json"),
  "a command prints its result as JSON;",
  "an error is then an object on standard output.",
  ".SH COMMANDS",
];

const foot = [
  ".SH EXIT STATUS",
  ...exitCodes.flatMap(([code, meaning]) => [".TP", `.B ${code}`, escaped(meaning)]),
  ".SH ENVIRONMENT",
  ...term("PEERNET_HOME", "The state folder, an absolute path; ~/.peernet unless set."),
  ...term("PEERNET_AUTOSTART", "With 0, no command starts the daemon but start."),
  ...term("NO_COLOR", "If set, nothing is coloured."),
  ".SH FILES",
  ...term("~/.peernet/config.toml", "What this machine is called and where it listens."),
  ...term("~/.peernet/daemon.log", "What the daemon noted, one JSON object a line."),
];

function commandPart(entry: Entry, command: Command | null): string[] {
  const { summary } = entry;
  const sentence = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
  const flags = flagRows(command).flatMap(([flag = "", meaning = ""]) => [
    ".TP",
    escapedBold(flag),
    `${escaped(meaning)}.`,
  ]);
  const examples = command?.examples ?? [];
  const shown = [".PP", ".nf", ".RS", ...examples.map(escaped), ".RE", ".fi"];
  const heading = `.SS ${quoted(usageOf(entry))}`;
  return [heading, escaped(sentence), ...flags, ...(examples.length === 0 ? [] : shown)];
}

function term(name: string, meaning: string): string[] {
  return [".TP", escapedBold(name), escaped(meaning)];
}

/** Text without requests or escapes, in which each hyphen is a real one. */
function escaped(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("~", "\\(ti")
    .replaceAll("'", "\\(aq")
    .replaceAll("…", "...")
    .replace(/^\./, "\\&.");
}

function escapedBold(text: string): string {
  return `.B ${quoted(text)}`;
}

function quoted(text: string): string {
  return `"${escaped(text).replaceAll('"', '""')}"`;
}
