/**
 * Explains in our own words why a value does not fit its schema: the field, the expected value, and
 * the kind and size of the given one. Never repeats a given text: it may be a code.
 */

import { grouped } from "./numeral.ts";

/** A fault of a value as zod reports it, before it is worded. */
interface Fault {
  readonly code: string;
  readonly input?: unknown;
}

/** A worded fault, and its place in the value. */
interface Worded {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Words a fault whose schema has no words of its own; an option of the schema's parse. */
export const worded = { error: (fault: Fault): string => wordsOf({ ...fault }) } as const;

/**
 * The first fault, such as `question: at most 1,024 characters; 3,000 were given`, and its remedy.
 */
export function unfit(faults: readonly Worded[]): {
  readonly message: string;
  readonly hint: string;
  /** The field as a path; empty when the fault is of the whole value. */
  readonly field: string;
} {
  const [fault] = faults;
  const field = fault?.path.map(String).join(".") ?? "";
  const rule = fault?.message ?? "the value does not fit";
  const mend = /^at most .* (characters|bytes)/.test(rule) ? "shorten" : "correct";
  return field === ""
    ? { message: rule, hint: "correct the request", field }
    : { message: `${field}: ${rule}`, hint: `${mend} the field ${field}`, field };
}

const numeral = (value: unknown): string =>
  typeof value === "number" ? grouped(value) : String(value);

function wordsOf(fault: Fault & Readonly<Record<string, unknown>>): string {
  const given = givenOf(fault.input);
  switch (fault.code) {
    case "invalid_type":
      return fault.input === undefined
        ? `${kindOf(fault.expected)} is missing`
        : `${kindOf(fault.expected)} is taken; ${given} was given`;
    case "too_big":
      return `at most ${boundOf(fault, fault.maximum)}; ${sizeOf(fault.input)}`;
    case "too_small":
      return `at least ${boundOf(fault, fault.minimum)}; ${sizeOf(fault.input)}`;
    case "invalid_value":
      return `${choice(fault.values)} is taken; something else was given`;
    case "unrecognized_keys":
      return unknownKeys(fault.keys);
    default:
      return `the form is another; ${given} was given`;
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
};

const kindOf = (expected: unknown): string => kinds[String(expected)] ?? "another kind of value";

/** The kind of the given value, and the length of a given text. */
function givenOf(input: unknown): string {
  if (input === null || input === undefined) return "nothing";
  if (Array.isArray(input)) return "a list";
  if (typeof input === "string") return `a text of ${grouped(input.length)} characters`;
  if (typeof input === "number") return "a number";
  return typeof input === "boolean" ? "true or false" : "an object";
}

const units: Readonly<Record<string, string>> = { string: " characters", array: " entries" };

const boundOf = ({ origin }: Readonly<Record<string, unknown>>, bound: unknown): string =>
  `${numeral(bound)}${unitOf(String(origin), bound)}`;

function unitOf(origin: string, bound: unknown): string {
  const unit = units[origin] ?? "";
  return bound === 1 ? unit.replace(/ies$/, "y").replace(/s$/, "") : unit;
}

function sizeOf(input: unknown): string {
  if (typeof input === "string") return `${grouped(input.length)} were given`;
  if (Array.isArray(input)) return `${grouped(input.length)} were given`;
  // A field that takes a number holds no code.
  return typeof input === "number" ? `${grouped(input)} was given` : "it was not";
}

/** Names a key that could be a schema's; any other key stays unnamed, since it may be anything. */
function unknownKeys(keys: unknown): string {
  const named = (Array.isArray(keys) ? keys.map(String) : []).filter((key) =>
    /^[a-z_]+$/i.test(key),
  );
  return named.length === 0
    ? "it holds a key that is not known"
    : `${named.join(", ")} is not known`;
}

function choice(values: unknown): string {
  const all = Array.isArray(values) ? values.map(String) : [];
  const last = all.at(-1) ?? "nothing";
  return all.length < 2 ? last : `${all.slice(0, -1).join(", ")} or ${last}`;
}
