/** The two tables: every row is whole, can be documented, and is on the surfaces it may be on. */

import { describe, expect, test } from "bun:test";
import { control } from "../../src/contract/control.ts";
import { isErrorCode } from "../../src/contract/errors.ts";
import { jsonSchema } from "../../src/contract/operation/json-schema.ts";
import type { Operation } from "../../src/contract/operation/operation.ts";
import type { WireOperation } from "../../src/contract/wire/rows.ts";
import { protocols, wire } from "../../src/contract/wire.ts";

const controlRows: readonly (readonly [string, Operation])[] = Object.entries(control);
const wireRows: readonly (readonly [string, WireOperation])[] = Object.entries(wire);

for (const [name, rows] of [
  ["control", controlRows],
  ["wire", wireRows],
] as const) {
  describe(name, () => {
    for (const [path, operation] of rows) {
      test(`${path} says what it does in one sentence, and how it may fail, once each`, () => {
        expect(operation.summary).toMatch(/^[A-Z][^\n]*[.]$/);
        expect(operation.errors.filter((code) => !isErrorCode(code))).toEqual([]);
        expect(new Set(operation.errors).size).toBe(operation.errors.length);
      });

      test(`${path} can be written as JSON Schema, for OpenAPI and for tools`, () => {
        for (const target of ["openapi-3.0", "draft-2020-12"] as const) {
          expect(jsonSchema(operation.input, target)).toMatchObject({ type: "object" });
          expect(Object.keys(jsonSchema(operation.output, target))).not.toEqual([]);
        }
      });

      test(`${path} takes an object and no other value`, () => {
        for (const value of [null, [], "", 0, true, undefined]) {
          expect(operation.input.safeParse(value).success).toBe(false);
        }
      });

      test(`${path} takes no prototype from its input`, () => {
        const parsed = operation.input.safeParse(JSON.parse('{"__proto__":{"polluted":true}}'));
        expect(Object.hasOwn(parsed.success ? Object(parsed.data) : {}, "__proto__")).toBe(false);
        expect("polluted" in Object(parsed.data)).toBe(false);
        expect("polluted" in {}).toBe(false);
      });
    }
  });
}

test("no row that pairs, unpairs or grants is a model's", () => {
  const models = controlRows.filter(([, { surfaces }]) => surfaces.includes("mcp"));
  expect(models.map(([path]) => path).sort()).toEqual([
    "activate",
    "ask",
    "deactivate",
    "doctor",
    "messages/take",
    "peers",
    "peers/show",
    "read",
    "read/repositories",
    "send",
    "status",
    "summary",
    "tasks/get",
    "tasks/run",
    "tasks/say",
    "tasks/stop",
    "wait",
  ]);
});

test("no row of the wire is on a surface of this machine", () => {
  expect(wireRows.filter(([, { surfaces }]) => surfaces.length > 0)).toEqual([]);
});

test("a stranger reaches one bit; a certificate reaches pairing; all else is a peer's", () => {
  const by = (caller: string): string[] =>
    wireRows.filter(([, row]) => row.caller === caller).map(([path]) => path);
  expect(by("anyone")).toEqual(["window"]);
  expect(by("certificate")).toEqual(["pair/share", "pair/confirm", "meet"]);
  expect(by("exchange")).toEqual(["token"]);
  expect(by("peer")).toEqual([
    ...["unpair", "hello", "ask", "wait", "wait/end", "reached", "message", "receipt"],
    "read/repositories",
    ...["read/open", "read/file", "read/glob", "read/grep", "read/close"],
    ...["task/submit", "task/say", "task/check", "task/stop", "task/discard"],
    ...["task/event", "task/result", "blob/put", "blob/get", "overlap"],
    "subjects",
  ]);
});

test("window answers exactly one bit", () => {
  expect(wire.window.output.safeParse({ open: true }).success).toBe(true);
  expect(wire.window.output.parse({ open: true, name: "mini" })).toEqual({ open: true });
  expect(wire.window.output.safeParse({ open: 1 }).success).toBe(false);
});

test("the wire carries no absolute time", () => {
  const names = wireRows.flatMap(([path, { input, output }]) =>
    [input, output].flatMap((schema) =>
      [
        ...JSON.stringify(jsonSchema(schema, "draft-2020-12")).matchAll(
          /"([a-z_]+_at_ms|at_ms)":/g,
        ),
      ].map(([, name]) => `${path} ${name}`),
    ),
  );
  // A checkpoint is signed over the time it was made at: evidence, by which nothing is decided.
  expect([...new Set(names)]).toEqual(["hello at_ms"]);
});

test("protocols are listed once each, in rising order", () => {
  expect([...protocols].sort((a, b) => a - b)).toEqual([...new Set(protocols)]);
  expect(protocols.length).toBeGreaterThan(0);
});
