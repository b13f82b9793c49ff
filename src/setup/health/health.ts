/**
 * Whether each agent that peernet is registered in can use it: by running what its files name, as
 * it would. Changes nothing.
 */

import { existsSync } from "node:fs";
import type { Check } from "../../contract/doctor.ts";
import { PeernetError } from "../../contract/errors.ts";
import { programMs } from "../../contract/limits.ts";
import { type Agent, agents, type Places } from "../../harness/agents.ts";
import { untrustedEvents } from "../../harness/codex-trust.ts";
import { commandOf, mcpEntry, variablesOf } from "../../harness/entries.ts";
import { hookCommand, hookEvents, isOnlyPeernet } from "../../harness/events.ts";
import { missingEvents, peernetHooks } from "../../harness/written-events.ts";
import { find } from "../apply/files.ts";
import type { Ledger } from "../apply/ledger.ts";
import { printed, programPath, type RunningParts, runWithin } from "../apply/running.ts";
import { hasPlugin, mcpFile } from "../plan/survey.ts";
import { type Tried, tryHook, tryMcp } from "./verify.ts";

/** What looking at the agents needs. */
export interface HealthParts extends RunningParts {
  readonly places: Places;
  readonly ledger: Ledger;
  /** What runs the program that asks. */
  readonly program: string;
  /** The version that asks. */
  readonly version: string;
  /** The state folder where it is not the usual one, else null. */
  readonly home: string | null;
}

/**
 * A check of each agent that peernet is, or was, registered in by setup or by the plugin; more
 * where more is wrong.
 */
export async function agentChecks(parts: HealthParts): Promise<readonly Check[]> {
  const checks = await Promise.all(agents.map((agent) => checksOf(parts, agent)));
  return checks.flat();
}

async function checksOf(parts: HealthParts, agent: Agent): Promise<readonly Check[]> {
  try {
    const mcp = await mcpCheck(parts, agent);
    const hooks = await hooksCheck(parts, agent);
    const trust = agent.name === "codex" && hooks?.state === "ok" ? trustCheck(parts, agent) : null;
    const plugin = await pluginCheck(parts, agent);
    const written = [mcp, hooks, plugin].filter((each) => each !== null);
    // Hooks that are not trusted could run, and do not.
    const fine = written.filter((each) => each.state === "ok" && (each === mcp || trust === null));
    const bad = [...written, ...(trust === null ? [] : [trust])].filter(
      ({ state }) => state !== "ok",
    );
    const details = fine.map(({ detail }) => detail).join("; ");
    return details === "" ? bad : [ok(agent, details), ...bad];
  } catch (error) {
    if (!(error instanceof PeernetError)) throw error;
    return [failed(agent, error.message, "mend it, then: peernet setup")];
  }
}

const ok = ({ name }: Agent, detail: string): Check => ({ name, state: "ok", detail, fix: null });
const failed = ({ name }: Agent, detail: string, fix = "peernet setup"): Check => ({
  name,
  state: "failed",
  detail,
  fix,
});

/** Whether setup wrote to a file of an agent, which is then looked for. */
const wasWritten = ({ ledger }: HealthParts, agent: Agent, kind: string): boolean =>
  ledger.files.some((file) => file.agent === agent.name && file.kind === kind);

async function mcpCheck(parts: HealthParts, agent: Agent): Promise<Check | null> {
  const path = mcpFile(agent, parts.places);
  const entry = mcpEntry(agent.mcp, find(path).text);
  if (entry === null) {
    const isGone = wasWritten(parts, agent, "mcp");
    return isGone ? failed(agent, `the MCP server is not in ${path} any more`) : null;
  }
  const command = commandOf(entry);
  const [program = ""] = command ?? [];
  if (command === null) return failed(agent, `the MCP server in ${path} is no local command`);
  if (!isPeernet(parts, program)) {
    return failed(agent, `the MCP server in ${path} runs ${program}, which is no peernet`);
  }
  const skew = await skewOf(parts, agent, {
    by: "it runs",
    program,
    command: command.slice(0, -1),
  });
  if (skew !== null) return skew;
  const variables = variablesOf(entry);
  const home = variables.PEERNET_HOME ?? null;
  if (home !== parts.home) {
    const detail = `it asks the daemon of ${home ?? "~/.peernet"}, not this one`;
    return { name: agent.name, state: "warning", detail, fix: "peernet setup" };
  }
  const tried = await tryMcp(parts, command, variables);
  if (tried.works) return ok(agent, `MCP server ${tried.detail}`);
  return failed(agent, `the MCP server ${program} ${tried.detail}`);
}

