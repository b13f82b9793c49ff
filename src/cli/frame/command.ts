/**
 * The shape of a command: a value that says which flags it takes and does its work. Its name, its
 * words and its summary stand in the registry, which is read without loading any command.
 */

import { PeernetError } from "../../contract/errors.ts";
import type { Io } from "../terminal/io.ts";
import { typed } from "../terminal/text.ts";
import { type Flags, parse, type Values } from "./flags.ts";
import { nearest } from "./suggest.ts";

/** A command as the registry knows it. */
export interface Entry {
  /** One or two words: `ask`, `peers show`. */
  readonly name: string;
  /** The words it takes, as written in a usage line: `[HANDLE] [QUESTION…]`. */
  readonly words: string;
  /** What it does, as a phrase in the third person. */
  readonly summary: string;
  /** It ends or takes something away: no hint is this command alone. */
  readonly acts?: true;
  /** Only a person may run it: a coding agent is refused. */
  readonly person?: true;
  /** Loads it; null where the executable itself is the command. */
  readonly load: (() => Promise<Command>) | null;
}

/** Everything one run of a command is given. */
export interface Context<F extends Flags> {
  readonly io: Io;
  readonly flags: Values<F>;
  /** The words, as many as the registry allows. */
  readonly words: readonly string[];
  /** Whether the result is asked for as JSON. */
  readonly json: boolean;
  /** Every command of the registry. */
  readonly commands: readonly Entry[];
}

/** What is written to make a command. */
export interface Definition<F extends Flags> {
  readonly flags: F;
  /** Command lines worth copying. */
  readonly examples?: readonly string[];
  /** Refuses words before they are counted, where an error must not repeat them. */
  refuse?(words: readonly string[]): void;
  /** Does the work and returns the exit code; throws a PeernetError to end with its code. */
  run(context: Context<F>): Promise<number>;
}

/** Where a command stands among the others. */
export interface Place {
  readonly entry: Entry;
  /** Every command of the registry. */
  readonly commands: readonly Entry[];
}

/** A command that can be run without knowing which flags it takes. */
export interface Command {
  readonly flags: Flags;
  readonly examples: readonly string[];
  /** Reads the words that follow the name, then does the work. @throws {bad_request} */
  run(io: Io, place: Place, argv: readonly string[]): Promise<number>;
}

/** The flags that every command takes. */
export const commonFlags = {
  json: { kind: "switch", summary: "print the result as JSON" },
  help: { kind: "switch", summary: "show this" },
} as const satisfies Flags;

/** Makes a command of its definition. */
export function command<const F extends Flags>(definition: Definition<F>): Command {
  return {
    flags: definition.flags,
    examples: definition.examples ?? [],
    run: (io, place, argv) => {
      const known = { ...definition.flags, ...commonFlags };
      const { flags, words } = parse(place.entry.name, known, argv);
      definition.refuse?.(words);
      checkWords(place, words);
      const { commands } = place;
      return definition.run({ io, flags, words, json: flags.json === true, commands });
    },
  };
}

/** A usage line, without the flags. */
export const usageOf = (entry: Entry): string =>
  entry.words === "" ? `peernet ${entry.name}` : `peernet ${entry.name} ${entry.words}`;

/** The subcommands of a command, each with its second word as the name. */
export function subcommandsOf({ name }: Entry, commands: readonly Entry[]): readonly Entry[] {
  const prefix = `${name} `;
  return commands
    .filter((entry) => entry.name.startsWith(prefix))
    .map((entry) => ({ ...entry, name: entry.name.slice(prefix.length) }));
}

/** Refuses too few or too many words. @throws {bad_request} */
function checkWords({ entry, commands }: Place, words: readonly string[]): void {
  const expected = entry.words === "" ? [] : entry.words.split(" ");
  const missing = expected.slice(words.length).find((word) => !word.startsWith("["));
  if (missing !== undefined) {
    throw new PeernetError("bad_request", {
      message: `${entry.name} needs ${missing.replace("…", "")}`,
      hint: usageOf(entry),
    });
  }
  const extra = words[expected.length];
  if (extra === undefined || expected.at(-1)?.includes("…") === true) return;
  const meant = nearest(
    extra,
    subcommandsOf(entry, commands).map(({ name }) => name),
  );
  throw new PeernetError("bad_request", {
    message: `${entry.name} does not take the word ${typed(extra)}`,
    hint:
      meant === null ? `peernet help ${entry.name}` : `did you mean peernet ${entry.name} ${meant}`,
  });
}
