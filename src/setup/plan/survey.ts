/** The tailnet and the coding agents on this machine. Changes nothing. */

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { programMs } from "../../contract/limits.ts";
import { type Agent, agents, type Places } from "../../harness/agents.ts";
import { isObject, readJson } from "../../harness/jsonc.ts";
import { find } from "../apply/files.ts";
import { printed, programPath, type RunningParts, runWithin } from "../apply/running.ts";

/** This machine's tailnet, as setup shows it. */
export interface TailnetSeen {
  readonly state: "running" | "stopped" | "missing" | "unanswered";
  /** This machine's addresses on the tailnet. */
  readonly addresses: readonly string[];
  readonly login: string | null;
  /** The number of the user's machines, including this one. */
  readonly machines: number;
}

/** A coding agent that is installed here. */
export interface FoundAgent {
  readonly agent: Agent;
  /** Its program; null when only its folder was found. */
  readonly program: string | null;
  readonly version: string | null;
  /** True when peernet's plugin is enabled in it: then setup registers nothing else. */
  readonly hasPlugin: boolean;
}

/** The coding agents that are installed here. */
export async function foundAgents(
  parts: RunningParts,
  places: Places,
): Promise<readonly FoundAgent[]> {
  const found = agents.map(async (agent): Promise<FoundAgent | null> => {
    const program = programPath(parts, agent.program);
    const folder = agent.folder?.(places) ?? null;
    if (program === null && (folder === null || !existsSync(folder))) return null;
    const version = program === null ? null : await versionOf(parts, program);
    return { agent, program, version, hasPlugin: hasPlugin(agent, places) };
  });
  return (await Promise.all(found)).filter((each) => each !== null);
}

async function versionOf(parts: RunningParts, program: string): Promise<string | null> {
  const text = printed(await runWithin(parts, [program, "--version"], programMs));
  return /\d+\.\d+[\w.-]*/.exec(text)?.[0] ?? null;
}

/**
 * True when an agent has peernet's plugin enabled: Claude Code lists enabled plugins as
 * `name@marketplace`.
 */
export function hasPlugin({ hooks }: Agent, places: Places): boolean {
  if (hooks?.agent !== "claude-code") return false;
  const { enabledPlugins } = readSafely(hooks.file(places));
  return Object.entries(Object(enabledPlugins)).some(
    ([name, on]) => /^peernet@/.test(name) && on === true,
  );
}

/** A file's object; empty when the file cannot be read: the plan reports what is wrong with it. */
function readSafely(path: string): Readonly<Record<string, unknown>> {
  try {
    const value = readJson(find(path).text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/**
 * The file of an agent's MCP servers: the first that exists, else the one that the agent would
 * make.
 */
export const mcpFile = (agent: Agent, places: Places): string => {
  const files = agent.mcpFiles(places);
  return files.find((file) => existsSync(file)) ?? files[0] ?? "";
};

/**
 * Open sessions of Claude Code, which read their hooks at their start. Claude Code names a file
 * after each process; setup opens none of them.
 */
export function openSessions(places: Places, isAlive: (pid: number) => boolean): number {
  const folder = agents.find(({ name }) => name === "claude-code")?.folder?.(places) ?? "";
  try {
    return readdirSync(join(folder, "sessions"))
      .map((name) => /^(\d{1,10})\.json$/.exec(name)?.[1])
      .filter((pid) => pid !== undefined && isAlive(Number(pid))).length;
  } catch {
    return 0;
  }
}
