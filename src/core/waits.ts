/**
 * Decides when a wait is reached. A wait sees exactly the facts that an ask would: a hidden fact
 * ends no wait. Null facts are unknown, and reach nothing.
 */

import type { WireAnswer } from "../contract/ask.ts";
import type { State } from "../contract/lease.ts";
import { leaseLifeMs } from "../contract/limits.ts";
import type { Since, Until, WaitEnd, WaitReason } from "../contract/reach/waits.ts";
import { lets, type Shown } from "./grants.ts";
import { type Lease, leaseState, type Now } from "./sessions/lease.ts";

/** An awaited change: the session, the change, and the facts before it. */
export interface Waited {
  readonly name: string;
  readonly until: Until;
  readonly lease_id: string;
  /** The facts that the asker last saw; null when it saw none. */
  readonly state: State | null;
  readonly sha: string | null;
}

/** The outcome of a wait; null while it is open. */
export interface Judged {
  readonly outcome: "reached" | "ended";
  readonly reason: WaitReason | null;
}

/** A wait of a peer for a session here. Times are elapsed time. */
export interface IncomingWait extends Waited {
  readonly fingerprint: string;
  readonly wait_id: string;
  readonly ends_ms: number;
  readonly renewed_ms: number;
  /** The outcome, until the peer has acknowledged it. */
  readonly due: Judged | null;
}

/** A wait of a session here. Without a fingerprint it concerns a session here. */
export interface OutgoingWait extends Omit<Waited, "lease_id"> {
  readonly wait_id: string;
  readonly fingerprint: string | null;
  readonly lease_id: string | null;
  readonly ends_ms: number;
  /** The handle of the waiting session, or null. */
  readonly from_handle: string | null;
  /** True when it continues without a listener. */
  readonly stays: boolean;
  /** The end, until the waiting session has received it. */
  readonly outcome: WaitEnd | null;
  readonly ended_ms: number | null;
}

/** The awaited session at an instant. */
export type Found =
  | { readonly is: "live"; readonly lease: Lease }
  /** Its lease may yet be renewed, or taken again. */
  | { readonly is: "unsure" }
  | { readonly is: "gone" };

/** The leases at an instant, and those that may return. */
export interface Seen {
  readonly leases: readonly Lease[];
  /** True for a lease that expired a moment ago: a machine that woke takes it again. */
  readonly mayReturn: (leaseId: string) => boolean;
  readonly now: Now;
}

/**
 * Finds the session that a wait is for. After a start of the daemon nothing is judged before the
 * lease's first renewal, and no lease counts as gone before one lease life has passed.
 */
export function findWaited({ name, lease_id }: Waited, { leases, mayReturn, now }: Seen): Found {
  const lease = leases.find((candidate) => candidate.name === name);
  if (lease?.lease_id === lease_id) {
    // An expired lease that has not ended yet may belong to a machine that just woke.
    return leaseState(lease, now) === "live" ? { is: "live", lease } : { is: "unsure" };
  }
  if (lease !== undefined) return { is: "gone" };
  const hasJustBegun = now.bootMs - now.run.started_boot_ms < leaseLifeMs;
  return { is: hasJustBegun || mayReturn(lease_id) ? "unsure" : "gone" };
}

/** Judges a wait by the facts that its asker may see; null while it is open. */
export function judge(wait: Waited, found: Found, facts: WireAnswer | null): Judged | null {
  const { until } = wait;
  if (found.is === "gone") {
    return { outcome: until === "gone" ? "reached" : "ended", reason: "gone" };
  }
  if (found.is === "unsure" || facts === null) return null;
  return isReached(wait, facts) ? { outcome: "reached", reason: null } : null;
}

function isReached({ until, ...since }: Waited, { session, git }: WireAnswer): boolean {
  const sha = git?.sha ?? null;
  const isOther = (before: string | null, after: string | null): boolean =>
    before !== null && after !== null && before !== after;
  switch (until) {
    case "idle":
    case "waiting":
      return session.state === until;
    case "commit":
      return isOther(since.sha, sha);
    case "changed":
      return isOther(since.sha, sha) || isOther(since.state, session.state);
    case "gone":
      return false;
    default:
      return until satisfies never;
  }
}

/** True when a grant hides the awaited fact. */
export const isHidden = (until: Until, shown: Shown): boolean =>
  (until === "idle" || until === "waiting") && !lets(shown, "state");

/** The facts from which a wait begins: those that the asker last saw, or the current ones. */
export function beginning(
  { lease_id }: Pick<Lease, "lease_id">,
  since: Since,
  { session, git }: WireAnswer,
): Pick<Waited, "lease_id" | "state" | "sha"> {
  return {
    lease_id: since.lease_id ?? lease_id,
    state: since.state ?? session.state,
    sha: since.sha ?? git?.sha ?? null,
  };
}

/** Adds facts that were unknown when the wait began and are known now. */
export function informed<W extends Waited>(wait: W, { session, git }: WireAnswer): W {
  const state = wait.state ?? session.state;
  const sha = wait.sha ?? git?.sha ?? null;
  return state === wait.state && sha === wait.sha ? wait : { ...wait, state, sha };
}
