/** The JSON Schema of a message: what documents and tool lists are made of. Validates nothing. */

import { z } from "zod";

/** A JSON Schema, as a JSON object. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The schema of a message as it stands on the wire: before defaults are filled in, and open to
 * fields that a later version adds.
 */
export function jsonSchema(schema: z.ZodType, target: "openapi-3.0" | "draft-2020-12"): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target, io: "input" });
  return rest;
}
