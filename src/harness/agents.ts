/**
 * The coding agents that setup knows: the places of their settings, and peernet's entries in them.
 * Texts in, texts out: opens no file and runs no program.
 */

import { join } from "node:path";
import type { HookedAgent, Registered } from "./events.ts";
import type { JsonObject } from "./jsonc.ts";

/** A coding agent, by the name of its harness. */
export type AgentName = HookedAgent | "gemini-cli" | "qwen-code" | "opencode" | "copilot";

/** The folders and variables of a user's environment. */
export interface Places {
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** One coding agent. */
export interface Agent {
  readonly name: AgentName;
  /** Its name as people say it. */
  readonly label: string;
  readonly program: string;
  /**
   * A folder that exists exactly when the agent was used; null when only its program shows that.
   */
  readonly folder: ((places: Places) => string) | null;
  /** Files that may hold its MCP servers; the agent itself makes the first. */
  readonly mcpFiles: (places: Places) => readonly string[];
  readonly mcp: McpPlace;
  /** The file of its hooks; null when it has no hooks that peernet uses. */
  readonly hooks: { readonly agent: HookedAgent; readonly file: (places: Places) => string } | null;
}

/** The form in which an agent writes an MCP server. */
export interface McpPlace {
  readonly format: "json" | "toml";
  /** The keys that lead to peernet's entry. */
  readonly path: readonly string[];
  readonly entry: (registered: Registered) => JsonObject;
  /** The key of the variables that an entry sets. */
  readonly variables: "env" | "environment";
  /** The arguments by which the program registers it; null when setup writes the file instead. */
  readonly add: ((registered: Registered) => readonly string[]) | null;
}

/** A folder that a variable names; a relative one would lie in the current repository. */
export const named = (folder: string | undefined, usual: string): string =>
  folder?.startsWith("/") ? folder : usual;

/** The folder in which Claude Code keeps its user's settings. */
export const claudeFolder = ({ home, environment }: Places): string =>
  named(environment.CLAUDE_CONFIG_DIR, join(home, ".claude"));
const codexFolder = ({ home, environment }: Places): string =>
  named(environment.CODEX_HOME, join(home, ".codex"));

const environmentOf = ({ home }: Registered): Record<string, string> =>
  home === null ? {} : { PEERNET_HOME: home };
const variables = (registered: Registered, flag: string): readonly string[] =>
  Object.entries(environmentOf(registered)).flatMap(([name, value]) => [flag, `${name}=${value}`]);
const mcpWords = ({ command }: Registered): readonly string[] => [...command.slice(1), "mcp"];
const wholeCommand = (registered: Registered): readonly string[] => [
  registered.command[0] ?? "",
  ...mcpWords(registered),
];

/** The entry's form in each of the agents that follow. */
const plainEntry = (registered: Registered): JsonObject => ({
  command: registered.command[0],
  args: mcpWords(registered),
  ...(registered.home === null ? {} : { env: environmentOf(registered) }),
});

const geminiLike = (name: AgentName, label: string, program: string): Agent => ({
  name,
  label,
  program,
  folder: null,
  mcpFiles: ({ home }) => [join(home, `.${program}`, "settings.json")],
  mcp: {
    format: "json",
    path: ["mcpServers", "peernet"],
    variables: "env",
    entry: plainEntry,
    add: (registered) => {
      const flags = ["--scope", "user", ...variables(registered, "-e")];
      return ["mcp", "add", ...flags, "peernet", ...wholeCommand(registered)];
    },
  },
  hooks: null,
});

/** Every agent, in display order. */
export const agents: readonly Agent[] = [
  {
    name: "claude-code",
    label: "Claude Code",
    program: "claude",
    folder: claudeFolder,
    mcpFiles: ({ home, environment }) => [
      join(named(environment.CLAUDE_CONFIG_DIR, home), ".claude.json"),
    ],
    mcp: {
      format: "json",
      path: ["mcpServers", "peernet"],
      variables: "env",
      entry: (registered) => ({
        type: "stdio",
        command: registered.command[0],
        args: mcpWords(registered),
        env: environmentOf(registered),
      }),
      // The name precedes its variables, since the flag takes every argument that follows.
      add: (registered) => {
        const named = ["mcp", "add", "--scope", "user", "peernet", ...variables(registered, "-e")];
        return [...named, "--", ...wholeCommand(registered)];
      },
    },
    hooks: {
      agent: "claude-code",
      file: (places) => join(claudeFolder(places), "settings.json"),
    },
  },
  {
    name: "codex",
    label: "Codex",
    program: "codex",
    folder: codexFolder,
    mcpFiles: (places) => [join(codexFolder(places), "config.toml")],
    mcp: {
      format: "toml",
      path: ["mcp_servers", "peernet"],
      variables: "env",
      entry: plainEntry,
      // `codex mcp add` drops the comments inside every other server's table.
      add: null,
    },
    hooks: { agent: "codex", file: (places) => join(codexFolder(places), "hooks.json") },
  },
  geminiLike("gemini-cli", "Gemini CLI", "gemini"),
  geminiLike("qwen-code", "Qwen Code", "qwen"),
  {
    name: "opencode",
    label: "opencode",
    program: "opencode",
    folder: null,
    mcpFiles: ({ home, environment }) => {
      const folder = join(named(environment.XDG_CONFIG_HOME, join(home, ".config")), "opencode");
      return [join(folder, "opencode.jsonc"), join(folder, "opencode.json")];
    },
    mcp: {
      format: "json",
      path: ["mcp", "peernet"],
      variables: "environment",
      entry: (registered) => ({
        type: "local",
        command: wholeCommand(registered),
        ...(registered.home === null ? {} : { environment: environmentOf(registered) }),
      }),
      add: (registered) => {
        const flags = variables(registered, "--env");
        return ["mcp", "add", "peernet", ...flags, "--", ...wholeCommand(registered)];
      },
    },
    hooks: null,
  },
  {
    name: "copilot",
    label: "Copilot CLI",
    program: "copilot",
    folder: null,
    mcpFiles: ({ home }) => [join(home, ".copilot", "mcp-config.json")],
    mcp: {
      format: "json",
      path: ["mcpServers", "peernet"],
      variables: "env",
      entry: (registered) => ({ type: "local", ...plainEntry(registered), tools: ["*"] }),
      add: (registered) => {
        const flags = variables(registered, "--env");
        return ["mcp", "add", "peernet", ...flags, "--", ...wholeCommand(registered)];
      },
    },
    hooks: null,
  },
];
