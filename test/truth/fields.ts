/**
 * Walks the outputs of all operations that a person, a model or the page can call, and names each
 * field once: by the schema that a module of the contract exports, else by its operation.
 */

import { join } from "node:path";
import { Glob } from "bun";
import type { z } from "zod";
import { control } from "../../src/contract/control.ts";
import { tools } from "../../src/contract/mcp.ts";
import { entrySchemas } from "../../src/contract/operation/described.ts";

type Schema = z.core.$ZodType;
type Shape = Readonly<Record<string, Schema>>;

const root = join(import.meta.dir, "../../src/contract");

/** The exported object schemas of the contract, by name. */
async function exported(): Promise<ReadonlyMap<string, Shape>> {
  const named = new Map<string, Shape>();
  for (const path of [...new Glob("**/*.ts").scanSync(root)].sort()) {
    const module: Readonly<Record<string, unknown>> = await import(join(root, path));
    for (const [name, value] of Object.entries(module)) {
      const shape = shapeOf(value);
      if (shape !== null && !named.has(name)) named.set(name, shape);
    }
  }
  return named;
}

function shapeOf(value: unknown): Shape | null {
  if (typeof value !== "object" || value === null || !("_zod" in value)) return null;
  // Anything with this property is a schema of the library.
  const { def } = (value as z.core.$ZodTypes)._zod;
  return def.type === "object" ? def.shape : null;
}

/** The names of all fields, in no order. */
export async function fieldsOfOutputs(): Promise<ReadonlySet<string>> {
  const named = await exported();
  const fields = new Set<string>();
  const seen = new Set<Schema>();
  const nameOf = (shape: Shape): string | null => {
    // A part of a schema, as `pick` makes it, holds the very fields of it.
    const found = [...named].find(([, whole]) =>
      Object.entries(shape).every(([key, field]) => whole[key] === field),
    );
    return found?.[0] ?? null;
  };
  const walk = (schema: Schema, path: string): void => {
    const entry = entrySchemas.get(schema);
    if (entry !== undefined) {
      walk(entry, `${path}[]`);
      return;
    }
    // As above.
    const { def } = (schema as z.core.$ZodTypes)._zod;
    if (def.type === "object") {
      if (seen.has(schema)) return;
      seen.add(schema);
      const name = nameOf(def.shape) ?? path;
      for (const [key, field] of Object.entries(def.shape)) walk(field, `${name}.${key}`);
    } else if (def.type === "array") walk(def.element, `${path}[]`);
    else if (def.type === "union") for (const option of def.options) walk(option, path);
    else if (def.type === "pipe") walk(def.in, path);
    else if ("innerType" in def) walk(def.innerType, path);
    else fields.add(path);
  };
  for (const [path, row] of Object.entries(control)) {
    if (row.surfaces.length > 0) walk(row.output, path);
  }
  for (const [name, tool] of Object.entries(tools)) walk(tool.output, name);
  return new Set([...fields].map(renamed));
}

/** Schemas that hold the facts of another one, as they cross the wire or reach a model. */
const others: Readonly<Record<string, string>> = {
  WireAnswer: "Answer",
  ask_peer: "Answer",
  WholeMessage: "ShownMessage",
  GivenMessage: "ShownMessage",
  message_peer: "Sent",
};

const renamed = (field: string): string =>
  field.replace(/^\w+/, (schema) => others[schema] ?? schema);
