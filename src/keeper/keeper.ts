/**
 * A home's one process that keeps its leases. It renews every lease, releases those whose process
 * is gone, takes back those that sleep ended, and reads facts that no hook reports. Does not judge
 * a lease (the daemon does), never delays a beat for a reading, and ends with the last lease.
 */

import type { Control } from "../contract/control.ts";
import type { KeptLease, Process } from "../contract/lease.ts";
import { heartbeatMs, leaseLifeMs, processCheckMs, requestDeadlineMs } from "../contract/limits.ts";
import type { CallOptions, Calls } from "../contract/operation/operation.ts";
import type { Clock, Timers } from "../platform/effects.ts";
import type { ToldState } from "../session/claude-state.ts";
import {
  type HandOn,
  noReadings,
  type ReadingOptions,
  type Readings,
  readDue,
} from "./readings.ts";
import { type Observed, observedOf } from "./state-reading.ts";

/** Dependencies of the keeper. The caller holds the lock that makes it the only one. */
export interface KeeperOptions extends ReadingOptions {
  readonly calls: Pick<Calls<Control>, "leases" | "renew" | "deactivate" | "leases/resume">;
  readonly isAlive: (process: Process) => boolean;
  /** Reads the state in Claude Code's own file about a process. */
  readonly claudeState: (process: Process) => ToldState | null;
  /** True when a silent daemon may come back: not after `peernet stop`. */
  readonly mayReturn: () => boolean;
  /** True when this keeper must give way to a later version. */
  readonly isReplaced: () => boolean;
  readonly timers: Timers;
}

/** The keeper's memory between two checks. */
interface Progress {
  /** When the next beat is due, by boot time: a machine that wakes up is late with it. */
  beatAtBootMs: number;
  /** The daemon's last answer, by the monotonic clock: time asleep is not silence. */
  reachedAtMs: number;
  /** The living leases, as last listed. */
  known: readonly KeptLease[];
  /** True when the machine has slept since. */
  slept: boolean;
  /** The lead of the boot clock over the monotonic one: only the boot clock counts sleep. */
  aheadMs: number;
  readonly readings: Readings;
}

const dueAtOnce = Number.NEGATIVE_INFINITY;

/** A shorter sleep ends no lease: each was renewed at most a beat and a check ago. */
const sleepMs = leaseLifeMs - heartbeatMs - processCheckMs;

/**
 * Keeps the leases of a home until there are none and the daemon needs no keeper, or until the
 * daemon has not answered for one lease life. Checks processes every 2 s, beats every 30 s. Never
 * throws.
 */
export async function keep(options: KeeperOptions): Promise<void> {
  const progress: Progress = {
    beatAtBootMs: dueAtOnce,
    reachedAtMs: options.clock.monotonicMs(),
    known: [],
    slept: false,
    aheadMs: aheadMs(options.clock),
    readings: noReadings(),
  };
  while (!options.isReplaced() && (await check(options, progress))) {
    await new Promise<void>((resolve) => options.timers.after(processCheckMs, resolve));
  }
  progress.readings.ended = true;
  await progress.readings.underWay;
}

const aheadMs = (clock: Clock): number => clock.bootMs() - clock.monotonicMs();

/** Checks every lease once, and does the due work. Returns false when no lease is left. */
async function check(options: KeeperOptions, progress: Progress): Promise<boolean> {
  const { calls, clock } = options;
  noteSleep(options, progress);
  const listed = await reach(options, progress, (limit) => calls.leases({}, limit));
  if (listed === null) {
    return options.mayReturn() && clock.monotonicMs() - progress.reachedAtMs <= leaseLifeMs;
  }
  progress.reachedAtMs = clock.monotonicMs();
  const toldAtBootMs = clock.bootMs();
  if (await wake(options, progress, listed.leases)) return true;
  const living: KeptLease[] = [];
  for (const lease of listed.leases) {
    if (lives(lease, options.isAlive)) living.push(lease);
    else await release(options, progress, lease);
  }
  progress.known = living;
  if (living.length === 0) return listed.leases.length > 0 || listed.wanted === true;
  await beat(options, progress, { living, toldAtBootMs });
  const handOn: HandOn = async (leases, { git, why, changed, changedWhy }) => {
    const beats = leases.map(({ name, generation }) => ({ name, generation }));
    const reason = why === null ? {} : { git_why: why };
    const uncompared = changedWhy === null ? {} : { changed_why: changedWhy };
    const told = { beats, git, ...reason, changed, ...uncompared };
    await reach(options, progress, (limit) => calls.renew(told, limit));
  };
  readDue(options, progress.readings, { living, handOn });
  return true;
}

