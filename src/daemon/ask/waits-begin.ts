/** Begins a wait of a session here: on a session here, or on a peer's that supports waits. */

import type { Answer } from "../../contract/ask.ts";
import { accept, type Outcome, PeernetError, refuse, settle } from "../../contract/errors.ts";
import { askDeadlineMs, greetingMs, peersMax } from "../../contract/limits.ts";
import type { OutputOf } from "../../contract/operation/operation.ts";
import { waitSinceMs, waitsMax } from "../../contract/reach/limits.ts";
import type { Since, WaitInput } from "../../contract/reach/waits.ts";
import type { Wire } from "../../contract/wire.ts";
import { answerHere } from "../../core/ask.ts";
import type { OutgoingWait } from "../../core/waits.ts";
import { type Instant, instantOf } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import { type Context, nowOf, type Work } from "../context/context.ts";
import { elapsedAt } from "../context/elapsed.ts";
import { notPaired } from "../context/expected.ts";
import type { Replied } from "../links/calls.ts";
import type { Links } from "../links/links.ts";
import type { PeerMemories } from "../peers/memories.ts";
import { handleOfCaller } from "../sessions/leases.ts";
import { askError } from "./errors.ts";
import { recordWait, wireWait } from "./waits-rows.ts";

/** Dependencies of waits of sessions here. */
export interface BeginningParts {
  readonly context: Context;
  readonly links: Links;
  readonly memories: PeerMemories;
  readonly seen: SeenFacts;
  /** Judges the waits for sessions here. */
  readonly judge: (now: Instant) => Promise<void>;
}

/** The session of a handle; without a peer it is one here. @throws {peer_unknown} */
export function mustWaitOn(
  context: Context,
  handle: string,
): { readonly name: string; readonly peer: PeerRow | null } {
  const { config, tables } = context;
  const slash = handle.indexOf("/");
  const machine = slash < 0 ? config.machine.name : handle.slice(0, slash);
  const name = handle.slice(slash + 1);
  if (machine === config.machine.name) return { name, peer: null };
  const peer = tables.peers.named(machine);
  if (peer === null) throw notPaired(context, machine);
  return { name, peer };
}

/**
 * A wait that continues without listeners, when it is requested again; its end is delivered once.
 */
export function begunBefore(
  context: Context,
  { handle, until, stays }: WaitInput,
  told: ReadonlySet<string>,
): OutgoingWait | undefined {
  if (!stays) return undefined;
  const { name, peer } = mustWaitOn(context, handle);
  return context.tables.waits.outgoing().find((wait) => {
    const isSame = wait.name === name && wait.fingerprint === (peer?.fingerprint ?? null);
    return isSame && wait.stays && wait.until === until && !told.has(wait.wait_id);
  });
}

/** A new wait. */
export interface Beginning {
  readonly id: string;
  readonly input: WaitInput;
  readonly now: Instant;
}

/**
 * Begins a wait; resolves to the peer's answer, or to null for a session here.
 * @throws {peer_unknown} {handle_unknown} {wait_limit} {version_unsupported} and the errors of an
 * ask
 */
export async function begin(
  parts: BeginningParts,
  beginning: Beginning,
): Promise<Replied<OutputOf<Wire["wait"]>> | null> {
  const { name, peer } = mustWaitOn(parts.context, beginning.input.handle);
  if (peer === null) {
    settle(await beginHere(parts, beginning, name));
    return null;
  }
  return beginThere(parts, beginning, { name, peer });
}

function rowOf({ context }: BeginningParts, { id, input, now }: Beginning) {
  const { until, for_ms, stays } = input;
  const ends_ms = elapsedAt(context, now) + for_ms;
  const from_handle = handleOfCaller(context, input.from, now);
  return { wait_id: id, until, stays, ends_ms, from_handle, outcome: null, ended_ms: null };
}

/** True while a machine has no slot for another wait of this one. */
const isFull = ({ tables }: Work, fingerprint: string | null): boolean =>
  tables.waits
    .outgoing()
    .filter((wait) => wait.outcome === null && wait.fingerprint === fingerprint).length >= waitsMax;

