/**
 * Decides when a wait is reached. A wait sees what an ask would be answered and nothing else: what
 * a grant hides is waited for by nobody. Null facts are unknown ones, and reach nothing.
 */

import type { WireAnswer } from "../contract/ask.ts";
import type { State } from "../contract/lease.ts";
import { leaseLifeMs } from "../contract/limits.ts";
import type { Since, Until, WaitEnd, WaitReason } from "../contract/reach/waits.ts";
import { lets, type Shown } from "./grants.ts";
import { type Lease, leaseState, type Now } from "./sessions/lease.ts";

/** A thing waited for: the session, the change, and the facts before it. */
export interface Waited {
  readonly name: string;
  readonly until: Until;
  readonly lease_id: string;
  /** The facts that the asker last saw; null where it saw none. */
  readonly state: State | null;
  readonly sha: string | null;
}

/** The outcome of a wait; null while it goes on. */
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
  /** The outcome, while the peer has not acknowledged it. */
  readonly due: Judged | null;
}

/** A wait of a session here. Without a fingerprint it is for a session here. */
export interface OutgoingWait extends Omit<Waited, "lease_id"> {
  readonly wait_id: string;
  readonly fingerprint: string | null;
  readonly lease_id: string | null;
  readonly ends_ms: number;
  /** True where it goes on though nobody listens. */
  readonly stays: boolean;
  /** The end, until it was told to whoever waits. */
  readonly outcome: WaitEnd | null;
  readonly ended_ms: number | null;
}

/** The waited session as it is found at an instant. */
export type Found =
  | { readonly is: "live"; readonly lease: Lease }
  /** It may yet be renewed, or taken again. */
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
 * lease's first renewal, and none is gone before one lease life is over.
 */
export function findWaited({ name, lease_id }: Waited, { leases, mayReturn, now }: Seen): Found {
  const lease = leases.find((candidate) => candidate.name === name);
  if (lease?.lease_id === lease_id) {
    const state = leaseState(lease, now);
    if (state === "live") return { is: "live", lease };
    return { is: state === "held" || mayReturn(lease_id) ? "unsure" : "gone" };
  }
  if (lease !== undefined) return { is: "gone" };
  const hasJustBegun = now.bootMs - now.run.started_boot_ms < leaseLifeMs;
  return { is: hasJustBegun || mayReturn(lease_id) ? "unsure" : "gone" };
}

/** Judges a wait by the facts that its asker may see; null while it goes on. */
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

/** True where a grant hides what is waited for. */
export const isHidden = (until: Until, shown: Shown): boolean =>
  (until === "idle" || until === "waiting") && !lets(shown, "state");

/** The facts that a wait begins from: those the asker last saw, or the current ones. */
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

/** Facts that were unknown when the wait began, and are known now, are what it begins from. */
export function informed<W extends Waited>(wait: W, { session, git }: WireAnswer): W {
  const state = wait.state ?? session.state;
  const sha = wait.sha ?? git?.sha ?? null;
  return state === wait.state && sha === wait.sha ? wait : { ...wait, state, sha };
}
