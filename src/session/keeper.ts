/**
 * The one helper process of a home: renews every lease, releases those whose process is gone, and
 * reads git for them. Refuses to judge what a lease is worth (the daemon does), to let a reading
 * hold up a beat, and to outlive the last lease.
 */

import type { Control } from "../contract/control.ts";
import type { KeptLease, Process } from "../contract/lease.ts";
import {
  heartbeatMs,
  leaseLifeMs,
  processCheckMs,
  readingPauseFactor,
  requestDeadlineMs,
} from "../contract/limits.ts";
import type { CallOptions, Calls } from "../contract/operation.ts";
import type { Clock, Log, Timers } from "../platform/effects.ts";
import type { Description } from "./describe.ts";

/** What the keeper works with. The caller holds the lock that makes it the only one. */
export interface KeeperOptions {
  readonly calls: Pick<Calls<Control>, "leases" | "renew" | "deactivate">;
  readonly describe: (cwd: string) => Promise<Pick<Description, "git" | "late">>;
  readonly isAlive: (process: Process) => boolean;
  /** Whether a daemon that does not answer may come back: not after `peernet stop`. */
  readonly mayReturn: () => boolean;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

/** What the keeper knows from one check to the next. */
interface Progress {
  /** When the next beat is due, by boot time: a machine that wakes up is late with it. */
  beatAtBootMs: number;
  /** When git may be read again, by boot time. */
  readAtBootMs: number;
  /** When the daemon last answered, by the monotonic clock: asleep, nobody is missed. */
  reachedAtMs: number;
  /** The readings under way. */
  reading: Promise<void> | null;
  ended: boolean;
}

const dueAtOnce = Number.NEGATIVE_INFINITY;

/**
 * Keeps the leases of a home until there are none, or the daemon has not answered for one lease
 * life. Checks processes every 2 s, beats every 30 s. Throws nothing.
 */
export async function keep(options: KeeperOptions): Promise<void> {
  const progress: Progress = {
    beatAtBootMs: dueAtOnce,
    readAtBootMs: dueAtOnce,
    reachedAtMs: options.clock.monotonicMs(),
    reading: null,
    ended: false,
  };
  while (await check(options, progress)) {
    await new Promise<void>((resolve) => options.timers.after(processCheckMs, resolve));
  }
  progress.ended = true;
  await progress.reading;
}

/** Looks once at every lease, and does what is due. False when there is nothing left to keep. */
async function check(options: KeeperOptions, progress: Progress): Promise<boolean> {
  const { calls, clock, isAlive } = options;
  const listed = await reach(options, progress, (limit) => calls.leases({}, limit));
  if (listed === null) {
    return options.mayReturn() && clock.monotonicMs() - progress.reachedAtMs <= leaseLifeMs;
  }
  progress.reachedAtMs = clock.monotonicMs();
  const living: KeptLease[] = [];
  for (const lease of listed.leases) {
    if (lives(lease, isAlive)) living.push(lease);
    else await release(options, progress, lease);
  }
  if (living.length === 0) return listed.leases.length > 0;
  const nowMs = clock.bootMs();
  // A daemon that restarted between two checks serves none of them until it hears of them.
  if (nowMs >= progress.beatAtBootMs || living.some(({ held }) => held)) {
    progress.beatAtBootMs = nowMs + heartbeatMs;
    const beats = living.map(({ name, generation }) => ({ name, generation }));
    await reach(options, progress, (limit) => calls.renew({ beats }, limit));
  }
  if (nowMs >= progress.readAtBootMs) progress.reading ??= read(options, progress, living);
  return true;
}

function lives(lease: KeptLease, isAlive: KeeperOptions["isAlive"]): boolean {
  try {
    return isAlive(lease.process);
  } catch {
    // Where the system does not tell, only silence ends a lease, never a guess.
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
    options.calls.deactivate({ name, generation }, limit),
  );
  if (released !== null) options.log.info("lease_released", { name, generation });
}

/** Reads each folder once, one after another, and hands on each reading while it is fresh. */
async function read(
  options: KeeperOptions,
  progress: Progress,
  leases: readonly KeptLease[],
): Promise<void> {
  const { calls, clock } = options;
  const startedBootMs = clock.bootMs();
  let costMs = 0;
  for (const [cwd, sharing] of Map.groupBy(leases, (lease) => lease.cwd)) {
    if (progress.ended) break;
    const startedMs = clock.monotonicMs();
    const description = await describeOrNull(options, cwd);
    costMs += clock.monotonicMs() - startedMs;
    if (description === null || description.late) continue;
    const beats = sharing.map(({ name, generation }) => ({ name, generation }));
    const { git } = description;
    await reach(options, progress, (limit) => calls.renew({ beats, git }, limit));
  }
  const pausedMs = clock.bootMs() + readingPauseFactor * costMs;
  progress.readAtBootMs = Math.max(startedBootMs + heartbeatMs, pausedMs);
  progress.reading = null;
}

async function describeOrNull(options: KeeperOptions, cwd: string) {
  try {
    return await options.describe(cwd);
  } catch (error) {
    // One folder that cannot be read must not cost the others their readings.
    options.log.warn("reading_failed", { reason: String(error) });
    return null;
  }
}

/**
 * Makes a call within its deadline; null when it failed. Leases count for nothing in a daemon that
 * has just started, so after a failure the next beat is due at once.
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