/** What another put in our place is not run to see what it does. */
const isPeernet = ({ program }: HealthParts, registered: string): boolean =>
  registered === program || /(^|\/)[^/]*peernet$/.test(registered);

/** What is asked for its version. */
interface Versioned {
  /** Who runs it, for a person: `it runs`. */
  readonly by: string;
  readonly program: string;
  /** What runs it, up to a mode. */
  readonly command: readonly string[];
}

/** Whether a registered program is there, and of the version that asks. */
async function skewOf(
  parts: HealthParts,
  agent: Agent,
  { by, program, command }: Versioned,
): Promise<Check | null> {
  if (program.startsWith("/") && !existsSync(program)) {
    return failed(agent, `it is to run ${program}, which is not there`);
  }
  const ran = await runWithin(parts, [...command, "version", "--json"], programMs);
  const version = versionIn(printed(ran));
  if (version === parts.version) return null;
  const detail = `${by} ${program}, version ${version ?? "unknown"}; this is ${parts.version}`;
  return { name: agent.name, state: "warning", detail, fix: "peernet setup" };
}

function versionIn(text: string): string | null {
  try {
    const { version } = Object(JSON.parse(text));
    return typeof version === "string" ? version : null;
  } catch {
    return null;
  }
}

async function hooksCheck(parts: HealthParts, agent: Agent): Promise<Check | null> {
  if (agent.hooks === null) return null;
  const { agent: harness, file } = agent.hooks;
  const path = file(parts.places);
  const { text } = find(path);
  const [first] = peernetHooks(harness, text);
  if (first === undefined) {
    const isGone = wasWritten(parts, agent, "hooks");
    return isGone ? failed(agent, `the hooks are not in ${path} any more`) : null;
  }
  const missing = missingEvents(harness, text, first.command);
  if (!isOnlyPeernet(first.command, harness)) {
    return failed(agent, `its hook is not run, for it runs more than peernet: ${first.command}`);
  }
  if (missing.length > 0) return failed(agent, `no hook in ${path} for ${missing.join(", ")}`);
  const tried: Tried = await tryHook(parts, first.command);
  if (!tried.works) return failed(agent, `its hook ${tried.detail}: ${first.command}`);
  const skew = await skewOf(parts, agent, hookProgram(first.command));
  return skew ?? ok(agent, `${hookEvents[harness].length} hooks run`);
}

/** What a hook's command line runs, as the shell reads it: `isOnlyPeernet` has judged the line. */
function hookProgram(line: string): Versioned {
  const program = line.replace(/ hook [\w-]+$/, "");
  return { by: "its hooks run", program, command: ["/bin/sh", "-c", `${program} "$@"`, "sh"] };
}

/** Whether what the plugin runs, `peernet` on PATH, is this one and works. */
async function pluginCheck(parts: HealthParts, agent: Agent): Promise<Check | null> {
  if (agent.hooks === null || !hasPlugin(agent, parts.places)) return null;
  const { program: own } = parts;
  const fix = `put the folder of ${own} first on PATH`;
  const program = programPath(parts, "peernet");
  if (program === null) return failed(agent, "the plugin runs peernet, which is not on PATH", fix);
  const skew = await skewOf(parts, agent, { by: "the plugin runs", program, command: [program] });
  if (skew !== null) return { ...skew, fix };
  const mcp = await tryMcp(parts, [program, "mcp"], {});
  if (!mcp.works) return failed(agent, `the plugin's MCP server ${program} ${mcp.detail}`, fix);
  const { agent: harness } = agent.hooks;
  const hook = await tryHook(parts, hookCommand(harness, { command: ["peernet"], home: null }));
  if (!hook.works) return failed(agent, `the plugin's hook ${hook.detail}`, fix);
  return ok(agent, `plugin: MCP server ${mcp.detail}, ${hookEvents[harness].length} hooks run`);
}

function trustCheck({ places }: HealthParts, agent: Agent): Check | null {
  const [config = ""] = agent.mcpFiles(places);
  const hooksFile = agent.hooks?.file(places) ?? "";
  const untrusted = untrustedEvents(find(config).text, [hooksFile, find(hooksFile).target]);
  if (untrusted.length === 0) return null;
  return {
    name: agent.name,
    state: "warning",
    detail: `${untrusted.length} hooks written, not trusted: Codex does not run them`,
    fix: 'start codex, choose 2, "Trust all and continue"',
  };
}
