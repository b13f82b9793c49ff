/**
 * A command's arguments, by the placeholders of its usage line. Names of machines, sessions and
 * topics have no case: those that a word or a flag holds are lowered here. A field of a request
 * that did not fit is named as the argument that a person typed.
 */

import { PeernetError } from "../../contract/errors.ts";
import type { Flags, Parsed } from "./flags.ts";

/** Placeholders of words and values that hold names; `…` and brackets are left out. */
export const nameSlots: ReadonlySet<string> = new Set([
  ...["NAME", "NEW", "NAMES", "HANDLE", "PEER", "MACHINE", "MACHINE:REPOSITORY", "TOPIC"],
  ...["NAME|HOST[:PORT]", "ENTRY", "SCOPE", "SCOPES", "FACTS"],
]);

/** The placeholder of each word of a usage line: `[HANDLE] [QUESTION…]` has two. */
export const slotsOf = (words: string): readonly string[] =>
  words === "" ? [] : words.split(" ").map((word) => word.replace(/^\[|…|\]$/g, ""));

/** The parsed words and flags of a command, each name in lower case. */
export function withNames<F extends Flags>(
  { flags, words }: Parsed<F>,
  known: F,
  usage: string,
): Parsed<F> {
  const slots = slotsOf(usage);
  const isName = (slot: string | undefined): boolean => nameSlots.has(slot ?? "");
  const lowered = Object.entries(flags).map(([name, value]) => {
    const flag = known[name];
    const slot = flag === undefined || flag.kind === "switch" ? undefined : flag.value;
    return [name, typeof value === "string" && isName(slot) ? value.toLowerCase() : value];
  });
  return {
    // Each value keeps its type: a text in lower case is a text.
    flags: Object.fromEntries(lowered) as Parsed<F>["flags"],
    words: words.map((word, at) =>
      isName(slots[Math.min(at, slots.length - 1)]) ? word.toLowerCase() : word,
    ),
  };
}

/** A typed command line: its usage, its known flags, and its words and flags as they were read. */
export interface Typed {
  /** The placeholders of its words. */
  readonly slots: string;
  readonly usage: string;
  readonly known: Flags;
  readonly words: readonly string[];
  readonly flags: Readonly<Record<string, unknown>>;
}

/** The refusal of a field, with the argument that a person typed; any other error unchanged. */
export function byArgument(error: unknown, input: unknown, typed: Typed): unknown {
  if (!(error instanceof PeernetError) || error.code !== "bad_request") return error;
  const field = error.details?.field;
  if (typeof field !== "string") return error;
  const path = field.split(".");
  const rule = error.message.startsWith(`${field}: `)
    ? error.message.slice(field.length + 2)
    : error.message;
  const argument = argumentOf(path, valueAt(input, path), typed);
  return new PeernetError("bad_request", {
    message: argument === null ? rule : `${argument}: ${rule}`,
    hint: typed.usage,
  });
}

function valueAt(input: unknown, path: readonly string[]): string | null {
  const found = path.reduce<unknown>((value, key) => Object(value)[key], input);
  return typeof found === "string" || typeof found === "number" ? String(found) : null;
}

/** The argument with a value, or of a name; null when none is sure. */
function argumentOf(path: readonly string[], value: string | null, typed: Typed): string | null {
  const { words, flags } = typed;
  const slots = slotsOf(typed.slots);
  const slotAt = (at: number): string | null =>
    at < 0 ? null : (slots[Math.min(at, slots.length - 1)] ?? null);
  const texts = Object.entries(flags).filter(([, given]) => typeof given === "string");
  const flagWith = (fits: (given: string) => boolean): string | null => {
    const found = texts.find(([, given]) => fits(String(given)));
    return found === undefined ? null : `--${found[0]}`;
  };
  const isPart = (given: string): boolean =>
    value !== null && value !== "" && given.toLowerCase().includes(value.toLowerCase());
  return (
    slotAt(value === null ? -1 : words.indexOf(value)) ??
    flagWith((given) => given === value) ??
    flagNamed(path, typed) ??
    flagWith(isPart) ??
    slotAt(words.findIndex(isPart)) ??
    slots.find((slot) => path.includes(slot.toLowerCase())) ??
    null
  );
}

/** The given flag that a part of a path names: `for_ms` names `--for`. */
function flagNamed(path: readonly string[], { known, flags }: Typed): string | null {
  const parts = path.map((part) => part.replace(/_ms$/, "").replaceAll("_", "-"));
  const isGiven = (name: string): boolean => flags[name] !== null && flags[name] !== false;
  const found = Object.keys(known).find((name) => parts.includes(name) && isGiven(name));
  return found === undefined ? null : `--${found}`;
}
