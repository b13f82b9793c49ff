/**
 * A table of operations as an OpenAPI document. Pure: the same table gives the same bytes. Adds no
 * operation and no rule to those of the table.
 */

import { type ErrorCode, errorTable, isErrorCode } from "../../contract/errors.ts";
import { type JsonSchema, jsonSchema } from "../../contract/operation/json-schema.ts";
import { mayAnswer, type Operation, type Table } from "../../contract/operation/operation.ts";
import { build } from "../../platform/version.ts";

/** The head of the document. */
export interface OpenApiInfo {
  readonly title: string;
  readonly version: string;
  readonly description: string;
}

/** The head of the control API's document. */
export const controlInfo: OpenApiInfo = {
  title: "peernet control API",
  version: build.version,
  description: "The operations between this machine's sessions and their daemon, on a unix socket.",
};

/** The document of a table, OpenAPI 3.0.3; paths in alphabetical order. */
export function openapi(table: Table, info: OpenApiInfo): Readonly<Record<string, unknown>> {
  const paths = Object.entries(table)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, operation]) => [`/v1/${path}`, { post: operationOf(path, operation) }]);
  return {
    openapi: "3.0.3",
    info: { title: info.title, version: info.version, description: info.description },
    paths: Object.fromEntries(paths),
    components: { schemas: { Error: errorSchema } },
  };
}

function operationOf(path: string, operation: Operation): JsonSchema {
  return {
    operationId: path.replaceAll("/", "_"),
    summary: operation.summary,
    requestBody: {
      required: true,
      content: { "application/json": { schema: jsonSchema(operation.input, "openapi-3.0") } },
    },
    responses: { "200": answerOf(operation), ...refusalsOf(operation) },
  };
}

function answerOf(operation: Operation): JsonSchema {
  const schema = jsonSchema(operation.output, "openapi-3.0");
  if (operation.kind === "call") {
    return { description: "The answer.", content: { "application/json": { schema } } };
  }
  return {
    description:
      "One JSON object a line: first, at once, a head; then events, or the error that ends the " +
      "stream.",
    content: { "application/x-ndjson": { schema: lineOf(schema) } },
  };
}

function lineOf(event: JsonSchema): JsonSchema {
  const line = (properties: JsonSchema): JsonSchema => ({
    type: "object",
    properties,
    required: Object.keys(properties),
  });
  const error = { $ref: "#/components/schemas/Error/properties/error" };
  const head = { epoch: { type: "string" }, head: { type: "integer", minimum: 0 } };
  return { oneOf: [line(head), line({ event }), line({ error })] };
}

function refusalsOf(operation: Operation): JsonSchema {
  const codes = Object.keys(errorTable)
    .filter(isErrorCode)
    .filter((code) => mayAnswer(operation, code));
  const statuses = [...new Set(codes.map(statusOf))].sort((a, b) => a - b);
  return Object.fromEntries(
    statuses.map((status) => [
      String(status),
      {
        description: codes
          .filter((code) => statusOf(code) === status)
          .map((code) => `\`${code}\`: ${errorTable[code].message}.`)
          .join(" "),
        content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
      },
    ]),
  );
}

/** A code without a status appears only behind the socket: here it is a fault. */
const statusOf = (code: ErrorCode): number => errorTable[code].status ?? 500;

const errorSchema: JsonSchema = {
  type: "object",
  properties: {
    error: {
      type: "object",
      properties: {
        code: { type: "string", enum: Object.keys(errorTable) },
        message: { type: "string" },
        hint: { type: "string" },
        details: { type: "object", additionalProperties: true },
      },
      required: ["code", "message", "hint"],
    },
  },
  required: ["error"],
};
