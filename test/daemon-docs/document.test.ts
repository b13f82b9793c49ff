/** The document that is served: valid, complete, and the one that is committed. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { control } from "../../src/contract/control.ts";
import { type Docs, serveDocs } from "../../src/daemon/api/docs.ts";
import { byPath, loadRule } from "../support/architecture/graph.ts";
import { parseAll } from "../support/architecture/source.ts";
import { faultsOf } from "./structure.ts";

const root = join(import.meta.dir, "../..");

let docs: Docs;
let text = "";
beforeAll(async () => {
  docs = await serveDocs();
  text = await (await fetch(`${docs.url}openapi.json`)).text();
});
afterAll(() => docs.close());

/** Every key of every object in a value. */
function keysOf(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  const own = Array.isArray(value) ? [] : Object.keys(value);
  return [...own, ...Object.values(value).flatMap(keysOf)];
}

describe("serveDocs()", () => {
  test("serves the document that is committed", () => {
    const committed = readFileSync(join(root, "docs/openapi.json"), "utf8");
    expect(JSON.parse(text)).toEqual(JSON.parse(committed));
  });

  test("serves a valid OpenAPI 3.0.3 document", () => {
    expect(faultsOf(JSON.parse(text))).toEqual([]);
  });

  test("serves one POST for each row of the table, and nothing else", () => {
    const { paths } = JSON.parse(text);
    expect(Object.keys(paths).sort()).toEqual(
      Object.keys(control)
        .map((path) => `/v1/${path}`)
        .sort(),
    );
    for (const item of Object.values<object>(paths)) expect(Object.keys(item)).toEqual(["post"]);
  });

  test("serves nothing of how the schemas are made", () => {
    const inside = keysOf(JSON.parse(text)).filter((key) =>
      /^(_|~|\$(?!ref$)|def$|zod)/i.test(key),
    );
    expect(inside).toEqual([]);
  });

  test("serves it as JSON", async () => {
    const reply = await fetch(`${docs.url}openapi.json`);
    expect(reply.status).toBe(200);
    expect(reply.headers.get("content-type")).toBe("application/json");
  });

  test("is not loaded, nor its library, unless it is asked for", async () => {
    const paths = [...new Bun.Glob("src/**/*.ts").scanSync(root)];
    const files = paths.map((path) => [path, readFileSync(join(root, path), "utf8")]);
    const graph = byPath(await parseAll(Object.fromEntries(files)));
    const roots = ["src/main.ts", "src/daemon/serve.ts", "src/daemon/daemon.ts"];
    expect(loadRule(graph, roots, /^@elysiajs\/swagger|\/docs(-page)?\.ts$/)).toEqual([]);
    expect(loadRule(graph, ["src/daemon/api/docs.ts"], /^@elysiajs\/swagger/)).toHaveLength(1);
  });
});

describe("faultsOf()", () => {
  const schema = (given: unknown): unknown => ({
    openapi: "3.0.3",
    info: { title: "t", version: "1" },
    paths: {},
    components: { schemas: { A: given } },
  });

  const plants: readonly (readonly [string, unknown])[] = [
    ["openapi is not 3.0.3", { ...Object(schema({})), openapi: "3.1.0" }],
    ["info has no title or version", { ...Object(schema({})), info: {} }],
    ["webhooks is not a field of a document", { ...Object(schema({})), webhooks: {} }],
    ["schemas.A: const is not a keyword", schema({ const: 1 })],
    ["schemas.A: type holds what it may not", schema({ type: "null" })],
    ["schemas.A: exclusiveMinimum holds what it may not", schema({ exclusiveMinimum: 0 })],
    ["schemas.A has no items", schema({ type: "array" })],
    ["schemas.A: b is required, not defined", schema({ required: ["b"] })],
    ["schemas.A.b: ~standard is not a keyword", schema({ properties: { b: { "~standard": 1 } } })],
    ["schemas.A has more than a reference", schema({ $ref: "#/info", nullable: true })],
    ["#/components/schemas/B leads nowhere", schema({ $ref: "#/components/schemas/B" })],
    ["/a has no response", { ...Object(schema({})), paths: { "/a": { get: bare } } }],
  ];

  for (const [fault, document] of plants) {
    test(`reports that ${fault}`, () => {
      expect(faultsOf(document)).toContain(fault);
    });
  }

  test("lets a plain document pass", () => {
    expect(faultsOf(schema({ type: "string", nullable: true }))).toEqual([]);
  });
});

/** An operation without a response. */
const bare = { operationId: "a", requestBody: { content: { "application/json": { schema: {} } } } };
