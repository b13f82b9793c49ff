/**
 * Reads an agent's settings for entries that keep it from running peernet. An unreadable file
 * counts as empty: another check reports what is wrong with it, or it is not ours to read.
 */

import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type Agent,
  type AgentName,
  claudeFolder,
  named,
  type Places,
} from "../../harness/agents.ts";
import { mcpEntry } from "../../harness/entries.ts";
import { isObject, readJson } from "../../harness/jsonc.ts";
import {
  type AgentSettings,
  claudeProjectsWithout,
  type Settings,
  type SwitchedOff,
  switchedOff,
} from "../../harness/switches.ts";
import { readToml } from "../../harness/toml.ts";
import { find } from "../apply/files.ts";
import { mcpFile } from "../plan/survey.ts";

/** The places where settings are looked up. */
export interface Around {
  readonly places: Places;
  /** The folder in which the person ran the command; null when that folder is gone. */
  readonly cwd: string | null;
  /** The root of managed settings: `/`. */
  readonly system: string;
}

/** Parts that an agent was told not to run, everywhere or in the command's folder. */
export function switchesOf(agent: Agent, around: Around): readonly SwitchedOff[] {
  const path = mcpFile(agent, around.places);
  const entry = mcpEntry(agent.mcp, find(path).text);
  const place = { path, keys: agent.mcp.path };
  const off = switchedOff(agent.name, settingsOf[agent.name](around), { entry, place });
  if (agent.name !== "claude-code" || entry === null) return off;
  const here = projectsWithout(agent, around.places).find((folder) => isIn(around.cwd, folder));
  if (here === undefined) return off;
  const key = `projects.${here}.disabledMcpServers`;
  const by = `${key} has peernet in ${path}`;
  return [...off, { part: "mcp", by, fix: `take peernet out of ${key} in ${path}` }];
}

/** The projects in which an agent was told not to start the server. */
export const projectsWithout = (agent: Agent, places: Places): readonly string[] =>
  agent.name === "claude-code" ? claudeProjectsWithout(read(mcpFile(agent, places)).root) : [];

const isIn = (cwd: string | null, folder: string): boolean =>
  cwd === folder || cwd?.startsWith(`${folder}/`) === true;

function read(path: string): Settings {
  try {
    const { text } = find(path);
    const root = path.endsWith(".toml") ? readToml(text) : readJson(text);
    return { path, root: isObject(root) ? root : {}, isThere: text !== null };
  } catch {
    return { path, root: {}, isThere: false };
  }
}

const none = { managed: [], others: [], exclusive: null, enablement: null };

const settingsOf: Readonly<Record<AgentName, (around: Around) => AgentSettings>> = {
  "claude-code": (around) => {
    const folder = join(around.system, claudeManaged);
    return {
      ...none,
      managed: [join(folder, "managed-settings.json"), ...dropIns(folder)].map(read),
      others: [
        ...projectFiles(around, ".claude/settings.local.json"),
        ...projectFiles(around, ".claude/settings.json"),
        join(claudeFolder(around.places), "settings.json"),
      ].map(read),
      exclusive: read(join(folder, "managed-mcp.json")),
    };
  },
  codex: ({ places: { home, environment }, system }) => {
    const [own, managed] = [named(environment.CODEX_HOME, join(home, ".codex")), "etc/codex"];
    return {
      ...none,
      managed: [read(join(system, managed, "managed_config.toml"))],
      others: [join(own, "config.toml"), join(system, managed, "config.toml")].map(read),
      exclusive: read(join(system, managed, "requirements.toml")),
    };
  },
  "gemini-cli": (around) => geminiLike(around, "gemini", "GEMINI_CLI_SYSTEM_SETTINGS_PATH"),
  "qwen-code": (around) => geminiLike(around, "qwen", "QWEN_CODE_SYSTEM_SETTINGS_PATH"),
  opencode: ({ places: { home, environment }, system }) => {
    const folder = join(named(environment.XDG_CONFIG_HOME, join(home, ".config")), "opencode");
    const files = ["opencode.jsonc", "opencode.json", "config.json"];
    const extra = environment.OPENCODE_CONFIG;
    return {
      ...none,
      managed: [
        ...files.map((file) => join(system, "etc/opencode", file)),
        ...(extra?.startsWith("/") ? [extra] : []),
      ].map(read),
      others: files.map((file) => read(join(folder, file))),
    };
  },
  copilot: ({ places: { home, environment } }) => {
    const folder = named(environment.COPILOT_HOME, join(home, ".copilot"));
    return {
      ...none,
      others: ["settings.json", "config.json"].map((file) => read(join(folder, file))),
    };
  },
};

const claudeManaged =
  process.platform === "darwin" ? "Library/Application Support/ClaudeCode" : "etc/claude-code";

function geminiLike({ places, system }: Around, program: string, variable: string): AgentSettings {
  const own = join(places.home, `.${program}`);
  const usual = join(
    system,
    "etc",
    program === "gemini" ? "gemini-cli" : "qwen-code",
    "settings.json",
  );
  return {
    ...none,
    managed: [read(named(places.environment[variable], usual))],
    others: [read(join(own, "settings.json"))],
    enablement: read(join(own, "mcp-server-enablement.json")),
  };
}

/** Further files of Claude Code's administrator, of which the last wins. */
function dropIns(folder: string): readonly string[] {
  const inside = join(folder, "managed-settings.d");
  if (!existsSync(inside)) return [];
  const names = readdirSync(inside).filter((file) => file.endsWith(".json"));
  return names
    .sort()
    .reverse()
    .map((file) => join(inside, file));
}

/** A project's file in the command's folder or above it, up to the home folder. */
function projectFiles({ cwd, places }: Around, file: string): readonly string[] {
  for (let at = cwd; at !== null && at !== places.home; at = dirname(at)) {
    if (existsSync(join(at, file))) return [join(at, file)];
    if (dirname(at) === at) break;
  }
  return [];
}
