/**
 * Reads lines that name trusted machines: a fingerprint, a name or `-`, and rights. Empty lines and
 * those that begin with `#` are passed over.
 */

import { PeernetError } from "../../contract/errors.ts";
import type { GivenEntry } from "../../contract/grants.ts";
import { trustLinesMax } from "../../contract/trust/limits.ts";
import type { TrustedMachine } from "../../contract/trust/trust.ts";
import { entryOf, isName } from "../frame/grammar.ts";

/** A line, and the machine that it names. */
export interface Line {
  readonly line: string;
  readonly machine: TrustedMachine;
}

/** Scopes that a line on stdin may grant. */
const narrow: ReadonlySet<string> = new Set(["ask", "overlap", "message"]);

/**
 * Reads every line. A `wide` file, which is root's alone, may grant every scope, and `mine`.
 * @throws {bad_request} naming the first line that is none
 */
export function linesOf(text: string, { wide }: { readonly wide: boolean }): readonly Line[] {
  const lines = text.split("\n").map((line) => line.trim());
  if (lines.length > trustLinesMax) throw refused(trustLinesMax + 1, "there are too many lines");
  return lines.flatMap((line, index) => {
    if (line === "" || line.startsWith("#")) return [];
    return [{ line, machine: machineOf(line.split(/\s+/), { number: index + 1, wide }) }];
  });
}

interface Reading {
  readonly number: number;
  readonly wide: boolean;
}

function machineOf(words: readonly string[], { number, wide }: Reading): TrustedMachine {
  const [fingerprint = "", name = "-", ...given] = words;
  if (!isFingerprint(fingerprint)) {
    throw refused(number, "it does not begin with a fingerprint: sha256: and 43 characters");
  }
  if (name !== "-" && !isName(name)) throw refused(number, "its second word is no name, nor -");
  const mine = given.includes("mine");
  const entries = entriesOf(
    given.filter((word) => word !== "mine"),
    number,
  );
  const isWide = mine || entries.some(({ scope }) => !narrow.has(scope));
  if (isWide && !wide) {
    throw refused(number, "on stdin a line grants at most ask, overlap and message");
  }
  const none = { to: null, name: name === "-" ? null : name };
  return { fingerprint, ...none, entries: given.length === 0 ? [askOnly] : entries, mine };
}

const askOnly: GivenEntry = { scope: "ask", names: null };

function entriesOf(words: readonly string[], number: number): GivenEntry[] {
  try {
    return words.filter((word) => word !== "none").map(entryOf);
  } catch (error) {
    throw error instanceof PeernetError ? refused(number, error.message) : error;
  }
}

/** True for a whole fingerprint. */
export const isFingerprint = (word: string): boolean => /^sha256:[A-Za-z0-9_-]{43}$/.test(word);

const refused = (number: number, why: string): PeernetError =>
  new PeernetError("bad_request", {
    message: `nothing was trusted: line ${number}: ${why}`,
    hint: "write lines as: sha256:… NAME ask message",
  });
