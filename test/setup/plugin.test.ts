/** The Claude Code plugin says what setup writes. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { version } from "../../package.json";
import { agents } from "../../src/harness/agents.ts";
import { commandOf, mcpEntry } from "../../src/harness/entries.ts";
import { hookCommand } from "../../src/harness/events.ts";
import { groupOf, hooksOf } from "../../src/harness/written-events.ts";

const read = (path: string): string =>
  readFileSync(join(import.meta.dir, "../../plugin", path), "utf8");
const onPath = { command: ["peernet"], home: null };

test("the plugin's hooks are those that setup writes, run by the name on PATH", () => {
  const command = hookCommand("claude-code", onPath);
  expect(command).toBe("peernet hook claude-code");
  const hooks = Object.groupBy(hooksOf("claude-code", command), ({ event }) => event);
  const groups = Object.entries(hooks).map(([event, all = []]) => [event, all.map(groupOf)]);
  expect(JSON.parse(read("hooks/hooks.json"))).toEqual({ hooks: Object.fromEntries(groups) });
});

test("the plugin's MCP server is the one that setup registers", () => {
  const claude = agents.find(({ name }) => name === "claude-code");
  const entry = claude === undefined ? null : mcpEntry(claude.mcp, read(".mcp.json"));
  expect(entry === null ? null : commandOf(entry)).toEqual(["peernet", "mcp"]);
});

test("the plugin is of this version, and its skill has a name and says when to use it", () => {
  expect(JSON.parse(read(".claude-plugin/plugin.json"))).toMatchObject({
    name: "peernet",
    version,
  });
  const skill = read("skills/peernet/SKILL.md");
  expect(skill).toMatch(/^---\nname: peernet\ndescription: .+\n---\n/);
  // Claude Code refuses a longer one.
  expect(/^description: (.+)$/m.exec(skill)?.[1]?.length).toBeLessThanOrEqual(1_024);
});
