/**
 * Decides who holds a handle, and whether at an instant it is live. State is derived from facts,
 * so a missed tick never keeps a dead lease alive. Remembers nothing, reads no clock.
 */

import { accept, type Outcome, PeernetError, refuse } from "../contract/errors.ts";
import type {
  ActivateInput,
  GitFacts,
  Harness,
  Process,
  Selector,
  State,
} from "../contract/lease.ts";
import { handlesMax, leaseLifeMs } from "../contract/limits.ts";
import { freeName, slug } from "./names.ts";

/** One session's hold on a name, and what the session pushed about itself. Times are boot time. */
export interface Lease {
  readonly name: string;
  /** Fences off a former holder: a renewal or release must name it. */
  readonly generation: number;
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
  readonly git_boot_ms: number;
  readonly summary: string | null;
  readonly summary_boot_ms: number;
  readonly state: State | null;
  readonly state_since_boot_ms: number;
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

/** What an activation changes. */
export interface Activation {
  readonly lease: Lease;
  /** The lease this session had under another name; it goes. */
  readonly replaced: Lease | null;
  /** Whether a handle was taken that this session did not have. */
  readonly taken: boolean;
}

/**
 * Gives a session the name it asks for, or the one it has, or the first free one after its
 * project. `leases` holds no expired one; `generation` is one never used before.
 * @throws nothing; refuses with {handle_held} {lease_limit}
 */
export function activate(
  leases: readonly Lease[],
  request: ActivateInput,
  next: Now & { readonly generation: number },
): Outcome<Activation> {
  const own = leases.find((lease) => sameSession(lease, request));
  const held = new Set(leases.map((lease) => lease.name));
  const name = request.name ?? own?.name ?? freeName(slug(request.project), held);
  const holder = leases.find((lease) => lease.name === name);
  if (holder !== undefined && holder !== own) return heldBy(holder, held);
  if (own === undefined && leases.length >= handlesMax) return refuse("lease_limit");
  const kept = own !== undefined && own.name === name;
  // A boot clock that is behind began anew: of what was said before, nobody knows the age.
  const said = own !== undefined && own.renewed_boot_ms <= next.bootMs ? own : undefined;
  const summary = request.summary ?? said?.summary ?? null;
  const lease: Lease = {
    name,
    generation: kept ? own.generation : next.generation,
    harness: request.harness,
    session_id: request.session_id,
    process: request.process,
    cwd: request.cwd,
    project: request.project,
    run: next.run.id,
    started_boot_ms: said?.started_boot_ms ?? next.bootMs,
    renewed_boot_ms: next.bootMs,
    git: request.git,
    git_boot_ms: next.bootMs,
    summary,
    summary_boot_ms: request.summary === undefined ? (said?.summary_boot_ms ?? 0) : next.bootMs,
    state: said?.state ?? null,
    state_since_boot_ms: said?.state_since_boot_ms ?? 0,
    state_boot_ms: said?.state_boot_ms ?? 0,
  };
  return accept({ lease, replaced: kept ? null : (own ?? null), taken: !kept });
}

function heldBy(holder: Lease, held: ReadonlySet<string>): Outcome<never> {
  return refuse("handle_held", {
    message: `another session holds ${holder.name}`,
    hint: `peernet activate ${freeName(holder.name, held)}`,
    details: { name: holder.name, generation: holder.generation, process: holder.process },
  });
}

/** A session is its harness's own id where there is one, else its process. */
const sameSession = (
  lease: Pick<Lease, "harness" | "session_id" | "process">,
  session: Pick<Lease, "harness" | "session_id" | "process">,
): boolean =>
  lease.harness === session.harness &&
  lease.session_id === session.session_id &&
  (lease.session_id !== null || sameProcess(lease.process, session.process));

const sameProcess = (a: Process, b: Process): boolean =>
  a.pid === b.pid && a.start_time === b.start_time;

/** A lease renewed, with a new reading of git where there was one. */
export function renew(lease: Lease, now: Now, git: GitFacts | null | undefined): Lease {
  const renewed = { ...lease, run: now.run.id, renewed_boot_ms: now.bootMs };
  return git === undefined ? renewed : { ...renewed, git, git_boot_ms: now.bootMs };
}

/** A lease with another summary. */
export const summarise = (lease: Lease, now: Now, summary: string): Lease => ({
  ...lease,
  summary,
  summary_boot_ms: now.bootMs,
});

/**
 * Finds the lease that a caller means: by name, else by session id, else by the nearest ancestor
 * process that holds one. Refuses with {handle_unknown} {bad_request} {lease_lost}.
 */
export function select(leases: readonly Lease[], selector: Selector): Outcome<Lease> {
  const found = matching(leases, selector);
  if (found.length > 1) {
    const names = found.map((lease) => lease.name);
    return refuse("bad_request", {
      message: `several handles are this session's: ${names.join(", ")}`,
      hint: `name one of them: ${names[0]}`,
      details: { names },
    });
  }
  const [lease] = found;
  if (lease === undefined) return { ok: false, error: noneFound(leases, selector) };
  if (selector.generation !== undefined && selector.generation !== lease.generation) {
    return refuse("lease_lost");
  }
  return accept(lease);
}

function matching(leases: readonly Lease[], selector: Selector): readonly Lease[] {
  if (selector.name !== undefined) return leases.filter((lease) => lease.name === selector.name);
  const bySession = leases.filter(
    (lease) => lease.session_id !== null && lease.session_id === selector.session_id,
  );
  if (bySession.length > 0) return bySession;
  for (const ancestor of selector.processes ?? []) {
    const byProcess = leases.filter((lease) => sameProcess(lease.process, ancestor));
    if (byProcess.length > 0) return byProcess;
  }
  return [];
}

function noneFound(leases: readonly Lease[], selector: Selector): PeernetError {
  const live = leases.map((lease) => lease.name);
  const message =
    selector.name === undefined
      ? "this session has no handle"
      : `no live handle here is called ${selector.name}`;
  const hint = live.length > 0 ? `name one of them: ${live.join(", ")}` : "peernet activate";
  return new PeernetError("handle_unknown", { message, hint, details: { live } });
}
