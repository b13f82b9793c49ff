/**
 * Reads a command's words: flags and others. Small because it is on the fast path; refuses unknown
 * flags, and never repeats a flag's value in an error.
 */

import { PeernetError } from "../../contract/errors.ts";
import { nearest, otherFlags } from "./suggest.ts";

/** One flag: without a value, or with a value of some kind. */
export type Flag =
  | { readonly kind: "switch"; readonly summary: string }
  | {
      /** A duration is written as `5s`, `2m`, `12h` or `7d` and read as milliseconds. */
      readonly kind: "text" | "duration" | "count";
      /** The placeholder of the value in a usage line. */
      readonly value: string;
      /** A letter that other tools have for it: `C` for `-C 2`. */
      readonly short?: string;
      readonly summary: string;
      /** The value of the flag alone; another one is then written as `--flag=VALUE`. */
      readonly alone?: string;
    };

/** A command's flags by name, without the dashes. */
export type Flags = Readonly<Record<string, Flag>>;

type ValueOf<F extends Flag> = F["kind"] extends "switch"
  ? boolean
  : F["kind"] extends "text"
    ? string | null
    : number | null;

/** The given values: false or null for an absent flag. */
export type Values<F extends Flags> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** The parsed words of a command. */
export interface Parsed<F extends Flags> {
  readonly flags: Values<F>;
  /** Every word that is no flag, in order. */
  readonly words: readonly string[];
}

/**
 * Parses a command's words. `--` ends the flags; `-` alone is a word.
 * @throws {bad_request} for an unknown flag, a missing, unwanted or malformed value, or a repeat
 */
export function parse<F extends Flags>(
  command: string,
  known: F,
  argv: readonly string[],
): Parsed<F> {
  const given: Given = new Map();
  const words: string[] = [];
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined && word !== "--"; word = rest.shift()) {
    if (word === "-" || !word.startsWith("-")) words.push(word);
    else take({ command, known, given, rest }, word);
  }
  words.push(...rest);
  return { flags: valuesOf(known, given), words };
}

/** The values of the given flags, by name without the dashes. */
type Given = Map<string, boolean | string | number>;

interface Reading {
  readonly command: string;
  readonly known: Flags;
  readonly given: Given;
  /** The words not yet read. */
  readonly rest: string[];
}

function take({ command, known, given, rest }: Reading, word: string): void {
  const equals = word.indexOf("=");
  const written = equals < 0 ? word : word.slice(0, equals);
  const name = written.startsWith("--") ? written.slice(2) : longOf(known, written.slice(1));
  const flag = Object.hasOwn(known, name) ? known[name] : undefined;
  if (flag === undefined) throw unknown(command, written, Object.keys(known));
  if (given.has(name)) throw wrong(`${written} is given twice`, command);
  if (flag.kind === "switch") {
    if (equals >= 0) throw wrong(`${written} takes no value`, command);
    given.set(name, true);
    return;
  }
  if (flag.alone !== undefined && equals < 0) {
    given.set(name, flag.alone);
    return;
  }
  // A flag is not a value: `--to --open` lacks one.
  const next = rest[0]?.startsWith("--") === true ? undefined : rest[0];
  const value = equals < 0 ? next : word.slice(equals + 1);
  if (equals < 0) rest.shift();
  if (value === undefined || value === "") {
    throw wrong(`${written} needs a value: ${written} ${flag.value}`, command);
  }
  const read = readValue(flag.kind, value);
  if (read === null) throw wrong(`${written} takes ${expected[flag.kind]}`, command);
  given.set(name, read);
}

/** The name of the flag with a letter; the letter itself when there is none. */
const longOf = (known: Flags, letter: string): string =>
  Object.entries(known).find(([, flag]) => "short" in flag && flag.short === letter)?.[0] ??
  `-${letter}`;

function valuesOf<F extends Flags>(known: F, given: Given): Values<F> {
  const flags = Object.fromEntries(
    Object.entries(known).map(([name, flag]) => [
      name,
      given.get(name) ?? (flag.kind === "switch" ? false : null),
    ]),
  );
  // Each value was read by its own flag's kind, which the types cannot follow.
  return flags as Values<F>;
}

type ValueKind = Exclude<Flag["kind"], "switch">;

const expected: Readonly<Record<ValueKind, string>> = {
  text: "a text",
  duration: "a duration such as 5s, 2m, 12h or 7d",
  count: "a whole number",
};

function readValue(kind: ValueKind, value: string): string | number | null {
  switch (kind) {
    case "text":
      return value;
    case "duration":
      return durationMs(value);
    case "count":
      return /^[0-9]{1,9}$/.test(value) ? Number(value) : null;
    default:
      return kind satisfies never;
  }
}

const unitMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds of a duration such as `5s`, `2m`, `12h`, `7d`; null for anything else. */
export function durationMs(text: string): number | null {
  const [, number, unit] = /^([0-9]{1,6})([smhd])$/.exec(text) ?? [];
  const factor = unit === undefined ? undefined : unitMs[unit];
  return number === undefined || factor === undefined ? null : Number(number) * factor;
}

const wrong = (message: string, command: string): PeernetError =>
  new PeernetError("bad_request", { message, hint: `peernet ${command} --help` });

function unknown(command: string, name: string, known: readonly string[]): PeernetError {
  const other = otherFlags[`${command} ${name}`];
  if (other !== undefined) {
    const message = `${command} has no flag ${name}`;
    return new PeernetError("bad_request", { message, hint: other });
  }
  const meant = nearest(
    name,
    known.map((flag) => `--${flag}`),
  );
  return new PeernetError("bad_request", {
    message: `${command} has no flag ${name}`,
    hint: meant === null ? `peernet ${command} --help` : `did you mean ${meant}`,
  });
}
