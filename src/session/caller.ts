/** Finds the session that ran a command, among the ancestors of the command's process. */

import { PeernetError } from "../contract/errors.ts";
import type { Selector } from "../contract/lease.ts";
import { sessionIdBytesMax } from "../contract/limits.ts";
import { ancestorsOf, processOf, type SessionProcess, sessionProcess } from "./process.ts";

/** Identifies a command's own process. */
export interface Caller {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The process's own number. */
  readonly pid: number;
}

/**
 * The session of the caller, or of a given process.
 * @throws {bad_request} when there is none, {daemon_not_running} in a sandbox that hides it
 */
export function sessionOf(caller: Caller, pid: number | null): SessionProcess {
  const ancestors = ancestorsOf(caller.pid);
  if (pid !== null) {
    const process = processOf(pid);
    if (process === null) throw noProcess(pid);
    const named = ancestors.filter((ancestor) => ancestor.pid === pid);
    const known = sessionProcess(named, caller.environment);
    return known ?? { harness: "shell", process, session_id: null };
  }
  const found = sessionProcess(ancestors, caller.environment);
  if (found !== null) return found;
  // Process numbers of another namespace mean nothing to the keeper, and the sandbox refuses
  // sockets.
  if (ancestors.length === 0 || ancestors.some(({ name }) => name.startsWith("codex-linux-san"))) {
    throw new PeernetError("daemon_not_running", {
      message: "this session is in a sandbox, from which the daemon cannot be reached",
      hint: "use the MCP tool activate_session",
    });
  }
  throw new PeernetError("bad_request", {
    message: "no coding agent and no terminal's shell is above this process",
    hint: "name the session's process: peernet activate --pid PID",
  });
}

const noProcess = (pid: number): PeernetError =>
  new PeernetError("bad_request", {
    message: `no process has the number ${pid}`,
    hint: "peernet activate --pid PID",
  });

/** Selects the caller's lease for the daemon. */
export function selectorOf(caller: Caller, name: string | undefined): Selector {
  if (name !== undefined) return { name };
  const id = caller.environment.CLAUDE_CODE_SESSION_ID ?? "";
  const usable = id !== "" && new TextEncoder().encode(id).length <= sessionIdBytesMax;
  return {
    ...(usable ? { session_id: id } : {}),
    processes: ancestorsOf(caller.pid).map(({ pid, start_time }) => ({ pid, start_time })),
  };
}

/** Selects the caller's lease for the record; undefined when nothing shows a session. */
export function callerOf(caller: Caller): Selector | undefined {
  const selector = selectorOf(caller, undefined);
  const isShown = selector.session_id !== undefined || (selector.processes ?? []).length > 0;
  return isShown ? selector : undefined;
}
