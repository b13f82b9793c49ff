/** The page's commands and entries for each agent. */

import { expect, test } from "bun:test";
import { registrations } from "../../src/dashboard/registrations.ts";

const shown = (home: string | null, environment = {}) =>
  registrations({ command: ["/home/a b/peernet"], home }, environment);

test("registrations() names this very executable, quoted, and each agent's file", () => {
  const command = "mcp add --scope user peernet";
  expect(shown(null).map(({ agent, file, text }) => [agent, file, text])).toEqual([
    ["Claude Code", "~/.claude.json", `claude ${command} -- '/home/a b/peernet' mcp`],
    [
      "Codex",
      "~/.codex/config.toml",
      '[mcp_servers.peernet]\ncommand = "/home/a b/peernet"\nargs = ["mcp"]',
    ],
    ["Gemini CLI", "~/.gemini/settings.json", `gemini ${command} '/home/a b/peernet' mcp`],
    ["Qwen Code", "~/.qwen/settings.json", `qwen ${command} '/home/a b/peernet' mcp`],
    [
      "opencode",
      "~/.config/opencode/opencode.jsonc",
      "opencode mcp add peernet -- '/home/a b/peernet' mcp",
    ],
    [
      "Copilot CLI",
      "~/.copilot/mcp-config.json",
      "copilot mcp add peernet -- '/home/a b/peernet' mcp",
    ],
  ]);
});

test("registrations() carries another state folder, and says which file to write", () => {
  const all = shown("/srv/peer net");
  for (const { text } of all) expect(text).toMatch(/PEERNET_HOME.*\/srv\/peer net/);
  expect(all.filter(({ kind }) => kind === "entry").map(({ agent }) => agent)).toEqual(["Codex"]);
  const [claude, codex] = shown(null, { CLAUDE_CONFIG_DIR: "/etc/c", CODEX_HOME: "/etc/x" });
  expect([claude?.file, codex?.file]).toEqual(["/etc/c/.claude.json", "/etc/x/config.toml"]);
});
