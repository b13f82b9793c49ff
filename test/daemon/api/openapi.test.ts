/** The document of a table: complete, whole, the same each time, and of the dialect it claims. */

import { describe, expect, test } from "bun:test";
import { control } from "../../../src/contract/control.ts";
import { errorTable } from "../../../src/contract/errors.ts";
import { openapi } from "../../../src/daemon/api/openapi.ts";

const info = { title: "title", version: "1.2.3", description: "what it is" };
const text = JSON.stringify(openapi(control, info));
const document = JSON.parse(text);

/** Every key of every object in a value, and every `$ref`. */
function keysOf(value: unknown, keys: Set<string>, references: Set<string>): void {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    keys.add(key);
    if (key === "$ref") references.add(String(inner));
    keysOf(inner, keys, references);
  }
}

describe("openapi()", () => {
  test("has one POST for each row, in alphabetical order, and nothing else", () => {
    const paths = Object.keys(control).map((path) => `/v1/${path}`);
    expect(Object.keys(document.paths)).toEqual(paths.sort());
    for (const path of paths) expect(Object.keys(document.paths[path])).toEqual(["post"]);
    expect(document.openapi).toBe("3.0.3");
    expect(document.info).toEqual(info);
  });

  test("gives the same bytes each time", () => {
    expect(JSON.stringify(openapi(control, info))).toBe(text);
  });

  test("names each operation once", () => {
    const names = Object.values<{ post: { operationId: string } }>(document.paths).map(
      ({ post }) => post.operationId,
    );
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z_]+$/);
  });

  test("uses no word of a later dialect, and no reference that leads nowhere", () => {
    const keys = new Set<string>();
    const references = new Set<string>();
    keysOf(document, keys, references);
    for (const later of ["$schema", "$defs", "const", "prefixItems", "~standard"]) {
      expect([later, keys.has(later)]).toEqual([later, false]);
    }
    expect(text).not.toContain('"type":"null"');
    for (const reference of references) {
      const found = reference
        .slice(2)
        .split("/")
        .reduce((value, key) => value?.[key], document);
      expect([reference, typeof found]).toEqual([reference, "object"]);
    }
  });

  test("lists the errors of a row, by status, with those that any may answer", () => {
    const { responses } = document.paths["/v1/peers/rename"].post;
    expect(Object.keys(responses)).toEqual(["200", "400", "404", "413", "415", "500", "507"]);
    expect(responses["404"].description).toBe("`peer_unknown`: no such peer.");
    expect(responses["404"].content["application/json"].schema).toEqual({
      $ref: "#/components/schemas/Error",
    });
  });

  test("lists every code in the shape of an error", () => {
    const { code } = document.components.schemas.Error.properties.error.properties;
    expect(code.enum).toEqual(Object.keys(errorTable));
  });

  test("says that a stream is lines: a head, events, an error", () => {
    const { content } = document.paths["/v1/audit/follow"].post.responses["200"];
    expect(Object.keys(content)).toEqual(["application/x-ndjson"]);
    const lines = content["application/x-ndjson"].schema.oneOf;
    expect(lines.map(({ required }: { required: string[] }) => required)).toEqual([
      ["epoch", "head"],
      ["event"],
      ["error"],
    ]);
  });

  test("lets an answer have more fields than it names", () => {
    const { schema } =
      document.paths["/v1/status"].post.responses["200"].content["application/json"];
    expect(schema.additionalProperties).toBeUndefined();
    expect(schema.required).toContain("machine");
  });

  test("does not ask for what has a default", () => {
    const { schema } = document.paths["/v1/ask"].post.requestBody.content["application/json"];
    expect(schema.required).not.toContain("timeout_ms");
    expect(schema.required).toContain("handle");
  });
});
