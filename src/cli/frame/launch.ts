/**
 * Starts and finds the daemon and the keeper of a home. A daemon starts in a session of its own
 * with a clean environment: it must outlive its starter, and keep none of the starter's secrets.
 */

import type { Control } from "../../contract/control.ts";
import { isErrorCode, PeernetError } from "../../contract/errors.ts";
import { startDeadlineMs } from "../../contract/limits.ts";
import type { Calls } from "../../contract/operation/operation.ts";
import { stateNames } from "../../contract/text/state-names.ts";
import { ago } from "../../contract/text/words.ts";
import type { Clock, StateFiles, Timers } from "../../platform/effects.ts";

/** Dependencies of launching. */
export interface LaunchParts {
  readonly calls: Calls<Control>;
  readonly files: StateFiles;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The command of this program: the executable, and the arguments before a mode. */
  readonly command: readonly string[];
  /** Opens the log for a child to append to. */
  readonly openLog: () => number;
  /** True when a daemon holds this home's lock. */
  readonly isHeld: () => boolean;
  /** Variables that override the configuration file. */
  readonly configVariables: readonly string[];
}

/** Dependencies of starting a home's process. */
export type SpawnParts = Pick<LaunchParts, "environment" | "command" | "openLog">;

/** The size of the write that shows whether the disk is full: a page. */
const trialBytes = 4_096;
/** The polling interval of an awaited condition. */
const lookMs = 10;

/**
 * Starts a daemon unless a person stopped it or it must not start. @throws {daemon_not_running} …
 */
export async function ensureDaemon(parts: LaunchParts): Promise<void> {
  const stopped = parts.files.read(stateNames.stopped);
  if (stopped !== null) throw stoppedError(parts, stopped);
  if (parts.environment.PEERNET_AUTOSTART === "0") throw new PeernetError("daemon_not_running");
  await launch(parts);
}

/** The error of a daemon that a person stopped, with the time. */
export function stoppedError(parts: Pick<LaunchParts, "clock">, stopped: string): PeernetError {
  const age = ago(Math.max(0, parts.clock.wallMs() - Number(stopped)));
  const when = age === "now" ? "just now" : age;
  return new PeernetError("daemon_not_running", {
    message: `the daemon is stopped: you ran \`peernet stop\` ${when}`,
    hint: "peernet start",
  });
}

/** Starts a daemon, also after a stop; resolves once it answers. */
export async function startDaemon(
  parts: LaunchParts,
): Promise<{ readonly alreadyRunning: boolean }> {
  parts.files.remove(stateNames.stopped);
  if (await answers(parts)) return { alreadyRunning: true };
  await launch(parts);
  return { alreadyRunning: false };
}

/** Starts a keeper; a superfluous one ends by itself. */
export function startKeeper(parts: SpawnParts): void {
  spawn({ ...parts, configVariables: keepersOwn }, "keeper");
}

async function launch(parts: LaunchParts): Promise<void> {
  const before = parts.files.read(stateNames.log)?.length ?? 0;
  const child = spawn(parts, "daemon");
  const failure = (): PeernetError | null => {
    if (child.exitCode === null) return null;
    const found = failureIn(parts, parts.files.read(stateNames.log)?.slice(before) ?? "");
    // Another command started one at the same time: that daemon will answer.
    return found.code === "daemon_running" ? null : found;
  };
  const isUp = await until(parts, async () => {
    if (await answers(parts)) return true;
    const failed = failure();
    if (failed !== null) throw failed;
    return false;
  });
  if (!isUp) {
    throw new PeernetError("daemon_not_running", {
      message: "the daemon was started and does not answer",
      hint: "look at daemon.log in the state folder",
    });
  }
  // The keeper ended with the former daemon; sessions that outlived both still run.
  startKeeper(parts);
}

function spawn(
  parts: SpawnParts & Pick<LaunchParts, "configVariables">,
  mode: "daemon" | "keeper",
) {
  const log = parts.openLog();
  const child = Bun.spawn([...parts.command, mode], {
    stdio: ["ignore", "ignore", log],
    detached: true,
    cwd: "/",
    env: cleanEnvironment(parts),
  });
  child.unref();
  return child;
}

const kept = [
  ...["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "PEERNET_HOME"],
  // The folder in which Claude Code writes the keeper's input.
  "CLAUDE_CONFIG_DIR",
];

/** The bus for desktop notifications. */
const keepersOwn = ["DBUS_SESSION_BUS_ADDRESS"];

function cleanEnvironment(
  parts: Pick<LaunchParts, "environment" | "configVariables">,
): Record<string, string> {
  const clean: Record<string, string> = {};
  for (const name of [...kept, ...parts.configVariables]) {
    const value = parts.environment[name];
    if (value !== undefined) clean[name] = value;
  }
  return clean;
}

async function answers(parts: LaunchParts): Promise<boolean> {
  try {
    await parts.calls.status({});
    return true;
  } catch (error) {
    if (error instanceof PeernetError && error.code === "daemon_not_running") return false;
    throw error;
  }
}

/** Polls a condition until it holds; false when it does not in time. */
export async function until(
  parts: Pick<LaunchParts, "clock" | "timers">,
  holds: () => Promise<boolean>,
  withinMs: number = startDeadlineMs,
): Promise<boolean> {
  const deadlineMs = parts.clock.monotonicMs() + withinMs;
  while (parts.clock.monotonicMs() < deadlineMs) {
    if (await holds()) return true;
    await new Promise<void>((resolve) => parts.timers.after(lookMs, resolve));
  }
  return false;
}

/** A line of the log; empty when the line is half written. */
function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}

/** The reason why a daemon ended at its start, from its log. */
function failureIn({ files }: LaunchParts, log: string): PeernetError {
  for (const line of log.split("\n").reverse()) {
    if (!line.includes('"start_failed"')) continue;
    const { code, message, hint } = parsed(line);
    if (isErrorCode(code)) {
      return new PeernetError(code, { message: String(message), hint: String(hint) });
    }
  }
  // On a full disk not even the reason could be written.
  files.write(stateNames.trial, " ".repeat(trialBytes));
  files.remove(stateNames.trial);
  return new PeernetError("daemon_not_running", {
    message: "the daemon ended as soon as it was started",
    hint: "look at daemon.log in the state folder",
  });
}
