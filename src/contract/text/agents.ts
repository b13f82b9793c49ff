/** Names of coding agents as people write them, by their harness. Loads nothing. */

const agentNames: Readonly<Record<string, string>> = {
  "claude-code": "Claude Code",
  codex: "Codex",
  "gemini-cli": "Gemini CLI",
  "qwen-code": "Qwen Code",
  copilot: "Copilot CLI",
};

/** The name of an agent; an unknown program keeps its own. */
export const agentName = (harness: string): string => agentNames[harness] ?? harness;