function noteSleep({ clock }: KeeperOptions, progress: Progress): void {
  const now = aheadMs(clock);
  if (now - progress.aheadMs >= sleepMs) progress.slept = true;
  progress.aheadMs = now;
}

/**
 * Takes back the leases that the machine's sleep ended; the daemon decides whether only sleep ended
 * them. Returns true when the leases must be listed again.
 */
async function wake(
  options: KeeperOptions,
  progress: Progress,
  listed: readonly KeptLease[],
): Promise<boolean> {
  if (!progress.slept) return false;
  const there = new Set(listed.map(({ generation }) => generation));
  const slept = progress.known
    .filter((lease) => !there.has(lease.generation) && lives(lease, options.isAlive))
    .map(({ name, generation }) => ({ name, generation }));
  if (slept.length > 0) {
    const woken = await reach(options, progress, (limit) =>
      options.calls["leases/resume"]({ slept }, limit),
    );
    if (woken === null) return true;
    if (woken.taken.length > 0) options.log.info("leases_woken", { names: woken.taken });
  }
  progress.slept = false;
  progress.known = [];
  return slept.length > 0;
}

/** The living leases, and the instant at which the daemon told them. */
interface Told {
  readonly living: readonly KeptLease[];
  readonly toldAtBootMs: number;
}

/** Renews all leases when that is due, else those whose state has changed. */
async function beat(
  options: KeeperOptions,
  progress: Progress,
  { living, toldAtBootMs }: Told,
): Promise<void> {
  const nowMs = options.clock.bootMs();
  const all = living.map((lease) => {
    const { name, generation } = lease;
    const observed = observe(options, lease, toldAtBootMs);
    return observed === null ? { name, generation } : { name, generation, observed };
  });
  // A daemon that restarted between two checks serves no lease before its renewal.
  const isDue = nowMs >= progress.beatAtBootMs || living.some(({ held }) => held);
  if (isDue) progress.beatAtBootMs = nowMs + heartbeatMs;
  const beats = isDue ? all : all.filter((each) => each.observed !== undefined);
  if (beats.length === 0) return;
  await reach(options, progress, (limit) => options.calls.renew({ beats }, limit));
}

function observe(options: KeeperOptions, lease: KeptLease, toldAtBootMs: number): Observed | null {
  if (lease.harness !== "claude-code") return null;
  const { clock } = options;
  const readAtMs = clock.wallMs();
  const told = options.claudeState(lease.process);
  const sinceToldMs = Math.max(0, clock.bootMs() - toldAtBootMs);
  return observedOf(lease, { told, readAtMs, nowMs: clock.wallMs(), sinceToldMs });
}

function lives(lease: KeptLease, isAlive: KeeperOptions["isAlive"]): boolean {
  try {
    return isAlive(lease.process);
  } catch {
    // When the system does not show processes, only silence ends a lease, never a guess.
    return true;
  }
}

async function release(
  options: KeeperOptions,
  progress: Progress,
  lease: KeptLease,
): Promise<void> {
  const { name, generation } = lease;
  const released = await reach(options, progress, (limit) =>
    options.calls.deactivate({ name, generation, gone: true }, limit),
  );
  if (released !== null) options.log.info("lease_released", { name, generation });
}

/**
 * Makes a call within its deadline; null when it failed. A newly started daemon serves no lease, so
 * after a failure the next beat is due at once.
 */
async function reach<T>(
  options: KeeperOptions,
  progress: Progress,
  call: (limit: CallOptions) => Promise<T>,
): Promise<T | null> {
  const deadline = new AbortController();
  const cancel = options.timers.after(requestDeadlineMs, () => deadline.abort());
  try {
    return await call({ signal: deadline.signal });
  } catch {
    progress.beatAtBootMs = dueAtOnce;
    return null;
  } finally {
    cancel();
  }
}
