/** Names of coding agents as people write them, by what a harness calls itself. Loads nothing. */

const agentNames: Readonly<Record<string, string>> = {
  "claude-code": "Claude Code",
  codex: "Codex",
  "gemini-cli": "Gemini CLI",
  "qwen-code": "Qwen Code",
  copilot: "Copilot CLI",
};

/** The name of an agent; a program that is not known keeps its own. */
export const agentName = (harness: string): string => agentNames[harness] ?? harness;
