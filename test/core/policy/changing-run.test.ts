/** The lines that `policy allow PEER run` writes, and what they then allow. */

import { describe, expect, test } from "bun:test";
import type { PolicyDocument } from "../../../src/contract/policy/document.ts";
import { readPolicy } from "../../../src/contract/policy/reading.ts";
import { allowingRun, denyingRun } from "../../../src/core/policy/changing-run.ts";
import { decide } from "../../../src/core/policy/deciding.ts";
import { parseToml } from "../../../src/platform/toml.ts";

function read(text: string): PolicyDocument {
  const outcome = readPolicy(text, parseToml);
  if (!outcome.ok) throw new Error(outcome.fault.message);
  return outcome.document;
}

const place = { name: "hydrate", path: "/home/ada/src/hydrate", isFolder: false };
const rights = { profiles: ["query", "edit"], runners: ["claude-code"] };
const asked = { peer: "laptop", places: [place], rights };

const runs = (document: PolicyDocument, profile: string, runner: string | null): boolean =>
  decide(document, {
    ...{ act: "inbound", peers: ["laptop"], repository: "hydrate", profile, runner },
  }).allowed;

describe("allowingRun()", () => {
  test("writes the repository and one rule, and nothing else is allowed", () => {
    const { text, added, removed } = allowingRun(null, null, asked);
    expect(removed).toEqual([]);
    expect(added.join("\n")).toBe(
      `[repositories.hydrate]
path = "/home/ada/src/hydrate"

[[allow.inbound]]
name = "laptop-run-hydrate"
peer = ["laptop"]
repository = ["hydrate"]
profile = ["query", "edit"]
runner = ["claude-code"]
network = "model"`,
    );
    const document = read(text);
    expect(runs(document, "edit", "claude-code")).toBe(true);
    expect(runs(document, "build", "claude-code")).toBe(false);
    expect(runs(document, "edit", "codex")).toBe(false);
    expect(document.allow.read).toEqual([]);
  });

  test("replaces its own rule, keeps comments, and writes nothing twice", () => {
    const once = allowingRun("# mine\nversion = 1\n", read("version = 1\n"), asked).text;
    expect(allowingRun(once, read(once), asked)).toMatchObject({ added: [], removed: [] });
    const wider = {
      ...asked,
      rights: { ...rights, profiles: ["build"], approval: "each" },
    } as const;
    const { text } = allowingRun(once, read(once), wider);
    expect(text).toStartWith("# mine\n");
    expect(read(text).allow.inbound).toHaveLength(1);
    expect(read(text).allow.inbound[0]).toMatchObject({ profile: ["build"], approval: "each" });
  });

  test("names no runner and no network for fixed commands, and a folder as a folder", () => {
    const folder = { name: "myapp", path: "/srv/myapp", isFolder: true };
    const commands = { profiles: ["check"], runners: [] };
    const { text } = allowingRun(null, null, { ...asked, places: [folder], rights: commands });
    const { folders, allow } = read(text);
    expect(folders).toEqual({ myapp: { path: "/srv/myapp" } });
    expect(allow.inbound[0]).toMatchObject({ profile: ["check"], network: "none" });
    expect(allow.inbound[0]?.runner).toBeUndefined();
  });
});

describe("denyingRun()", () => {
  test("removes the rule that was written, and leaves reading as it is", () => {
    const reading = `version = 1
[repositories.hydrate]
path = "/home/ada/src/hydrate"
[[allow.read]]
name = "laptop-read-hydrate"
peer = ["laptop"]
repository = ["hydrate"]
ref = ["main"]
`;
    const { text } = allowingRun(reading, read(reading), asked);
    const denied = denyingRun(text, read(text), { peer: "laptop", repositories: ["hydrate"] });
    expect(runs(read(denied.text), "edit", "claude-code")).toBe(false);
    expect(read(denied.text).allow.read).toHaveLength(1);
    expect(read(denied.text).refuse).toEqual([]);
  });

  test("refuses where another rule would still allow it", () => {
    const other = `version = 1
[repositories.hydrate]
path = "/home/ada/src/hydrate"
[[allow.inbound]]
name = "everybody-asks"
peer = ["*"]
repository = ["*"]
profile = ["query"]
runner = ["*"]
`;
    const document = read(other);
    expect(runs(document, "query", "codex")).toBe(true);
    const { text } = denyingRun(other, document, { peer: "laptop", repositories: ["hydrate"] });
    expect(runs(read(text), "query", "codex")).toBe(false);
  });
});
