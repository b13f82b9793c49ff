/**
 * Every statement about another machine has its evidence in code. A field of an output, or a
 * sentence in the source, that no row of the table names makes these tests fail: give it a row in
 * src/contract/truth/, with the code that derives it and its age.
 */

import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { apart } from "../../src/contract/truth/apart.ts";
import { claims } from "../../src/contract/truth/claims.ts";
import { type Evidence, facts, local } from "../../src/contract/truth/facts.ts";
import { fieldsOfOutputs } from "./fields.ts";
import { type Statement, statementsIn } from "./statements.ts";

const root = join(import.meta.dir, "../..");
const rows: readonly Evidence[] = Object.values(facts);

const sources = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...new Glob("src/**/*.{ts,tsx}").scanSync(root)].map((path) => [
      path,
      readFileSync(join(root, path), "utf8"),
    ]),
  );

const isLocal = (field: string): boolean => local.some((name) => field.startsWith(`${name}.`));

test("each field about another machine has its evidence, and each row its field", async () => {
  const fields = await fieldsOfOutputs();
  const proven = new Set(rows.flatMap((row) => row.fields));
  expect([...fields].filter((field) => !proven.has(field) && !isLocal(field))).toEqual([]);
  expect([...proven].filter((field) => !fields.has(field))).toEqual([]);
});

test("a new field of a peer is found, and a part of it by the field's own name", async () => {
  const fields = await fieldsOfOutputs();
  for (const field of ["Peer.link", "Peer.watches", "RemoteHandle.state", "Answer.summary.text"]) {
    expect(fields.has(field)).toBe(true);
  }
  expect([...fields].filter((field) => field.startsWith("list_peers.peers"))).toEqual([]);
});

test("each row names code that there is, and an age that is a field or a reason", async () => {
  const fields = await fieldsOfOutputs();
  for (const { from, age } of rows) {
    const [path = "", name = ""] = from.split("#");
    expect([from, existsSync(join(root, path))]).toEqual([from, true]);
    const text = readFileSync(join(root, path), "utf8");
    expect([from, new RegExp(`\\b${name}\\b`).test(text)]).toEqual([from, true]);
    expect([age, fields.has(age) || age.includes(" ")]).toEqual([age, true]);
  }
});

const shown = ({ path, text }: Statement): string => `${path}: ${text}`;

test("each sentence about another machine has its evidence, each claim its sentence", async () => {
  const found = await statementsIn(sources());
  const known = new Set([...Object.values(claims).flat(), ...apart]);
  expect(found.filter(({ text }) => !known.has(text)).map(shown)).toEqual([]);
  const texts = new Set(found.map(({ text }) => text));
  expect([...known].filter((text) => !texts.has(text))).toEqual([]);
});

test("statementsIn() finds a claim in a string, a template and markup, and no hint", async () => {
  const planted = {
    "src/cli/planted.ts":
      "export const told = (name: string) => [`\u0024{name} is asleep`, 'the peer was rude'];\n" +
      "export const hint = 'peernet peers show that is it';\n",
    "src/dashboard/page/planted.tsx": "export const Now = () => <p>It may be {'x'} there</p>;\n",
  };
  expect(await statementsIn(planted)).toEqual([
    { path: "src/cli/planted.ts", text: "… is asleep" },
    { path: "src/cli/planted.ts", text: "the peer was rude" },
    { path: "src/dashboard/page/planted.tsx", text: "It may be … there" },
  ]);
});

test("no text is both a claim and apart from claims", () => {
  const all = Object.values(claims).flat();
  expect(apart.filter((text) => all.includes(text))).toEqual([]);
  expect(new Set(apart).size).toBe(apart.length);
});
