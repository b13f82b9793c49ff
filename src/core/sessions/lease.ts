/**
 * Decides who holds a handle, and whether at an instant it is live. State is derived from facts,
 * so a missed tick never keeps a dead lease alive. Remembers nothing, reads no clock.
 */

import type { GitFacts, Harness, Process, State } from "../../contract/lease.ts";
import { leaseLifeMs, stateFreshMs } from "../../contract/limits.ts";

/** One session's hold on a name, and what the session pushed about itself. Times are boot time. */
export interface Lease {
  readonly name: string;
  /** Fences off a former holder: a renewal or release must name it. */
  readonly generation: number;
  /** Drawn at each taking: tells it from a later lease of the same name. */
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
  /** The reason for which there are no git facts; null where none was told. */
  readonly git_why: string | null;
  /** Zero while git was never read for it. */
  readonly git_boot_ms: number;
  readonly summary: string | null;
  readonly summary_boot_ms: number;
  readonly state: State | null;
  /** When it last changed. */
  readonly state_since_boot_ms: number;
  /** When it was last heard of, changed or not; zero when never. */
  readonly state_boot_ms: number;
}

/** One life of the daemon process: leases not renewed in it are not served. */
export interface Run {
  readonly id: string;
  readonly started_boot_ms: number;
}

/** When and in which run of the daemon a lease is looked at. */
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

/** How long a lease still has; zero or less when it is expired. */
export function expiresInMs(lease: Lease, now: Now): number {
  const from = lease.run === now.run.id ? lease.renewed_boot_ms : now.run.started_boot_ms;
  return from + leaseLifeMs - now.bootMs;
}

/** The leases that are served at an instant, by name. */
export const liveLeases = (leases: readonly Lease[], now: Now): readonly Lease[] =>
  leases
    .filter((lease) => leaseState(lease, now) === "live")
    .sort((a, b) => (a.name < b.name ? -1 : 1));

/** A reading of git, or the reason for which it has no facts; `git` is undefined without one. */
export interface GitReading {
  readonly git?: GitFacts | null | undefined;
  readonly git_why?: string | undefined;
}

/** A lease renewed, with a new reading of git where there was one. */
export function renew(lease: Lease, now: Now, reading: GitReading = {}): Lease {
  const renewed = { ...lease, run: now.run.id, renewed_boot_ms: now.bootMs };
  return { ...renewed, ...(gitFrom(reading, now) ?? {}), ...keptGit(lease, reading) };
}

/** The git fields of a lease by a reading at an instant; null where there was none. */
export function gitFrom({ git, git_why }: GitReading, now: Now) {
  if (git === undefined) return null;
  const why = git === null ? (git_why ?? null) : null;
  return { git, git_why: why, git_boot_ms: now.bootMs };
}

/** Facts that stay: a reading that came too late says nothing against those that were read. */
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

/** A lease of whose state was heard at an instant by the boot clock; null when not what it is. */
export function hear(lease: Lease, state: State | null, heardBootMs: number): Lease {
  const heard = { ...lease, state_boot_ms: heardBootMs };
  if (state === null || state === lease.state) return heard;
  return { ...heard, state, state_since_boot_ms: heardBootMs };
}

/** A lease of which a harness's own file tells a state; what was heard since then is newer. */
export function observe(lease: Lease, observed: Observed | undefined, now: Now): Lease {
  if (observed === undefined) return lease;
  const heardBootMs = now.bootMs - observed.age_ms;
  return heardBootMs > lease.state_boot_ms ? hear(lease, observed.state, heardBootMs) : lease;
}

/** A state, and how long ago it was seen. */
export interface Observed {
  readonly state: State;
  readonly age_ms: number;
}

/**
 * The state that is shown of a lease. One that works or waits says so again and again: of one that
 * was silent for ten minutes nobody knows the state, be it for a hook that never came.
 */
export function shownState(lease: Lease, now: Now): State | null {
  if (lease.state === null || lease.state === "idle") return lease.state;
  return now.bootMs < lease.state_boot_ms + stateFreshMs ? lease.state : null;
}

/** Whether two identify one process, not one and a later one of its number. */
export const sameProcess = (a: Process, b: Process): boolean =>
  a.pid === b.pid && a.start_time === b.start_time;
