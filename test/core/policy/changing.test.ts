/** The text of a policy as `policy allow` and `policy deny` change it. */

import { describe, expect, test } from "bun:test";
import type { PolicyDocument } from "../../../src/contract/policy/document.ts";
import { readPolicy } from "../../../src/contract/policy/reading.ts";
import { allowing, denying } from "../../../src/core/policy/changing.ts";
import { decide } from "../../../src/core/policy/deciding.ts";

const documentOf = (text: string): PolicyDocument => {
  const read = readPolicy(text, (toml) => Bun.TOML.parse(toml));
  if (!read.ok) throw new Error(`${read.fault.line}: ${read.fault.message}`);
  return read.document;
};
const may = (text: string): boolean => {
  const request = { act: "read", peers: ["laptop"], repository: "hydrate", ref: "main" } as const;
  return decide(documentOf(text), request).allowed;
};
const repository = { name: "hydrate", path: "/src/hydrate", ref: "main" };
const given = { peer: "laptop", repositories: [repository] };

describe("allowing()", () => {
  test("adds a rule for another branch, and denying() removes both", () => {
    const { text } = allowing(null, null, given);
    const other = { peer: "laptop", repositories: [{ ...repository, ref: "other" }] };
    const both = allowing(text, documentOf(text), other);
    expect(both.added).toContain('name = "laptop-read-hydrate-2"');
    const reads = (ref: string, of: string) =>
      decide(documentOf(of), { act: "read", peers: ["laptop"], repository: "hydrate", ref })
        .allowed;
    expect([reads("main", both.text), reads("other", both.text)]).toEqual([true, true]);
    expect(allowing(both.text, documentOf(both.text), other).added).toEqual([]);
    const denied = denying(both.text, documentOf(both.text), {
      peer: "laptop",
      repositories: ["hydrate"],
    });
    expect([reads("main", denied.text), reads("other", denied.text)]).toEqual([false, false]);
  });

  test("writes a whole policy where there is none", () => {
    const { text, added } = allowing(null, null, given);
    expect(text).toBe(`version = 1

[repositories.hydrate]
path = "/src/hydrate"

[[allow.read]]
name = "laptop-read-hydrate"
peer = ["laptop"]
repository = ["hydrate"]
ref = ["main"]
`);
    expect(added[0]).toBe("[repositories.hydrate]");
    expect(may(text)).toBeTrue();
  });

  test("changes nothing when it is allowed already", () => {
    const { text } = allowing(null, null, given);
    expect(allowing(text, documentOf(text), given)).toEqual({ text, added: [], removed: [] });
  });

  test("takes back what deny wrote", () => {
    const other =
      '[[allow.read]]\nname = "mine"\npeer = ["laptop"]\nrepository = ["*"]\nref = ["*"]\n';
    const start = `version = 1\n[repositories.hydrate]\npath = "/src/hydrate"\n# kept\n${other}`;
    const denied = denying(start, documentOf(start), { peer: "laptop", repositories: ["hydrate"] });
    expect(may(start)).toBeTrue();
    expect(denied.text).toContain("# kept");
    expect(may(denied.text)).toBeFalse();
    expect(may(allowing(denied.text, documentOf(denied.text), given).text)).toBeTrue();
  });
});

describe("denying()", () => {
  test("removes the rule that allow wrote, and keeps the comment of the next", () => {
    const { text } = allowing(null, null, given);
    const more = `${text}\n# of mini\n[[refuse]]\nname = "no"\npeer = ["mini"]\n`;
    const denied = denying(more, documentOf(more), { peer: "laptop", repositories: ["hydrate"] });
    expect(denied.added).toEqual([]);
    expect(denied.removed[0]).toBe("[[allow.read]]");
    expect(denied.text).toContain("# of mini\n[[refuse]]");
    expect(may(denied.text)).toBeFalse();
  });
});
