/**
 * Decides which facts an ask may see. An answer consists only of the facts that a session pushed. A
 * peer that may not ask cannot distinguish an existing handle from a missing one.
 */

import { type Answer, untrustedFields, untrustedNotice, type WireAnswer } from "../contract/ask.ts";
import { accept, type Outcome, refuse } from "../contract/errors.ts";
import { type At, type Grants, lets, permits } from "./grants.ts";
import { expiresInMs, type Lease, liveLeases, type Now, shownState } from "./sessions/lease.ts";
import { shownFacts } from "./shown-facts.ts";

/** A peer's ask. */
export interface Asked {
  readonly grants: Grants;
  readonly name: string;
  /** The instant at which the grant is judged. */
  readonly at: At;
  /** True when the peer accepts null for an unknown count, and for a hidden project or harness. */
  readonly takesNull?: boolean;
}

/**
 * Answers a peer as far as its grant permits. A handle outside the grant is answered like a missing
 * one. Refuses with {scope_denied} {handle_unknown}.
 */
export function answerPeer(asked: Asked, leases: readonly Lease[], now: Now): Outcome<WireAnswer> {
  const { grants, at } = asked;
  if (!permits(grants, { scope: "ask", name: null }, at).permitted) return denied(grants);
  const visible = visibleTo(asked, leases);
  const verdict = permits(grants, { scope: "ask", name: asked.name }, at);
  const answer = answerHere(asked.name, visible, now);
  if (!answer.ok || !verdict.permitted) return answer;
  const shown = shownFacts(answer.value, verdict.shown);
  return accept(forVersion(shown, asked));
}

/** The refusal of a peer without the scope; a pause is told, since another command ends it. */
export const denied = ({ paused }: Grants): Outcome<never> =>
  refuse("scope_denied", paused ? { details: { paused } } : {});

/**
 * The leases that a peer may see. A peer that accepts no null sees none while its harness is
 * hidden.
 */
export function visibleTo(
  { grants, at, takesNull }: Omit<Asked, "name">,
  leases: readonly Lease[],
): readonly Lease[] {
  const all = permits(grants, { scope: "ask", name: null }, at);
  if (!all.permitted) return [];
  if (takesNull !== true && !lets(all.shown, "harness")) return [];
  const { entries } = grants;
  const isLimited = entries.some(({ scope, names }) => scope === "ask" && names !== null);
  if (!isLimited) return leases;
  return leases.filter(({ name }) => permits(grants, { scope: "ask", name }, at).permitted);
}

/** An answer for the asker's version: earlier ones accept no null for a fact. */
function forVersion(answer: WireAnswer, { name, takesNull }: Asked): WireAnswer {
  if (takesNull === true) return answer;
  return { ...countedGit(answer), project: answer.project ?? name };
}

/** An answer for an earlier version, which accepts no null as a count of files. */
function countedGit({ git, ...facts }: WireAnswer): WireAnswer {
  if (git === null || git.dirty !== null) return { git, ...facts };
  return { ...facts, git: null, git_why: git.why?.dirty };
}

/** Answers this machine's own user. Refuses with {handle_unknown}. */
export function answerHere(name: string, leases: readonly Lease[], now: Now): Outcome<WireAnswer> {
  const live = liveLeases(leases, now);
  const lease = live.find((candidate) => candidate.name === name);
  if (lease !== undefined) return accept(factsOf(lease, now));
  const names = live.map((candidate) => candidate.name);
  return refuse("handle_unknown", {
    message: `${name} is not live`,
    hint: names.length > 0 ? `live here now: ${names.join(", ")}` : "peernet activate",
    details: { live: names },
  });
}

/** The displayed state of a lease at an instant, and its duration. */
export const stateOf = (lease: Lease, now: Now) => {
  const { state, state_for_ms } = factsOf(lease, now).session;
  return { state, state_for_ms };
};

/** The facts of a lease, as ages at an instant. */
export function factsOf(lease: Lease, now: Now): WireAnswer {
  const age = (bootMs: number): number => Math.max(0, Math.floor(now.bootMs - bootMs));
  const state = shownState(lease, now);
  const stateKnown = state !== null;
  return {
    project: lease.project,
    ...gitOf(lease, age(lease.git_boot_ms)),
    summary:
      lease.summary === null ? null : { text: lease.summary, age_ms: age(lease.summary_boot_ms) },
    session: {
      harness: lease.harness,
      state,
      state_for_ms: stateKnown ? age(lease.state_since_boot_ms) : null,
      started_age_ms: age(lease.started_boot_ms),
      age_ms: age(stateKnown ? lease.state_boot_ms : lease.renewed_boot_ms),
    },
    lease: {
      renewed_age_ms: age(lease.renewed_boot_ms),
      expires_in_ms: Math.max(0, Math.floor(expiresInMs(lease, now))),
    },
    hidden: [],
  };
}

/** Git facts in the form of an answer. */
function gitOf({ git, git_why }: Lease, age_ms: number): Pick<WireAnswer, "git" | "git_why"> {
  if (git === null) return git_why === null ? { git } : { git, git_why };
  return { git: { ...git, age_ms } };
}

/** The receipt of an answer: its handle, and the instant and duration of the round trip. */
export interface Receipt {
  readonly handle: string;
  readonly threadId: string;
  readonly receivedAtMs: number;
  readonly roundTripMs: number;
}

/** An answer for the asking session, dated by this machine's clock. */
export function answerOf(wire: WireAnswer, receipt: Receipt): Answer {
  const at = receipt.receivedAtMs;
  const dated = <T extends { readonly age_ms: number }>(fact: T) => ({
    ...fact,
    observed_at_ms: Math.max(0, at - fact.age_ms),
  });
  const { started_age_ms, ...session } = wire.session;
  return {
    status: "ok",
    handle: receipt.handle,
    thread_id: receipt.threadId,
    answered_by: "daemon",
    project: wire.project,
    git: wire.git === null ? null : dated(wire.git),
    ...(wire.git_why === undefined ? {} : { git_why: wire.git_why }),
    summary: wire.summary === null ? null : dated(wire.summary),
    session: {
      ...dated(session),
      state_for_ms: session.state === null ? null : session.state_for_ms,
      started_at_ms: Math.max(0, at - started_age_ms),
    },
    lease: wire.lease,
    ...(wire.hidden === undefined ? {} : { hidden: wire.hidden }),
    untrusted: [...untrustedFields],
    notice: untrustedNotice,
    answered_at_ms: at,
    round_trip_ms: receipt.roundTripMs,
  };
}
