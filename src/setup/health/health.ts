/**
 * Checks each agent in which peernet is registered. The agent's files name this program, the user
 * did not switch that off, and this program does what the agent runs it for. Runs no other program,
 * and passes on no setting from an agent's file.
 */

import { existsSync, realpathSync } from "node:fs";
import type { Check } from "../../contract/doctor.ts";
import { PeernetError } from "../../contract/errors.ts";
import { type Agent, agents, type Places } from "../../harness/agents.ts";
import { disabledEvents, untrustedEvents } from "../../harness/codex-trust.ts";
import { commandOf, mcpEntry, variablesOf } from "../../harness/entries.ts";
import { editEvent, isOnlyPeernet, isWaker, programOf } from "../../harness/events.ts";
import type { SwitchedOff } from "../../harness/switches.ts";
import { hooksOf, lacksWakers, missingEvents, peernetHooks } from "../../harness/written-events.ts";
import { find } from "../apply/files.ts";
import type { Ledger } from "../apply/ledger.ts";
import { programPath, type RunningParts } from "../apply/running.ts";
import { hasPlugin, mcpFile } from "../plan/survey.ts";
import { projectsWithout, switchesOf } from "./switches.ts";
import { type Tried, tryHook, tryMcp } from "./verify.ts";

/** Dependencies of the checks. */
export interface HealthParts extends RunningParts {
  readonly places: Places;
  readonly ledger: Ledger;
  /** The command of the running program, with symbolic links resolved. */
  readonly command: readonly string[];
  /** The folder in which the person ran the command; null when that folder is gone. */
  readonly cwd: string | null;
  /** The state folder when it is not the default, else null. */
  readonly home: string | null;
}

/**
 * Returns a check of each agent in which setup or the plugin registered peernet. Several problems
 * give several checks.
 */
export async function agentChecks(parts: HealthParts): Promise<readonly Check[]> {
  const checks = await Promise.all(agents.map((agent) => checksOf(parts, agent)));
  return checks.flat();
}

async function checksOf(parts: HealthParts, agent: Agent): Promise<readonly Check[]> {
  try {
    const off = switchesOf(agent, { ...parts, system: "/" });
    const trust = trustChecks(parts, agent);
    const mcp = unlessOff(await mcpCheck(parts, agent), agent, { part: "mcp", off });
    const hooks = unlessOff(await hooksCheck(parts, agent), agent, { part: "hooks", off });
    const plugin = unlessOff(await pluginCheck(parts, agent), agent, { part: null, off });
    // Untrusted hooks could run, and do not.
    const isTrusted = trust.length === 0 || hooks[0]?.state !== "ok";
    const written = [...mcp, ...(isTrusted ? hooks : trust), ...plugin];
    const details = written.filter(({ state }) => state === "ok").map(({ detail }) => detail);
    const bad = written.filter(({ state }) => state !== "ok");
    return details.length === 0 ? bad : [ok(agent, details.join("; ")), ...bad];
  } catch (error) {
    if (!(error instanceof PeernetError)) throw error;
    return [failed(agent, error.message, "mend it, then: peernet setup")];
  }
}

interface Switched {
  /** The part that the check concerns; null when it concerns both. */
  readonly part: SwitchedOff["part"] | null;
  readonly off: readonly SwitchedOff[];
}

/** Reports a working part as switched off when the agent was told not to run it. */
function unlessOff(check: Check | null, agent: Agent, { part, off }: Switched): readonly Check[] {
  const found = off.filter((each) => part === null || each.part === part);
  if (check === null) return [];
  if (check.state !== "ok" || found.length === 0) return [check];
  const does = { mcp: "does not use the MCP server", hooks: "runs no hook" };
  return found.map((each) => ({
    name: agent.name,
    state: "warning",
    detail: `${agent.label} ${does[each.part]}: ${each.by}`,
    fix: each.fix,
  }));
}

const ok = ({ name }: Agent, detail: string): Check => ({ name, state: "ok", detail, fix: null });
const failed = ({ name }: Agent, detail: string, fix = "peernet setup"): Check => ({
  name,
  state: "failed",
  detail,
  fix,
});

/** True when setup wrote to a file of an agent, so that the check expects the agent here. */
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
  if (command === null) return failed(agent, `the MCP server in ${path} is no local command`);
  const other = otherThan(parts, agent, { by: `the MCP server in ${path} runs`, command });
  if (other !== null) return other;
  const { PEERNET_HOME: home = null, ...others } = variablesOf(entry);
  if (home !== parts.home) {
    const detail = `it asks the daemon of ${home ?? "~/.peernet"}, not this one`;
    return { name: agent.name, state: "warning", detail, fix: "peernet setup" };
  }
  const tried = await tryMcp(parts, parts.command, home);
  if (!tried.works) return failed(agent, `the MCP server ${command[0]} ${tried.detail}`);
  const projects = projectsWithout(agent, parts.places).length;
  const names = Object.keys(others);
  const notes = [
    ...(projects === 0 ? [] : [`switched off in ${projects} of its projects`]),
    // The user owns these files and may write anything into them: setup never runs what they name.
    ...(names.length === 0 ? [] : [`tried without its variables ${names.join(", ")}`]),
  ];
  return ok(agent, [`MCP server ${tried.detail}`, ...notes].join(", "));
}

