import { expect, test } from "bun:test";
import { agents, type Places } from "../../src/harness/agents.ts";
import {
  commandOf,
  mcpEntry,
  runsSame,
  variablesOf,
  withMcpEntry,
} from "../../src/harness/entries.ts";

const registered = { command: ["/opt/bin/peernet"], home: null };
const apart = { command: ["/opt/bin/peernet"], home: "/srv/a b" };
const usual: Places = { home: "/home/a", environment: {} };
const moved: Places = {
  home: "/home/a",
  environment: { CLAUDE_CONFIG_DIR: "/c", CODEX_HOME: "/x", XDG_CONFIG_HOME: "/g" },
};

const filesOf = (places: Places): Readonly<Record<string, readonly (string | undefined)[]>> =>
  Object.fromEntries(
    agents.map(({ name, mcpFiles, hooks }) => [name, [mcpFiles(places)[0], hooks?.file(places)]]),
  );

test("agents keep their files where each looks for them", () => {
  expect(filesOf(usual)).toEqual({
    "claude-code": ["/home/a/.claude.json", "/home/a/.claude/settings.json"],
    codex: ["/home/a/.codex/config.toml", "/home/a/.codex/hooks.json"],
    "gemini-cli": ["/home/a/.gemini/settings.json", undefined],
    "qwen-code": ["/home/a/.qwen/settings.json", undefined],
    opencode: ["/home/a/.config/opencode/opencode.jsonc", undefined],
    copilot: ["/home/a/.copilot/mcp-config.json", undefined],
  });
  expect(filesOf(moved)).toMatchObject({
    "claude-code": ["/c/.claude.json", "/c/settings.json"],
    codex: ["/x/config.toml", "/x/hooks.json"],
    opencode: ["/g/opencode/opencode.jsonc", undefined],
  });
});

test("no agent's files are looked for in the folder that we happen to be in", () => {
  const environment = { CLAUDE_CONFIG_DIR: ".c", CODEX_HOME: "./x", XDG_CONFIG_HOME: "g" };
  expect(filesOf({ home: "/home/a", environment })).toEqual(filesOf(usual));
});

for (const { name, mcp } of agents) {
  test(`an entry of ${name} is read as what was written, and taken out`, () => {
    for (const each of [registered, apart]) {
      const text = withMcpEntry(mcp, null, mcp.entry(each));
      const found = mcpEntry(mcp, text);
      if (found === null) throw new Error("nothing was written");
      expect(commandOf(found)).toEqual(["/opt/bin/peernet", "mcp"]);
      expect(variablesOf(found)).toEqual(each.home === null ? {} : { PEERNET_HOME: each.home });
      expect(runsSame(found, mcp.entry(each))).toBe(true);
      expect(runsSame(found, mcp.entry({ ...each, command: ["/other/peernet"] }))).toBe(false);
      expect(mcpEntry(mcp, withMcpEntry(mcp, text, null))).toBeNull();
    }
    expect(runsSame(mcp.entry(registered), mcp.entry(apart))).toBe(false);
  });

  test(`the command of ${name} names the program after what could take it for a flag`, () => {
    const words = mcp.add?.(apart);
    if (words === undefined) return;
    expect(words.slice(-2)).toEqual(["/opt/bin/peernet", "mcp"]);
    expect(words).toContain("PEERNET_HOME=/srv/a b");
    expect(words.indexOf("peernet")).toBeLessThan(words.indexOf("/opt/bin/peernet"));
  });
}

test("commandOf() is null for what is no local command", () => {
  expect(commandOf({ type: "http", url: "https://peernet.example" })).toBeNull();
  expect(commandOf({ command: "x", args: [1] })).toBeNull();
});
