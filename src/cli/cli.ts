/**
 * The command line: finds the command, runs it, and turns its error into two lines and an exit
 * code. On the fast path of every command: loads nothing but the one.
 */

import { placed } from "../client.ts";
import { PeernetError } from "../contract/errors.ts";
import { errnoOf } from "../platform/errno.ts";
import { commands } from "./commands.ts";
import { type Entry, subcommandsOf, usageOf } from "./frame/command.ts";
import type { Io } from "./terminal/io.ts";
import { printLine, report } from "./terminal/output.ts";

/**
 * Runs one command line, without the program's own name, and returns the exit code: 0 ok, 1 refused
 * or not found, 2 usage, 3 no daemon, 4 not allowed, 5 try again, 70 internal, 130 interrupted.
 * Never throws.
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    const exit = await run(argv, io);
    await io.flushed().catch((error) => {
      throw unwritten(error);
    });
    return exit;
  } catch (cause) {
    const error = await awayOf(errorOf(cause), io);
    // Without the variable, the home of a command is unknown.
    const placedError = error.code === "storage_full" ? placed(error, io.home) : error;
    const exit = report(io, placedError, flagsOf(argv).includes("--json"));
    // An error that cannot be shown either has its exit code still.
    await io.flushed().catch(() => undefined);
    return exit;
  }
}

/** The words that may be flags: all before `--`. */
function flagsOf(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf("--");
  return end < 0 ? argv : argv.slice(0, end);
}

function run(argv: readonly string[], io: Io): Promise<number> {
  if (argv.length === 0) return bare(io);
  const [first = "status", ...rest] = argv;
  if (first === "--json") return run([...(rest.length === 0 ? ["status"] : rest), first], io);
  if (first === "--version") return run(["version", ...rest], io);
  if (first === "--help" || first === "-h") return run(["help", ...rest], io);
  const entry = entryOf(first, rest[0]);
  if (entry === null) return unknownCommand(argv, io);
  if (isListing(entry, rest[0])) return run([first, ...rest.slice(1)], io);
  const after = entry.name === first ? rest : rest.slice(1);
  const asked = flagsOf(after);
  if (asked.includes("--help") || asked.includes("-h")) return help(entry, io);
  return runEntry(entry, after, io);
}

/** True for `peers ls`: a command with subcommands lists without a second word. */
const isListing = (entry: Entry, second: string | undefined): boolean =>
  (second === "ls" || second === "list") && subcommandsOf(entry, commands).length > 0;

/** Without a word: this machine's status, or the first step on a machine that was never set up. */
async function bare(io: Io): Promise<number> {
  try {
    return await run(["status"], io);
  } catch (error) {
    const isNew = error instanceof PeernetError && error.hint === "peernet setup";
    if (!isNew) throw error;
    const { about } = await import("./help/about.ts");
    printLine(io, about);
    printLine(io, "next: peernet setup");
    printLine(io, "all commands: peernet help");
    return 0;
  }
}

/** The command of two words if there is one, else the one of the first word. */
function entryOf(first: string, second: string | undefined): Entry | null {
  const longest = commands.find((entry) => entry.name === `${first} ${second}`);
  return longest ?? commands.find((entry) => entry.name === first) ?? null;
}

async function runEntry(entry: Entry, argv: readonly string[], io: Io): Promise<number> {
  if (entry.load === null) {
    throw new PeernetError("internal", { message: `${entry.name} is not run by the command line` });
  }
  if (entry.person === true) await io.requirePerson(usageOf(entry));
  if (!entry.name.startsWith("completions")) await showUnseen(io, entry.name);
  const command = await entry.load();
  return command.run(io, { entry, commands }, argv);
}

/** Shows a person the acts without a person, and the mail, since their last command. */
async function showUnseen(io: Io, name: string): Promise<void> {
  const mail = await io.takeUnseenMail().catch(() => null);
  // The inbox itself shows more than a line about it.
  if (mail !== null && !/^inbox( |$)/.test(name)) {
    const { noteUnseenMail } = await import("./frame/unseen.ts");
    noteUnseenMail(io, mail);
  }
  const acts = await io.takeUnseen().catch(() => []);
  if (acts.length === 0) return;
  const { noteUnseen } = await import("./frame/unseen.ts");
  // A machine sends its name after the pairing.
  const { peers } = await io
    .calls()
    .peers({})
    .catch(() => ({ peers: [] }));
  noteUnseen(io, acts, peers);
}

async function help(entry: Entry, io: Io): Promise<number> {
  const { printHelp } = await import("./help/help.ts");
  await printHelp(io, entry, commands);
  return 0;
}

/** Runs the command that another tool's word means, or prints the meaning. */
async function unknownCommand(argv: readonly string[], io: Io): Promise<number> {
  const { meaning } = await import("./help/meaning.ts");
  const meant = meaning(argv, { commands, home: () => io.home });
  if ("runs" in meant) return run(meant.runs, io);
  throw meant.error;
}

/** The error, with the reason when no daemon answers. */
async function awayOf(error: PeernetError, io: Io): Promise<PeernetError> {
  if (error.code !== "daemon_not_running") return error;
  return (await import("./frame/away.ts")).whyAway(io, error);
}

/** The error of output that its file or device did not take. */
const unwritten = (error: unknown): PeernetError =>
  new PeernetError("internal", {
    message: `the output could not be written: ${errnoOf(error)}`,
    hint: "write it to a place that has room, and run the command again",
  });

function errorOf(cause: unknown): PeernetError {
  if (cause instanceof PeernetError) return cause;
  const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return new PeernetError("internal", { message: `something inside peernet failed: ${reason}` });
}