/** A program that an agent's file names. */
interface Named {
  /** The reader of the entry, in words for a person: `its hooks run`. */
  readonly by: string;
  /** The command line, from the program to its mode. */
  readonly command: readonly string[];
  readonly fix?: string;
}

/**
 * The failed check when an entry runs another program than this one, by any path; null when it runs
 * this one. The other program is never run, not even for its version.
 */
function otherThan(
  parts: HealthParts,
  agent: Agent,
  { by, command, fix = "peernet setup" }: Named,
): Check | null {
  const { command: own } = parts;
  const [program = "", ...words] = command;
  const path = program.startsWith("/") ? program : programPath(parts, program);
  const real = path === null || !existsSync(path) ? null : realpathSync(path);
  if (Bun.deepEquals([real, ...words.slice(0, own.length - 1)], own)) return null;
  if (!/(^|\/)[^/]*peernet$/.test(program)) {
    return failed(agent, `${by} ${program}, which is no peernet`, fix);
  }
  if (real === null) return failed(agent, `${by} ${program}, which is not there`, fix);
  const detail = `${by} ${program}, another peernet than ${own.join(" ")}`;
  return { name: agent.name, state: "warning", detail, fix };
}

async function hooksCheck(parts: HealthParts, agent: Agent): Promise<Check | null> {
  if (agent.hooks === null) return null;
  const { agent: harness, file } = agent.hooks;
  const path = file(parts.places);
  const { text } = find(path);
  const first = peernetHooks(harness, text).find(({ command }) => !isWaker(command));
  if (first === undefined) {
    const isGone = wasWritten(parts, agent, "hooks");
    return isGone ? failed(agent, `the hooks are not in ${path} any more`) : null;
  }
  const missing = missingEvents(harness, text, first.command);
  if (!isOnlyPeernet(first.command, harness)) {
    return failed(agent, `its hook is not run, for it runs more than peernet: ${first.command}`);
  }
  const lost = missing.filter((name) => name !== editEvent);
  if (lost.length > 0) return failed(agent, `no hook in ${path} for ${lost.join(", ")}`);
  const { home, program } = programOf(first.command);
  const other = otherThan(parts, agent, { by: "its hooks run", command: program });
  if (other !== null) return other;
  const tried: Tried = await tryHook(parts, [...parts.command, "hook", harness], home);
  if (!tried.works) return failed(agent, `its hook ${tried.detail}: ${first.command}`);
  const lacks = [
    ...(lacksWakers(harness, text, first.command)
      ? ["no idle session is woken for a message"]
      : []),
    ...(missing.length > 0 ? ["no session is warned before an edit"] : []),
  ];
  if (lacks.length > 0) {
    const detail = `hooks are older than this version: ${lacks.join(", ")}`;
    return { name: agent.name, state: "warning", detail, fix: "peernet setup" };
  }
  return ok(agent, `${hooksOf(harness, first.command).length} hooks run`);
}

/** The check of the plugin's program, which is `peernet` on PATH. */
async function pluginCheck(parts: HealthParts, agent: Agent): Promise<Check | null> {
  if (agent.hooks === null || !hasPlugin(agent, parts.places)) return null;
  const fix = `put the folder of ${parts.command[0]} first on PATH`;
  const program = programPath(parts, "peernet");
  if (program === null) return failed(agent, "the plugin runs peernet, which is not on PATH", fix);
  const other = otherThan(parts, agent, { by: "the plugin runs", command: [program], fix });
  if (other !== null) return other;
  const mcp = await tryMcp(parts, parts.command, null);
  if (!mcp.works) return failed(agent, `the plugin's MCP server ${program} ${mcp.detail}`, fix);
  const { agent: harness } = agent.hooks;
  const hook = await tryHook(parts, [...parts.command, "hook", harness], null);
  if (!hook.works) return failed(agent, `the plugin's hook ${hook.detail}`, fix);
  return ok(agent, `plugin: MCP server ${mcp.detail}, ${hooksOf(harness, "").length} hooks run`);
}

function trustChecks({ places }: HealthParts, agent: Agent): readonly Check[] {
  if (agent.name !== "codex") return [];
  const [config = ""] = agent.mcpFiles(places);
  const hooksFile = agent.hooks?.file(places) ?? "";
  const files = [hooksFile, find(hooksFile).target];
  const { text } = find(config);
  const warning = (detail: string, fix: string): Check => {
    return { name: agent.name, state: "warning", detail, fix };
  };
  const disabled = disabledEvents(text, files);
  const untrusted = untrustedEvents(text, files);
  return [
    ...(disabled.length === 0
      ? []
      : [
          warning(
            `Codex runs no hook of ${disabled.join(", ")}: enabled is false in ${config}`,
            `take enabled out of hooks.state in ${config}`,
          ),
        ]),
    ...(untrusted.length === 0
      ? []
      : [
          warning(
            `${untrusted.length} hooks written, not trusted: Codex does not run them`,
            'start codex, choose 2, "Trust all and continue"',
          ),
        ]),
  ];
}
