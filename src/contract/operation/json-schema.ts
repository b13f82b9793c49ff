/** The JSON Schema of a message, for documents and tool lists. Validates nothing. */

import { z } from "zod";

/** A JSON Schema, as a JSON object. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The schema of a message on the wire: before defaults are filled in, and open to fields of later
 * versions.
 */
export function jsonSchema(schema: z.ZodType, target: "openapi-3.0" | "draft-2020-12"): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target, io: "input" });
  return rest;
}
