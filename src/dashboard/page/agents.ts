/** How each coding agent is told of peernet's MCP server. Pure. */

import { quoted } from "./building.ts";

/** An agent, the command that registers, and the file that this changes. */
export interface Registration {
  readonly agent: string;
  readonly command: string;
  readonly changes: string;
}

/** The registration of the server with each agent. */
export function registrations(executable: string): readonly Registration[] {
  const path = quoted(executable);
  return [
    {
      agent: "Claude Code",
      command: `claude mcp add --scope user peernet -- ${path} mcp`,
      changes: "~/.claude.json",
    },
    {
      agent: "Codex",
      command: `codex mcp add peernet -- ${path} mcp`,
      changes: "~/.codex/config.toml",
    },
    {
      agent: "Gemini CLI",
      command: `gemini mcp add --scope user peernet ${path} mcp`,
      changes: "~/.gemini/settings.json",
    },
    {
      agent: "Qwen Code",
      command: `qwen mcp add --scope user peernet ${path} mcp`,
      changes: "~/.qwen/settings.json",
    },
    {
      agent: "opencode",
      command: `opencode mcp add peernet -- ${path} mcp`,
      changes: "~/.config/opencode/opencode.jsonc",
    },
    {
      agent: "Copilot CLI",
      command: `copilot mcp add peernet -- ${path} mcp`,
      changes: "~/.copilot/mcp-config.json",
    },
  ];
}
