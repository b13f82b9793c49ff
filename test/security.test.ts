/** SECURITY.md and the tests: no promise without a test that quotes it, no quote of no promise. */

import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const promise = /\bP\d+: [A-Z][^\n"`]*?\./g;

/** Sentences like `P1: ….` in a text. */
const promisesIn = (text: string): readonly string[] =>
  // A name that was broken into two strings is one name.
  text.replace(/"\s*\+\s*"/g, "").match(promise) ?? [];

const security = readFileSync(join(import.meta.dir, "../SECURITY.md"), "utf8");
const promised = promisesIn(security);

const quoted = new Set(
  readdirSync(import.meta.dir, { recursive: true })
    .map(String)
    .filter((path) => path.endsWith(".test.ts") && path !== "security.test.ts")
    .flatMap((path) => promisesIn(readFileSync(join(import.meta.dir, path), "utf8"))),
);

test("SECURITY.md numbers its promises from P1, each once", () => {
  const numbers = promised.map((sentence) => Number(/\d+/.exec(sentence)?.[0]));
  expect(numbers).toEqual(numbers.map((_, at) => at + 1));
  expect(promised.length).toBe(security.match(/^- P\d+:/gm)?.length ?? 0);
});

test("SECURITY.md promises nothing that no test quotes", () => {
  expect(promised.filter((sentence) => !quoted.has(sentence))).toEqual([]);
});

test("no test quotes a promise that SECURITY.md does not make", () => {
  expect([...quoted].filter((sentence) => !promised.includes(sentence))).toEqual([]);
});
