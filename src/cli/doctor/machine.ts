/** Doctor's checks without the daemon: the state folder, PATH, the service, the agents. */

import type { Check } from "../../contract/doctor.ts";
import { agents, type Places } from "../../harness/agents.ts";
import { configName } from "../../platform/config.ts";
import { stateFiles } from "../../platform/files.ts";
import type { Ledger } from "../../setup/apply/ledger.ts";
import { agentChecks } from "../../setup/health/health.ts";
import { isHome, ledgerIn, registeredAs, shadowing, unsafeIn } from "../../setup/home.ts";
import { hasPlugin } from "../../setup/plan/survey.ts";
import { lingers, serviceAt, serviceState } from "../../setup/service/service.ts";
import { cwdOf, placesOf, runningParts } from "../frame/setup-parts.ts";
import type { Io } from "../terminal/io.ts";
import { configChecks } from "./files.ts";
import { sandboxCheck } from "./sandbox.ts";

/** Checks of this machine's files and programs. Makes nothing. @throws {state_unsafe} */
export async function machineChecks(io: Io): Promise<readonly Check[]> {
  const { home: folder } = io;
  const isSafe = isHome(folder) ? safetyCheck(folder) : null;
  // Doctor does not read an unsafe file.
  const ledger = isSafe?.state === "failed" ? null : ledgerIn(folder);
  const parts = runningParts(io);
  const { home } = registeredAs(parts, io.command, folder);
  const agent = { ...parts, places: placesOf(io), command: io.command, cwd: cwdOf(io), home };
  const [service, known, sandbox] = await Promise.all([
    ledger === null ? [] : serviceChecks(io, ledger),
    ledger === null ? [] : agentChecks({ ...agent, ledger }),
    sandboxCheck(io),
  ]);
  return [
    ...(isSafe === null ? [] : [isSafe]),
    ...(isSafe?.state === "ok" ? configChecks(stateFiles(folder).readOpen(configName)) : []),
    ...pathCheck(io),
    ...setupCheck(ledger, agent.places),
    ...service,
    ...known,
    ...sandbox,
  ];
}

function safetyCheck(folder: string): Check {
  const unsafe = unsafeIn(folder);
  if (unsafe === null) return { name: "keys", state: "ok", detail: "yours alone", fix: null };
  return { name: "keys", state: "failed", detail: unsafe.message, fix: unsafe.hint };
}

function setupCheck(ledger: Ledger | null, places: Places): readonly Check[] {
  if (ledger === null || ledger.files.length > 0) return [];
  // Its plugin registers peernet in an agent without setup.
  if (agents.some((agent) => hasPlugin(agent, places))) return [];
  const detail = "setup has not been run here: no agent knows peernet by it";
  return [{ name: "setup", state: "warning", detail, fix: "peernet setup" }];
}

/**
 * The name `peernet` must lead here: otherwise hooks, MCP servers and people run different
 * programs.
 */
function pathCheck(io: Io): readonly Check[] {
  const other = shadowing(io, io.command);
  if (other === null) return [];
  const [program = ""] = registeredAs(io, io.command, io.home).command;
  return [
    {
      name: "path",
      state: "warning",
      detail: `peernet on PATH is ${other}, this is ${program}`,
      fix: `remove ${other}, or put the folder of ${program} before it on PATH`,
    },
  ];
}

async function serviceChecks(io: Io, { files }: Ledger): Promise<readonly Check[]> {
  const parts = runningParts(io);
  const file = files.find(({ kind }) => kind === "service");
  if (file === undefined) return [];
  const service = serviceAt(file.path);
  const [state, linger] = await Promise.all([serviceState(parts, service), lingers(parts)]);
  const name = "service";
  const check: Check =
    state === "active"
      ? { name, state: "ok", detail: `${service.manager} runs it`, fix: null }
      : {
          name,
          state: "warning",
          detail: `${service.manager} says it is ${state}`,
          fix: "peernet setup",
        };
  if (service.manager !== "systemd" || linger !== false) return [check];
  const ends: Check = {
    name,
    state: "warning",
    detail: "the daemon ends with your last login",
    fix: "sudo loginctl enable-linger $USER",
  };
  return [check, ends];
}
