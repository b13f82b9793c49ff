/** Has the daemon run as setup left it: by the service where there is one, else by itself. */

import type { Check } from "../../contract/doctor.ts";
import { PeernetError } from "../../contract/errors.ts";
import { startDeadlineMs } from "../../contract/limits.ts";
import type { Status } from "../../contract/peer.ts";
import { stateFiles } from "../../platform/files.ts";
import { ledgerIn } from "../../setup/home.ts";
import {
  enable,
  lingers,
  type Service,
  serviceAt,
  serviceState,
  setLinger,
} from "../../setup/service/service.ts";
import type { Io } from "../terminal/io.ts";
import { stoppedName } from "./launch.ts";
import { runningParts } from "./setup-parts.ts";

/** What the daemon is started for. */
export interface BringingUp {
  readonly service: Service | null;
  /** Whether what it reads at its start, or how it is started, has changed. */
  readonly changed: boolean;
}

/** How it came up. */
export interface Up {
  readonly checks: readonly Check[];
  /** Whether this let the service outlive the last login. */
  readonly lingering: boolean;
}

/** Starts the daemon, anew where something has changed. @throws why it could not be started */
export async function bringUp(io: Io, { service, changed }: BringingUp): Promise<Up> {
  const running = await statusNow(io);
  const isCurrent = running?.machine.version === io.version.version && !changed;
  if (running !== null && !isCurrent) await io.stopDaemon();
  if (service === null) {
    await io.startDaemon();
    return { checks: [await listenCheck(io)], lingering: false };
  }
  const parts = runningParts(io);
  const isActive = (await serviceState(parts, service)) === "active";
  if (!isActive && running !== null && isCurrent) await io.stopDaemon();
  const isUp = await startService(io, service);
  if (!isUp) await io.startDaemon();
  const linger = await lingerCheck(io, service);
  const checks = [await listenCheck(io), ...(isUp ? [] : [notByService(service)])];
  return { checks: [...checks, ...linger.checks], lingering: linger.set };
}

/**
 * Starts the daemon as setup left it to be started, also after a stop.
 * @throws why it could not be started
 */
export async function startAsSetUp(io: Io): Promise<{ readonly alreadyRunning: boolean }> {
  const file = ledgerIn(io.home).files.find(({ kind }) => kind === "service");
  if (file === undefined || (await statusNow(io)) !== null) return io.startDaemon();
  const isUp = await startService(io, { ...serviceAt(file.path), path: file.path });
  return isUp ? { alreadyRunning: false } : io.startDaemon();
}

/** Starts the service; false where the daemon does not answer after that. */
async function startService(
  io: Io,
  service: Pick<Service, "manager" | "name" | "path">,
): Promise<boolean> {
  // What `peernet stop` leaves would keep the service from starting.
  stateFiles(io.home).remove(stoppedName);
  const isUp = (await enable(runningParts(io), service)) && (await answersSoon(io));
  // The keeper ended with the daemon before; sessions that outlived both are still there.
  if (isUp) await io.ensureKeeper();
  return isUp;
}

/** What the daemon says of itself; null when none runs. */
export async function statusNow(io: Io): Promise<Status | null> {
  try {
    return await io.calls().status({});
  } catch (error) {
    if (error instanceof PeernetError && error.code === "daemon_not_running") return null;
    throw error;
  }
}

const betweenMs = 50;

async function answersSoon(io: Io): Promise<boolean> {
  const endMs = io.clock.monotonicMs() + startDeadlineMs;
  while (io.clock.monotonicMs() < endMs) {
    if ((await statusNow(io)) !== null) return true;
    await new Promise<void>((resolve) => io.timers.after(betweenMs, resolve));
  }
  return false;
}

async function listenCheck(io: Io): Promise<Check> {
  const { machine } = await io.calls().status({});
  if (machine.listen.length > 0) {
    const detail = `listens on ${machine.listen.join(", ")}`;
    return { name: "daemon", state: "ok", detail, fix: null };
  }
  return {
    name: "daemon",
    state: "warning",
    detail: "runs and listens nowhere: no address of the settings is this machine's now",
    fix: "peernet doctor",
  };
}

const notByService = ({ manager, name }: Service): Check => ({
  name: "service",
  state: "warning",
  detail: `${manager} did not start it, so it was started without: it ends with this boot`,
  fix:
    manager === "systemd" ? `systemctl --user status ${name}` : `launchctl print gui/$UID/${name}`,
});

/** Services of a user end with the last login unless the user lingers. */
async function lingerCheck(io: Io, { manager }: Service) {
  const parts = runningParts(io);
  if (manager !== "systemd" || (await lingers(parts)) !== false) return { checks: [], set: false };
  if (await setLinger(parts, true)) return { checks: [], set: true };
  const check: Check = {
    name: "service",
    state: "warning",
    detail: "the daemon ends with your last login",
    fix: "sudo loginctl enable-linger $USER",
  };
  return { checks: [check], set: false };
}
