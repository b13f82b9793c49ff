/**
 * The shared steps of every decision about leases: ends expired ones, saves the decision, remembers
 * the session, and records. Decides nothing.
 */

import { type Outcome, settle } from "../../contract/errors.ts";
import type { Selector } from "../../contract/lease.ts";
import { handlesMax } from "../../contract/limits.ts";
import { type At, permits } from "../../core/grants.ts";
import { type Activation, leaseOf } from "../../core/sessions/activate.ts";
import { type Lease, leaseState, liveLeases, type Now } from "../../core/sessions/lease.ts";
import { select } from "../../core/sessions/select.ts";
import type { Instant } from "../../platform/effects.ts";
import { type Context, type Expired, nowOf, type Work } from "../context/context.ts";

/** The input of a decision about leases: the unexpired leases, and the instant. */
export interface Given {
  readonly leases: readonly Lease[];
  readonly work: Work;
  readonly now: Now;
  /** The same instant by all clocks. */
  readonly at: Instant;
}

/** Decides about the unexpired leases; expired ones have ended before. */
export type Deciding<I, O> = (input: I, given: Given) => Outcome<O>;

/** Makes a handler of a decision: one transaction, then the answer or the refusal. */
export const deciding =
  (context: Context) =>
  <I, O>(decide: Deciding<I, O>) =>
  async (input: I, { now: instant }: { readonly now: Instant }): Promise<O> => {
    const now = nowOf(context, instant);
    const outcome = await context.transact(instant, (work) => ({
      value: decide(input, { leases: expire(context, work, now), work, now, at: instant }),
    }));
    return settle(outcome);
  };

/** The handle of a name of this machine. */
export const handleOf = ({ config }: Pick<Context, "config">, name: string): string =>
  `${config.machine.name}/${name}`;

/** The handle of the session that caused a call; null when it has none, or more than one. */
export function handleOfCaller(
  context: Context,
  from: Selector | undefined,
  now: Instant,
): string | null {
  if (from === undefined) return null;
  const found = select(liveLeases(context.tables.leases.all(), nowOf(context, now)), from);
  return found.ok ? handleOf(context, found.value.name) : null;
}

/** Ends the expired leases, each with its record; returns the others. */
export function expire(context: Pick<Context, "expired">, work: Work, now: Now): readonly Lease[] {
  const leases = work.tables.leases.all();
  const expired = leases.filter((lease) => leaseState(lease, now) === "expired");
  for (const lease of expired) {
    work.tables.leases.remove(lease.name);
    record(work, "expire", lease);
    rememberExpired(context.expired, { lease, bootMs: now.bootMs });
  }
  return expired.length === 0 ? leases : work.tables.leases.all();
}

/** Keeps an expired lease for a keeper that slept; removes the oldest. */
function rememberExpired(expired: Context["expired"], noted: Expired): void {
  expired.set(noted.lease.generation, noted);
  for (const generation of expired.keys()) {
    if (expired.size <= handlesMax) return;
    expired.delete(generation);
  }
}

/** Saves the outcome of an activation. */
export function save(context: Pick<Context, "expired">, work: Work, decided: Activation): void {
  const { lease, replaced, succeeded, taken } = decided;
  if (replaced !== null) release(work, replaced);
  for (const other of succeeded) release(work, other);
  moveMail(work, lease);
  work.tables.leases.put(lease);
  remember(work, lease);
  if (taken) record(work, "activate", lease);
  // The session's lease from before sleep is no longer its own: it may leave this one, and stays
  // left.
  for (const [generation, { lease: before }] of context.expired) {
    const isOwn = leaseOf([before], { ...lease, sole: true }) !== undefined;
    if (isOwn) context.expired.delete(generation);
  }
}

/** Lets the mail of a session, and its topics, follow it to another folder. */
function moveMail({ tables }: Work, { name, lease_id, cwd }: Lease): void {
  const before = tables.leases.all().find((each) => each.name === name);
  if (before?.lease_id !== lease_id || before.cwd === cwd) return;
  tables.messages.moveTree(name, before.cwd, cwd);
  tables.subscriptions.moveTree(name, before.cwd, cwd);
}

function remember({ tables: { sessions } }: Work, lease: Lease): void {
  const { harness, session_id, name, process } = lease;
  if (session_id === null) return;
  const session = { harness, session_id, name, process, left: false };
  if (!Bun.deepEquals(sessions.get(harness, session_id), session)) sessions.put(session);
}

/** Ends a lease, with its record. */
export function release(work: Work, lease: Lease): void {
  work.tables.leases.remove(lease.name);
  record(work, "deactivate", lease);
}

/** Remembers whether the session of an ended lease left by its user's will. */
export function setLeft({ tables }: Work, lease: Lease, left: boolean): void {
  const { harness, session_id, name, process } = lease;
  if (session_id === null) return;
  tables.sessions.put({ harness, session_id, name, process, left });
}

/** Records a lease's event. */
export function record(
  work: Work,
  verb: "activate" | "deactivate" | "expire",
  { name: handle, harness }: Lease,
): void {
  const origin_transport = "control";
  work.record({ direction: "local", verb, outcome: "ok", handle, harness, origin_transport });
}

/** Names of the handles that are live. */
export const namesOfLive = (context: Pick<Context, "tables" | "run">, now: Instant): string[] =>
  liveLeases(context.tables.leases.all(), nowOf(context, now)).map((lease) => lease.name);

/** Names of the peers that may ask about a handle of this machine. */
export const namesOfAskers = (work: Pick<Work, "tables">, name: string, at: At): string[] =>
  work.tables.peers
    .all()
    .filter(({ grants }) => permits(grants, { scope: "ask", name }, at).permitted)
    .map((peer) => peer.name);