function beginHere(
  parts: BeginningParts,
  beginning: Beginning,
  name: string,
): Promise<Outcome<void>> {
  const { context } = parts;
  const { now } = beginning;
  return context.transact(now, (work) => {
    const leases = work.tables.leases.all();
    const answer = answerHere(name, leases, nowOf(context, now));
    const lease = leases.find((each) => each.name === name);
    if (!answer.ok || lease === undefined) {
      return { value: answer.ok ? refuse("handle_unknown") : answer };
    }
    if (isFull(work, null)) return { value: refuse("wait_limit") };
    const { session, git } = answer.value;
    const since = { lease_id: lease.lease_id, state: session.state, sha: git?.sha ?? null };
    const wait: OutgoingWait = { ...rowOf(parts, beginning), ...since, fingerprint: null, name };
    work.tables.waits.putOutgoing(wait);
    recordWait(context, work, { wait, outcome: "asked", harness: session.harness });
    return { value: accept(undefined) };
  });
}

async function beginThere(
  parts: BeginningParts,
  beginning: Beginning,
  { name, peer }: { readonly name: string; readonly peer: PeerRow },
): Promise<Replied<OutputOf<Wire["wait"]>>> {
  const { context, links, memories, seen } = parts;
  const { fingerprint } = peer;
  const { clock } = context.effects;
  await mustHaveWaits(parts, peer);
  const { state = null, sha = null } = seen.of(`${fingerprint} ${name}`, clock.bootMs());
  const row = { ...rowOf(parts, beginning), fingerprint, name, lease_id: null, state, sha };
  const stored = await context.transact(beginning.now, (work) => {
    if (isFull(work, fingerprint)) return { value: refuse("wait_limit") };
    work.tables.waits.putOutgoing(row);
    recordWait(context, work, { wait: row, outcome: "asked" });
    return { value: accept(undefined) };
  });
  settle(stored);
  try {
    const input = () => wireWait(context, row, instantOf(clock));
    const asked = { input, deadlineMs: askDeadlineMs, isAwaited: true };
    return await links.call(fingerprint, "wait", asked);
  } catch (error) {
    const code = error instanceof PeernetError ? error.code : "internal";
    await context.transact(instantOf(clock), (work) => {
      // It may have ended during the call: its time was up, its session left, or it was reached.
      const kept = work.tables.waits.getOutgoing(row.wait_id);
      if (kept === null || kept.outcome !== null) return { value: undefined };
      work.tables.waits.removeOutgoing(row.wait_id);
      recordWait(context, work, { wait: row, outcome: code });
      return { value: undefined };
    });
    if (!(error instanceof PeernetError)) throw error;
    const of = { name, deadlineMs: askDeadlineMs, own: context.config.machine.name };
    throw askError(error, memories.shown(peer, instantOf(clock)), of);
  }
}

/** Refuses a peer whose hello does not list waits. @throws {version_unsupported} */
async function mustHaveWaits({ links, memories }: BeginningParts, peer: PeerRow): Promise<void> {
  const hasWaits = (): boolean => memories.of(peer.fingerprint).features.includes("waits");
  if (hasWaits()) return;
  // The peer may not have said hello since this daemon started, or may have been updated since.
  await links.greet(peer.fingerprint, { deadlineMs: greetingMs, isAwaited: true });
  const { version } = memories.of(peer.fingerprint);
  if (hasWaits() || version === null) return;
  throw new PeernetError("version_unsupported", {
    message: `${peer.name} runs a version of peernet that cannot be waited on`,
    hint: `update peernet on ${peer.name}`,
  });
}

/** Facts that asks of peers' sessions saw: a wait begins from them, so that no change is missed. */
export interface SeenFacts {
  /** Notes the answer of an ask. */
  note(key: string, answer: Answer, bootMs: number): void;
  of(key: string, bootMs: number): Pick<Since, "state" | "sha">;
}

/** Makes a memory of seen facts; removes the oldest. */
export function seenFacts(): SeenFacts {
  const facts = new Map<string, { readonly bootMs: number } & Pick<Since, "state" | "sha">>();
  return {
    note: (key, { session, git }, bootMs) => {
      facts.delete(key);
      facts.set(key, { bootMs, state: session.state, sha: git?.sha ?? null });
      for (const oldest of facts.keys()) {
        if (facts.size <= peersMax) return;
        facts.delete(oldest);
      }
    },
    of: (key, bootMs) => {
      const seen = facts.get(key);
      if (seen === undefined || bootMs - seen.bootMs > waitSinceMs) return {};
      return { state: seen.state, sha: seen.sha };
    },
  };
}
