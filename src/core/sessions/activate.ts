/**
 * Decides who holds a handle: which lease belongs to a session, and the change when the session
 * takes, keeps or renames it. Never gives a name to two sessions.
 */

import { accept, type Outcome, refuse } from "../../contract/errors.ts";
import type { ActivateInput, Harness, Process } from "../../contract/lease.ts";
import { handlesMax } from "../../contract/limits.ts";
import { freeName, slug } from "../peers/naming.ts";
import { gitFrom, keptGit, type Lease, type Now, sameProcess } from "./lease.ts";

/** Identifies a session among all others. */
export interface Session {
  readonly harness: Harness;
  readonly session_id: string | null;
  readonly process: Process | null;
  /** The process runs this session and no other. */
  readonly sole?: boolean | undefined;
}

/**
 * The lease of a session: the one with its harness's own id; else, when the process runs one
 * session or there is no id, the one of its process.
 */
export function leaseOf(leases: readonly Lease[], session: Session): Lease | undefined {
  const { session_id: id, process } = session;
  const own = leases.filter((lease) => lease.harness === session.harness);
  const byId = id === null ? undefined : own.find((lease) => lease.session_id === id);
  if (byId !== undefined || process === null) return byId;
  return own.find(
    (lease) =>
      sameProcess(lease.process, process) &&
      (session.sole === true || (id === null && lease.session_id === null)),
  );
}

/** The instant of a new lease, and its fresh values. */
export interface Next extends Now {
  readonly generation: number;
  readonly lease_id: string;
}

/** The changes of an activation. */
export interface Activation {
  readonly lease: Lease;
  /** This session's lease under another name, to remove. */
  readonly replaced: Lease | null;
  /** Leases of other sessions in a process that runs only this one, to remove. */
  readonly succeeded: readonly Lease[];
  /** True when the session took a handle that it did not have. */
  readonly taken: boolean;
}

/**
 * Gives a session the requested name, else its present one, else the first free one after its
 * project. `leases` holds no expired one; generation and id of `next` were never used before.
 * @throws nothing; refuses with {handle_held} {lease_limit}
 */
export function activate(
  leases: readonly Lease[],
  request: ActivateInput,
  next: Next,
): Outcome<Activation> {
  const own = leaseOf(leases, request);
  const held = new Set(leases.map((lease) => lease.name));
  const name = request.name ?? own?.name ?? freeName(slug(request.project), held);
  const holder = leases.find((lease) => lease.name === name);
  if (holder !== undefined && holder !== own) return heldBy(holder, held);
  if (own === undefined && leases.length >= handlesMax) return refuse("lease_limit");
  const kept = own !== undefined && own.name === name;
  const said = own !== undefined && isOfThisBoot(own, next) ? own : undefined;
  const read = gitOf(request, said, next);
  const summary = request.summary ?? said?.summary ?? null;
  const lease: Lease = {
    name,
    generation: kept ? own.generation : next.generation,
    lease_id: kept ? own.lease_id : next.lease_id,
    harness: request.harness,
    session_id: request.session_id ?? own?.session_id ?? null,
    process: request.process,
    cwd: request.cwd,
    project: request.project,
    run: next.run.id,
    started_boot_ms: said?.started_boot_ms ?? next.bootMs,
    renewed_boot_ms: next.bootMs,
    ...read,
    summary,
    summary_boot_ms: request.summary === undefined ? (said?.summary_boot_ms ?? 0) : next.bootMs,
    state: said?.state ?? null,
    state_since_boot_ms: said?.state_since_boot_ms ?? 0,
    state_boot_ms: said?.state_boot_ms ?? 0,
  };
  return accept({
    lease,
    replaced: kept ? null : (own ?? null),
    succeeded: request.sole ? othersIn(leases, request, own) : [],
    taken: !kept,
  });
}

/** A boot clock that is behind has restarted: the age of earlier facts is unknown. */
const isOfThisBoot = (lease: Lease, now: Now): boolean =>
  lease.run === now.run.id || lease.renewed_boot_ms <= now.bootMs;

function heldBy(holder: Lease, held: ReadonlySet<string>): Outcome<never> {
  return refuse("handle_held", {
    message: `another session holds ${holder.name}`,
    hint: `peernet activate ${freeName(holder.name, held)}`,
    details: { name: holder.name, generation: holder.generation, process: holder.process },
  });
}

/**
 * Gives a session its lease back that expired while the machine slept, unless it has another by now
 * or its name is taken. Facts from before keep their true age. Refuses with {handle_held}
 * {lease_limit}.
 */
export function resume(
  leases: readonly Lease[],
  expired: Lease,
  next: Omit<Next, "lease_id">,
): Outcome<Activation> {
  const held = new Set(leases.map(({ name }) => name));
  const holder = leaseOf(leases, expired) ?? leases.find(({ name }) => name === expired.name);
  if (holder !== undefined) return heldBy(holder, held);
  if (leases.length >= handlesMax) return refuse("lease_limit");
  const { generation, bootMs: renewed_boot_ms, run } = next;
  const lease = { ...expired, generation, run: run.id, renewed_boot_ms };
  return accept({ lease, replaced: null, succeeded: [], taken: true });
}

/** Git facts from before, or from now: a reading belongs to one folder. */
function gitOf(
  request: ActivateInput,
  said: Lease | undefined,
  now: Now,
): Pick<Lease, "git" | "git_why" | "git_boot_ms"> {
  const before = said !== undefined && said.cwd === request.cwd ? said : null;
  const read = gitFrom(request, now);
  if (before !== null) return { ...gitFields(before), ...read, ...keptGit(before, request) };
  return read ?? { git: null, git_why: "unread", git_boot_ms: 0 };
}

const gitFields = ({ git, git_why, git_boot_ms }: Lease) => ({ git, git_why, git_boot_ms });

/** The leases of other sessions in the process of a session that is alone in it. */
const othersIn = (
  leases: readonly Lease[],
  request: ActivateInput,
  own: Lease | undefined,
): readonly Lease[] =>
  leases.filter(
    (lease) =>
      lease !== own &&
      lease.harness === request.harness &&
      sameProcess(lease.process, request.process),
  );
