/**
 * The shape of a command: a value with its flags and its work. Its name, its words and its summary
 * are in the registry, which loads no command.
 */

import { inputOf } from "../../client.ts";
import { PeernetError } from "../../contract/errors.ts";
import type { Io } from "../terminal/io.ts";
import { typed } from "../terminal/text.ts";
import { byArgument, withNames } from "./arguments.ts";
import { type Flags, parse, type Values } from "./flags.ts";
import { isName } from "./grammar.ts";
import { nearest } from "./suggest.ts";

/** A command's entry in the registry. */
export interface Entry {
  /** One or two words: `ask`, `peers show`. */
  readonly name: string;
  /** Its words in the form of a usage line: `[HANDLE] [QUESTION…]`. */
  readonly words: string;
  /** Its work, as a phrase in the third person. */
  readonly summary: string;
  /** True when it ends or removes something: no hint consists of this command alone. */
  readonly acts?: true;
  /** True when only a person may run it: a coding agent is refused. */
  readonly person?: true;
  /** Loads it; null when the executable itself is the command. */
  readonly load: (() => Promise<Command>) | null;
}

/** The input of one run of a command. */
export interface Context<F extends Flags> {
  readonly io: Io;
  readonly flags: Values<F>;
  /** The words, as many as the registry allows. */
  readonly words: readonly string[];
  /** True when the result shall be JSON. */
  readonly json: boolean;
  /** Every command of the registry. */
  readonly commands: readonly Entry[];
}

/** The definition of a command. */
export interface Definition<F extends Flags> {
  readonly flags: F;
  /** Command lines to copy. */
  readonly examples?: readonly string[];
  /** Refuses words before they are counted, when an error must not repeat them. */
  refuse?(words: readonly string[]): void;
  /**
   * Does the work and returns the exit code; a thrown PeernetError ends it with the error's code.
   */
  run(context: Context<F>): Promise<number>;
}

/** A command among the others. */
export interface Place {
  readonly entry: Entry;
  /** Every command of the registry. */
  readonly commands: readonly Entry[];
}

/** A runnable command, whatever its flags. */
export interface Command {
  readonly flags: Flags;
  readonly examples: readonly string[];
  /** Reads the words that follow the name, then does the work. @throws {bad_request} */
  run(io: Io, place: Place, argv: readonly string[]): Promise<number>;
}

/** The flags of every command. */
export const commonFlags = {
  json: { kind: "switch", summary: "print the result as JSON" },
  help: { kind: "switch", summary: "show this" },
} as const satisfies Flags;

/** Makes a command from its definition. */
export function command<const F extends Flags>(definition: Definition<F>): Command {
  return {
    flags: definition.flags,
    examples: definition.examples ?? [],
    run: (io, place, argv) => {
      const known = { ...definition.flags, ...commonFlags };
      const parsed = parse(place.entry.name, known, argv);
      definition.refuse?.(parsed.words);
      const { flags, words } = withNames(parsed, known, place.entry.words);
      checkWords(place, words);
      const { commands, entry } = place;
      const json = flags.json === true;
      return definition.run({ io, flags, words, json, commands }).catch((error) => {
        if (inputOf(error) === undefined) throw error;
        const typing = { slots: entry.words, usage: usageOf(entry), known, words, flags };
        throw byArgument(error, inputOf(error), typing);
      });
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
  // `stop migrate` of another tool stops a task; a bare `stop` ends the daemon.
  const ofTask = commands.find(({ name }) => name === `task ${entry.name}`);
  const help =
    ofTask === undefined || !isName(extra)
      ? `peernet help ${entry.name}`
      : `peernet ${ofTask.name} ${extra}`;
  throw new PeernetError("bad_request", {
    message: `${entry.name} does not take the word ${typed(extra)}`,
    hint: meant === null ? help : `did you mean peernet ${entry.name} ${meant}`,
  });
}
