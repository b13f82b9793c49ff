/**
 * Decides who holds a handle, and whether it is live at an instant. State is derived from facts, so
 * a missed tick never keeps a dead lease alive. Remembers nothing, reads no clock.
 */

import type { GitFacts, Harness, Process, State } from "../../contract/lease.ts";
import { leaseLifeMs, stateFreshMs } from "../../contract/limits.ts";

/** One session's hold on a name, and the facts that the session pushed. Times are boot time. */
export interface Lease {
  readonly name: string;
  /** Fences off a former holder: a renewal or release must name it. */
  readonly generation: number;
  /** Drawn at each taking: distinguishes it from a later lease of the same name. */
  readonly lease_id: string;
  readonly harness: Harness;
  readonly session_id: string | null;
  readonly process: Process;
  readonly cwd: string;
  readonly project: string;
  /** The run of the daemon in which it was last renewed. */
  readonly run: string;
  readonly started_boot_ms: number;
  readonly renewed_boot_ms: number;
  readonly git: GitFacts | null;
  /** The reason why there are no git facts; null when there is none. */
  readonly git_why: string | null;
  /** Zero while git was never read for it. */
  readonly git_boot_ms: number;
  readonly summary: string | null;
  readonly summary_boot_ms: number;
  readonly state: State | null;
  /** When it last changed. */
  readonly state_since_boot_ms: number;
  /** The last report of the state, changed or not; zero when never. */
  readonly state_boot_ms: number;
}

/** One life of the daemon process: it serves only leases renewed in it. */
export interface Run {
  readonly id: string;
  readonly started_boot_ms: number;
}

/** The instant, and the run of the daemon, in which a lease is judged. */
export interface Now {
  readonly bootMs: number;
  readonly run: Run;
}

/**
 * `live` is served. `held` was not renewed since this daemon started: its name is kept for its
 * holder for one lease life, and it is not served. `expired` is neither.
 */
export type LeaseState = "live" | "held" | "expired";

/** The state of a lease at an instant; its last millisecond is the one before the deadline. */
export function leaseState(lease: Lease, now: Now): LeaseState {
  if (expiresInMs(lease, now) <= 0) return "expired";
  return lease.run === now.run.id ? "live" : "held";
}

/** The time left of a lease; zero or less when it is expired. */
export function expiresInMs(lease: Lease, now: Now): number {
  const from = lease.run === now.run.id ? lease.renewed_boot_ms : now.run.started_boot_ms;
  return from + leaseLifeMs - now.bootMs;
}

/** The leases that are served at an instant, by name. */
export const liveLeases = (leases: readonly Lease[], now: Now): readonly Lease[] =>
  leases
    .filter((lease) => leaseState(lease, now) === "live")
    .sort((a, b) => (a.name < b.name ? -1 : 1));

/** A reading of git, or the reason why it has no facts; `git` is undefined without a reading. */
export interface GitReading {
  readonly git?: GitFacts | null | undefined;
  readonly git_why?: string | undefined;
}

/** A lease renewed, with a new reading of git if there was one. */
export function renew(lease: Lease, now: Now, reading: GitReading = {}): Lease {
  const renewed = { ...lease, run: now.run.id, renewed_boot_ms: now.bootMs };
  return { ...renewed, ...(gitFrom(reading, now) ?? {}), ...keptGit(lease, reading) };
}

/** The git fields of a lease by a reading at an instant; null without a reading. */
export function gitFrom({ git, git_why }: GitReading, now: Now) {
  if (git === undefined) return null;
  const why = git === null ? (git_why ?? null) : null;
  return { git, git_why: why, git_boot_ms: now.bootMs };
}

/** Facts that stay: a reading that came too late does not contradict earlier facts. */
export function keptGit(lease: Lease, { git, git_why }: GitReading) {
  const stays = git === null && git_why === "late" && lease.git !== null;
  return stays ? { git: lease.git, git_why: null, git_boot_ms: lease.git_boot_ms } : {};
}

/** A lease with another summary. */
export const summarise = (lease: Lease, now: Now, summary: string): Lease => ({
  ...lease,
  summary,
  summary_boot_ms: now.bootMs,
});

/**
 * A lease after a report of its state at an instant by the boot clock; null means that the state is
 * unchanged.
 */
export function hear(lease: Lease, state: State | null, heardBootMs: number): Lease {
  const heard = { ...lease, state_boot_ms: heardBootMs };
  if (state === null || state === lease.state) return heard;
  return { ...heard, state, state_since_boot_ms: heardBootMs };
}

/** A lease after a reading of its harness's own file; later reports of the hooks are newer. */
export function observe(lease: Lease, observed: Observed | undefined, now: Now): Lease {
  if (observed === undefined) return lease;
  const heardBootMs = now.bootMs - observed.age_ms;
  return heardBootMs > lease.state_boot_ms ? hear(lease, observed.state, heardBootMs) : lease;
}

/** A state, and its age. */
export interface Observed {
  readonly state: State;
  readonly age_ms: number;
}

/**
 * The displayed state of a lease. A working or waiting session reports repeatedly. After ten
 * minutes of silence its state counts as unknown: a hook may have failed.
 */
export function shownState(lease: Lease, now: Now): State | null {
  if (lease.state === null || lease.state === "idle") return lease.state;
  return now.bootMs < lease.state_boot_ms + stateFreshMs ? lease.state : null;
}

/** True when two identify the same process, not a later one with the same number. */
export const sameProcess = (a: Process, b: Process): boolean =>
  a.pid === b.pid && a.start_time === b.start_time;
