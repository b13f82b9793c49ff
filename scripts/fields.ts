/**
 * Tables of the fields of a message, made from its schema: type, bounds, null, absence. A schema
 * that checks by a function needs words in `contract/operation/described.ts`.
 */

import type { z } from "zod";
import { described, entrySchemas } from "../src/contract/operation/described.ts";

/** A field of a message, by its path: `handles[].name`. */
interface Field {
  readonly name: string;
  readonly type: string;
  readonly notes: readonly string[];
}

/** A schema without its wrappers, and their meaning. */
interface Bare {
  readonly schema: z.core.$ZodType;
  readonly notes: readonly string[];
}

/** The words registered for a schema. */
const wordsOf = (schema: z.core.$ZodType): string | undefined =>
  // The registry only looks it up.
  described.get(schema as z.ZodType)?.words;

/** The definition of a schema, told apart by its `type`. */
const definitionOf = (schema: z.core.$ZodType): z.core.$ZodTypes["_zod"]["def"] =>
  // Each schema of the library is one of these.
  (schema as z.core.$ZodTypes)._zod.def;

const code = (text: string): string => `\`${text.replaceAll("|", "\\|")}\``;
const count = (value: number): string => value.toLocaleString("en-US");

/** Takes the wrappers off that say when a value may be null, absent or of another form. */
function bare(schema: z.core.$ZodType): Bare {
  const wrapped = (note: string, inner: z.core.$ZodType): Bare => {
    const within = bare(inner);
    return { ...within, notes: [note, ...within.notes] };
  };
  const def = definitionOf(schema);
  if (wordsOf(schema) !== undefined) return { schema, notes: [] };
  switch (def.type) {
    case "nullable":
      return wrapped("null", def.innerType);
    case "optional":
      return wrapped("may be left out", def.innerType);
    case "default":
      return wrapped(`left out: ${code(JSON.stringify(def.defaultValue))}`, def.innerType);
    case "catch":
      return wrapped("anything else counts as null", def.innerType);
    case "pipe":
      return bare(def.in);
    default:
      return { schema, notes: [] };
  }
}

interface Bounds {
  least?: number;
  most?: number;
  pattern?: string;
}

/** The bounds that the checks of a schema set. */
function boundsOf(schema: z.core.$ZodType): Bounds {
  const bounds: Bounds = {};
  for (const { _zod } of schema._zod.def.checks ?? []) {
    // Each check is told by its definition.
    const def = _zod.def as z.core.$ZodChecks["_zod"]["def"];
    if (def.check === "min_length") bounds.least = def.minimum;
    else if (def.check === "max_length") bounds.most = def.maximum;
    else if (def.check === "length_equals") bounds.least = bounds.most = def.length;
    else if (def.check === "greater_than" && def.inclusive) bounds.least = Number(def.value);
    else if (def.check === "less_than" && def.inclusive) bounds.most = Number(def.value);
    else if (def.check === "string_format" && "pattern" in def) bounds.pattern = `${def.pattern}`;
    else if (def.check === "overwrite" || def.check === "string_format") continue;
    else throw new Error(`a check has no words: ${def.check}`);
  }
  return bounds;
}

const range = (least: number | undefined, most: number | undefined): string => {
  if (least !== undefined && least === most) return count(least);
  if (least === undefined && most !== undefined) return `at most ${count(most)}`;
  if (most === undefined) return least === undefined ? "" : `at least ${count(least)}`;
  return `${count(least ?? 0)} to ${count(most)}`;
};

const base64url = /^[A-Za-z0-9_-]*$/.source;

function textType(schema: z.core.$ZodType): string {
  const { least, most, pattern } = boundsOf(schema);
  const size = range(least, most);
  const source = pattern?.replace(/^\/|\/\w*$/g, "");
  if (source === base64url && most !== undefined) {
    const sized = `base64url of ${range(least && (least * 3) >> 2, (most * 3) >> 2)} bytes`;
    return least === most ? sized : `base64url, ${size} characters`;
  }
  return [
    "text",
    ...(size === "" ? [] : [`${size} characters`]),
    ...(source === undefined ? [] : [code(source)]),
  ].join(", ");
}

function numberType(schema: z.core.$ZodType, def: z.core.$ZodNumberDef): string {
  const isWhole = "format" in def && def.format === "safeint";
  const { least, most } = boundsOf(schema);
  const size = range(least, most);
  const word = isWhole ? "integer" : "number";
  return size === "" ? word : `${word}, ${size}`;
}

/** The type of a value in words, with its bounds; the fields of an object stand below it. */
function typeOf(schema: z.core.$ZodType): string {
  const words = wordsOf(schema);
  if (words !== undefined) return words;
  const def = definitionOf(schema);
  switch (def.type) {
    case "string":
      return textType(schema);
    case "number":
      return numberType(schema, def);
    case "boolean":
      return "`true` or `false`";
    case "literal":
      return def.values.map((value) => code(JSON.stringify(value))).join(" or ");
    case "enum":
      return Object.values(def.entries)
        .map((value) => code(String(value)))
        .join(", ");
    case "object":
      return "object";
    case "array": {
      const { least, most } = boundsOf(schema);
      const entry = bare(def.element);
      return `list of ${range(least, most)}: ${typeOf(entry.schema)}`.replace("of :", "of");
    }
    default:
      throw new Error(`a schema has no words: ${def.type}`);
  }
}

/** The fields of an object, and below each those of its value. */
function fieldsOf(schema: z.core.$ZodType, before: string): Field[] {
  const def = definitionOf(schema);
  if (def.type === "array") return fieldsOf(bare(def.element).schema, `${before}[]`);
  const entry = entrySchemas.get(schema);
  if (entry !== undefined) return fieldsOf(bare(entry).schema, `${before}[]`);
  if (def.type !== "object") return [];
  return Object.entries(def.shape).flatMap(([key, value]) => {
    const { schema: inner, notes } = bare(value);
    const name = before === "" ? key : `${before}.${key}`;
    return [{ name, type: typeOf(inner), notes }, ...fieldsOf(inner, name)];
  });
}

/** The table of a message's fields; a sentence where it has none. */
export function fieldTable(schema: z.ZodType): string {
  const fields = fieldsOf(bare(schema).schema, "");
  if (fields.length === 0) return "No fields.";
  return [
    "| field | type | or |",
    "| --- | --- | --- |",
    ...fields.map(({ name, type, notes }) => `| \`${name}\` | ${type} | ${notes.join("; ")} |`),
  ].join("\n");
}
