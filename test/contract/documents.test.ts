/** The written documents against the contract: fields, paths and scopes that they name. */

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fieldTable } from "../../scripts/fields.ts";
import { Verb } from "../../src/contract/audit.ts";
import { ToldScope } from "../../src/contract/terms.ts";
import { features, wire } from "../../src/contract/wire.ts";

const root = join(import.meta.dir, "../..");
const read = (name: string): string => readFileSync(join(root, name), "utf8");

describe("docs/protocol.md", () => {
  const protocol = read("docs/protocol.md");
  for (const [path, { input, output }] of Object.entries(wire)) {
    test(`names /v1/${path} and each of its fields`, () => {
      expect(protocol).toContain(`\`/v1/${path}\``);
      const tables = [fieldTable(input), fieldTable(output)].join("\n");
      const paths = [...tables.matchAll(/^\| `([^`]+)`/gm)].map(([, field = ""]) => field);
      const fields = new Set(paths.map((field) => field.replace(/^.*\./, "")));
      // In a code span, or in quotes in an example.
      const names = (field: string) => new RegExp(`\`[^\`\n]*\\b${field}\\b[^\`\n]*\`|"${field}"`);
      const unnamed = [...fields].filter((field) => !names(field).test(protocol));
      expect(unnamed).toEqual([]);
    });
  }
});

test("docs/protocol.md names the optional features of this version, and no other", () => {
  const [, listed = ""] = /^\| `features` \|.*?`(\[.*?\])`/m.exec(read("docs/protocol.md")) ?? [];
  expect(JSON.parse(listed)).toEqual([...features]);
});

test("docs/protocol.md names each verb of the audit trail, and no other", () => {
  const [, verbs = ""] = /^\| `verb` \| (.*) \|$/m.exec(read("docs/protocol.md")) ?? [];
  expect([...verbs.matchAll(/\w+/g)].map(String)).toEqual([...Verb.options]);
});

describe("the ladder of scopes", () => {
  /** Scopes of the rows that end so. */
  const marked = (text: string, mark: string): string[] =>
    [...text.matchAll(/^\| `(\w+)` \|.*\| (\S+) \|$/gm)].flatMap(([, scope = "", end]) =>
      end === mark ? [scope] : [],
    );

  test("README.md calls the scopes that this version has working, and no other", () => {
    const readme = read("README.md");
    expect(marked(readme, "**works**")).toEqual([...ToldScope.options]);
    const designed = marked(readme, "designed");
    expect(designed.filter((scope) => ToldScope.safeParse(scope).success)).toEqual([]);
  });

  test("SECURITY.md says what each scope of this version shows, and of no other", () => {
    const [, said = ""] = /## What a peer can get\n([\s\S]*?)\n## /.exec(read("SECURITY.md")) ?? [];
    const scopes = [...said.matchAll(/scope `(\w+)`/g)].map(([, scope = ""]) => scope);
    expect(scopes).toEqual([...ToldScope.options]);
  });
});
