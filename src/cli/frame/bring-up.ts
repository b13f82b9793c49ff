/** Brings the daemon up as setup left it: by the service if there is one, else directly. */

import type { Check } from "../../contract/doctor.ts";
import { PeernetError } from "../../contract/errors.ts";
import { startDeadlineMs } from "../../contract/limits.ts";
import type { Status } from "../../contract/peer.ts";
import { stateNames } from "../../contract/text/state-names.ts";
import { stateFiles } from "../../platform/files.ts";
import { ledgerIn } from "../../setup/home.ts";
import { addressesOf, type Here } from "../../setup/plan/networks.ts";
import {
  enable,
  lingers,
  type Service,
  serviceAt,
  serviceState,
  setLinger,
} from "../../setup/service/service.ts";
import type { Io } from "../terminal/io.ts";
import { runningParts } from "./setup-parts.ts";

/** The state in which the daemon shall run. */
export interface BringingUp {
  readonly service: Service | null;
  /** True when its settings, or the way of starting it, have changed. */
  readonly changed: boolean;
  /** Addresses and words by which it should be reachable, and their meaning here. */
  readonly promised: Here & { readonly listen: readonly string[] };
}

/** The outcome of bringing it up. */
export interface Up {
  readonly checks: readonly Check[];
  /** True when this call let the service outlive the last logout. */
  readonly lingering: boolean;
}

/** Starts the daemon, or restarts it after a change. @throws the reason why it could not start */
export async function bringUp(io: Io, { service, changed, promised }: BringingUp): Promise<Up> {
  const running = await statusNow(io);
  const listen = running?.machine.listen ?? [];
  // A network came up since: the daemon would notice by itself, but later.
  const isLate = unheardOf(listen, promised).some((word) => addressesOf(word, promised).length > 0);
  const isCurrent = running?.machine.version === io.version.version && !changed && !isLate;
  if (running !== null && !isCurrent) await io.stopDaemon();
  if (service === null) {
    await io.startDaemon();
    return { checks: await listenChecks(io, promised), lingering: false };
  }
  const parts = runningParts(io);
  const isActive = (await serviceState(parts, service)) === "active";
  if (!isActive && running !== null && isCurrent) await io.stopDaemon();
  const isUp = await startService(io, service);
  if (!isUp) await io.startDaemon();
  const linger = await lingerCheck(io, service);
  const checks = [...(await listenChecks(io, promised)), ...(isUp ? [] : [notByService(service)])];
  return { checks: [...checks, ...linger.checks], lingering: linger.set };
}

/**
 * Starts the daemon in the way that setup left, also after a stop.
 * @throws the reason why it could not start
 */
export async function startAsSetUp(io: Io): Promise<{ readonly alreadyRunning: boolean }> {
  const file = ledgerIn(io.home).files.find(({ kind }) => kind === "service");
  if (file === undefined || (await statusNow(io)) !== null) return io.startDaemon();
  const isUp = await startService(io, { ...serviceAt(file.path), path: file.path });
  return isUp ? { alreadyRunning: false } : io.startDaemon();
}

/** Starts the service; false when the daemon does not answer after that. */
async function startService(
  io: Io,
  service: Pick<Service, "manager" | "name" | "path">,
): Promise<boolean> {
  // The note of `peernet stop` would keep the service from starting.
  stateFiles(io.home).remove(stateNames.stopped);
  const isUp = (await enable(runningParts(io), service)) && (await answersSoon(io));
  // The keeper ended with the former daemon; sessions that outlived both still run.
  if (isUp) await io.ensureKeeper();
  return isUp;
}

/** The daemon's status; null when none runs. */
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

/** A check of the listening addresses, and one of each word of the settings without an address. */
async function listenChecks(io: Io, promised: BringingUp["promised"]): Promise<readonly Check[]> {
  const { listen } = (await io.calls().status({})).machine;
  const missing = unheardOf(listen, promised);
  const where = listen.length === 0 ? "listens nowhere" : `listens on ${listen.join(", ")}`;
  const isOk = listen.length > 0;
  const check: Check = { name: "daemon", state: "ok", detail: where, fix: null };
  return [...(isOk ? [check] : []), ...missing.map((word) => unheard(word, promised))];
}

/** The words of the settings without a listening address. */
function unheardOf(listen: readonly string[], promised: BringingUp["promised"]): readonly string[] {
  const isHeard = (address: string): boolean =>
    listen.some((each) => each.startsWith(`${address}:`) || each.startsWith(`[${address}]:`));
  return promised.listen.filter(
    (word) => !wildcard.test(word) && !addressesOf(word, promised).some(isHeard),
  );
}

const wildcard = /^(0\.0\.0\.0|::|127\..*|::1)$/;

/** A word that makes this machine unreachable now, with the reason and the remedy. */
function unheard(word: string, { networks, tailnet }: Here): Check {
  const failed = { name: "daemon", state: "failed" } as const;
  if (word === "tailnet" && tailnet.state === "running") {
    const detail = `is not reached by the tailnet: does not listen on ${tailnet.addresses[0]}`;
    return { ...failed, state: "warning", detail, fix: "peernet doctor" };
  }
  if (word === "tailnet") {
    return {
      ...failed,
      detail: "is not reached by the tailnet, which is down",
      fix: "tailscale up",
    };
  }
  const address = networks.addresses.find((each) => !wildcard.test(each)) ?? "local";
  const fix = `peernet setup --listen ${address}`;
  if (word === "lan" && networks.lan === null) {
    const detail = "which networks are local cannot be told: /sys is not mounted";
    return { ...failed, detail, fix };
  }
  if (word === "lan") {
    const detail = "is not reached by a local network: none is there";
    return { ...failed, detail, fix: "connect this machine to one" };
  }
  return { ...failed, detail: `${word} is no address of this machine now`, fix };
}

const notByService = ({ manager, name }: Service): Check => ({
  name: "service",
  state: "warning",
  detail: `${manager} did not start it, so it was started without: it ends with this boot`,
  fix:
    manager === "systemd" ? `systemctl --user status ${name}` : `launchctl print gui/$UID/${name}`,
});

/** A user's services end at the last logout unless lingering is enabled. */
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
