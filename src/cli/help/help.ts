/** Shows help, generated from the registry and each command's own flags. */

import { type Command, commonFlags, type Entry, usageOf } from "../frame/command.ts";
import type { Flag } from "../frame/flags.ts";
import type { Io } from "../terminal/io.ts";
import { printBlock, printLine, type Row } from "../terminal/output.ts";
import { about } from "./about.ts";

const columns = [{ gap: 3 }];

/** Prints the list of commands. */
export function printCommands(io: Io, commands: readonly Entry[]): void {
  printLine(io, about);
  printLine(io);
  printBlock(
    io,
    commands.map(({ name, words, summary }) => ({
      cells: [`${name} ${words}`.trimEnd(), summary],
      indent: 2,
    })),
    columns,
  );
  printLine(io);
  printLine(io, "peernet COMMAND --help explains one; peernet alone is peernet status");
}

/** Prints one command's description, words and flags. */
export async function printHelp(io: Io, entry: Entry, commands: readonly Entry[]): Promise<void> {
  printLine(io, usageOf(entry));
  printLine(io, `${entry.name} ${entry.summary}`);
  const command = entry.load === null ? null : await entry.load();
  section(io, "flags", flagRows(command));
  const subcommands = commands.filter(({ name }) => name.startsWith(`${entry.name} `));
  section(
    io,
    "besides",
    subcommands.map((each) => [usageOf(each), each.summary]),
  );
  section(
    io,
    "examples",
    (command?.examples ?? []).map((example) => [example]),
  );
}

/** Each flag of a command and its description, the common ones last. */
export function flagRows(command: Command | null): readonly (readonly string[])[] {
  const flags =
    command === null ? { help: commonFlags.help } : { ...command.flags, ...commonFlags };
  return Object.entries(flags).map(([name, flag]) => [flagUsage(name, flag), flag.summary]);
}

function flagUsage(name: string, flag: Flag): string {
  if (flag.kind === "switch") return `--${name}`;
  return flag.alone === undefined ? `--${name} ${flag.value}` : `--${name}[=${flag.value}]`;
}

function section(io: Io, title: string, rows: readonly (readonly string[])[]): void {
  if (rows.length === 0) return;
  printLine(io);
  printLine(io, title);
  printBlock(
    io,
    rows.map((cells): Row => ({ cells, indent: 2 })),
    columns,
  );
}
