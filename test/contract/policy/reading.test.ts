/** Reading a policy: each fault refuses the whole file, by its line. */

import { describe, expect, test } from "bun:test";
import { readPolicy } from "../../../src/contract/policy/reading.ts";

const good = `version = 1
[repositories]
hydrate = { path = "~/src/hydrate", base = ["main", "origin/*"] }   # ours
scratch = { clone = "git@github.com:acme/scratch.git", base = ["main"] }
[folders]
myapp = { path = "/srv/myapp" }
[profiles.test]
command = { file = "/usr/local/bin/run-tests" }

[[allow.inbound]]
name = "laptop-hydrate"
peer = ["laptop"]
repository = ["hydrate"]
profile = ["query", "edit"]
runner = ["claude-code", "codex"]
approval = "once"
wall = "20m"
usd = 2.0
at_once = 1
per_day = 10
network = "model"

[[allow.outbound]]
name = "my-sessions"
session = ["*"]
peer = ["mini"]
repository = ["hydrate"]
profile = ["query", "edit"]
send = "bundle"

[[allow.read]]
name = "laptop-reads"
peer = ["laptop"]
repository = ["hydrate"]
ref = ["main"]
deny_path = ["ops/**"]
`;

const read = (text: string) => readPolicy(text, (toml) => Bun.TOML.parse(toml));
const lineOf = (text: string, word: string): number =>
  text.split("\n").findIndex((line) => line.includes(word)) + 1;

describe("readPolicy()", () => {
  test("reads the policy of the documents", () => {
    const found = read(good);
    expect(found.ok && found.document.allow.read[0]?.ref).toEqual(["main"]);
  });

  /** A change of one line, and words of the fault. */
  const faults: readonly (readonly [string, string, string])[] = [
    ['ref = ["main"]', 'refs = ["main"]', "refs is not known"],
    ["version = 1", "version = 2", "version = 1 is taken"],
    ['send = "bundle"', 'send = "everything"', "commit or bundle"],
    ['peer = ["laptop"]', 'peer = "laptop"', "a list is taken"],
    ['name = "my-sessions"', 'name = "laptop-hydrate"', "two rules are called laptop-hydrate"],
    ['deny_path = ["ops/**"]', 'deny_path = ["/ops"]', "relative to the repository"],
    ['ref = ["main"]', 'ref = ["../main"]', "a ref"],
    ['wall = "20m"', 'wall = "5h"', "4h at most"],
    ["usd = 2.0", "usd = -1", "at least 0"],
    ['network = "model"', 'network = "open"', 'network is "none", "model"'],
    ['path = "/srv/myapp"', 'path = "srv/myapp"', "a path is absolute"],
    ['path = "/srv/myapp"', 'path = "/srv/../etc"', "a path has no .."],
    ["[folders]", "[foldres]", "foldres is not known"],
    ["myapp =", "hydrate =", "hydrate is a repository and a folder"],
    ["at_once = 1", "at_once = 1\nat_once = 2", "Cannot redefine key"],
    ["per_day = 10", "per_day = ", "Missing value"],
  ];
  for (const [from, to, words] of faults) {
    test(`refuses the whole file, by its line, when it says ${to}`, () => {
      // The last place of a line that stands in several rules.
      const at = good.lastIndexOf(from);
      const text = good.slice(0, at) + to + good.slice(at + from.length);
      const found = read(text);
      if (found.ok) throw new Error("it was read");
      expect(found.fault.message).toContain(words);
      const line = good.slice(0, at).split("\n").length + (to.includes("\n") ? 1 : 0);
      expect(found.fault.line).toBe(line);
    });
  }

  test("refuses a repository that no table names, at its rule", () => {
    const text = good.replace('repository = ["hydrate"]\nref', 'repository = ["hydrat"]\nref');
    const found = read(text);
    expect(found).toEqual({
      ok: false,
      fault: {
        line: lineOf(text, '"hydrat"'),
        message: "allow.read.0.repository: hydrat is in neither [repositories] nor [folders]",
      },
    });
  });

  test("refuses every machine at once in a rule of reading, and of more than query", () => {
    const everyone = (rule: string) => good.replace(rule, rule.replace('["laptop"]', '["*"]'));
    const read1 = read(everyone('name = "laptop-reads"\npeer = ["laptop"]'));
    expect(read1.ok).toBeFalse();
    const read2 = read(everyone('name = "laptop-hydrate"\npeer = ["laptop"]'));
    expect(read2.ok).toBeFalse();
  });

  test("refuses a file of more than 64 KiB", () => {
    const found = read(`${good}# ${"x".repeat(65_536)}\n`);
    expect(found).toEqual({ ok: false, fault: { line: 1, message: "a policy is at most 64 KiB" } });
  });

  test("refuses __proto__ as a name", () => {
    expect(read(`${good}\n[repositories.__proto__]\npath = "/x"\n`).ok).toBeFalse();
    expect(read(`${good}\n[__proto__]\npath = "/x"\n`).ok).toBeFalse();
  });
});
