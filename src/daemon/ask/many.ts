/**
 * Asks several handles at once: every handle of one machine, or of all. One deadline covers them
 * all. A peer known to be down gets a short wait, and a peer that missed the deadline of one ask
 * gets no more.
 */

import type { Answer, AnswerMany } from "../../contract/ask.ts";
import { type ErrorCode, type Outcome, PeernetError } from "../../contract/errors.ts";
import { asksPerSecondMax, connectionsPerPeerMax, downPatienceMs } from "../../contract/limits.ts";
import type { Peer } from "../../contract/peer.ts";
import { nameHalf } from "../../contract/text/handle.ts";
import { liveLeases } from "../../core/sessions/lease.ts";
import { type Instant, instantOf } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import { nowOf } from "../context/context.ts";
import { notPaired } from "../context/expected.ts";
import { askError } from "./errors.ts";
import type { AskingParts, OneAsk } from "./over.ts";

/** Dependencies of asking several handles. */
export interface AskingManyParts extends AskingParts {
  /** Asks a handle of this machine. */
  readonly askHere: (ask: OneAsk) => Promise<Outcome<Answer>>;
  /** Asks a handle of a peer. */
  readonly askPeer: (ask: OneAsk) => Promise<Outcome<Answer>>;
}

/** An ask of several handles. */
export interface ManyAsk extends Pick<OneAsk, "question" | "from" | "threadId" | "deadlineMs"> {
  readonly now: Instant;
  /** The monotonic instant by which all asks have ended. */
  readonly untilMs: number;
}

/** Asks every live handle of one machine, or of all peers when none is named. */
export async function askMany(
  parts: AskingManyParts,
  machine: string | null,
  many: ManyAsk,
): Promise<AnswerMany> {
  const { context } = parts;
  const own = context.config.machine.name;
  if (machine === own) return collect([await askOwn(parts, many)]);
  const peer = machine === null ? null : context.tables.peers.named(machine);
  if (machine !== null && peer === null) throw notPaired(context, machine);
  const peers = peer === null ? context.tables.peers.all() : [peer];
  return collect(await Promise.all(peers.map((row) => askMachine(parts, row, many))));
}

/** The asks of one machine and their outcomes. */
interface Asked {
  readonly asked: number;
  readonly answers: readonly Answer[];
  readonly errors: AnswerMany["errors"];
}

/** Reads a peer's handles, and asks each of them. */
async function askMachine(parts: AskingManyParts, row: PeerRow, many: ManyAsk): Promise<Asked> {
  const { context, links, memories } = parts;
  const { clock } = context.effects;
  // A peer that was already down gets one attempt: nobody should wait for it.
  const isDown = memories.shown(row, many.now).link === "down";
  const waitMs = isDown ? Math.min(downPatienceMs, leftMs(parts, many)) : leftMs(parts, many);
  const greeting = links.greet(row.fingerprint, { deadlineMs: waitMs, isAwaited: !isDown });
  await within(parts, waitMs, greeting);
  const current = context.tables.peers.get(row.fingerprint) ?? row;
  const shown = memories.shown(current, instantOf(clock));
  const code = whyNot(shown, memories.of(row.fingerprint).link.dialled);
  if (code !== null) return refused(parts, shown, { code, many });
  const asks = shown.handles.map(({ handle }) => ({
    question: many.question,
    from: many.from,
    threadId: many.threadId,
    machine: row.name,
    name: nameHalf(handle),
    peer: current,
  }));
  const outcomes = await untilSilent(asks, async (ask) => {
    const isAllowed = await paced(parts, current, many);
    return isAllowed ? parts.askPeer({ ...ask, deadlineMs: leftMs(parts, many) }) : null;
  });
  const done = collected(row.name, asks, outcomes);
  const left = asks.length - outcomes.size;
  if (left === 0) return done;
  const silent = refused(parts, shown, { code: "peer_timeout", many }).errors;
  return { ...done, errors: [...done.errors, ...silent] };
}

const leftMs = ({ context }: AskingManyParts, { untilMs }: ManyAsk): number =>
  Math.max(1, Math.ceil(untilMs - context.effects.clock.monotonicMs()));

/** Waits for a promise that never rejects, up to a time limit. */
function within({ context }: AskingManyParts, ms: number, ended: Promise<void>): Promise<void> {
  const over = Promise.withResolvers<void>();
  const cancel = context.effects.timers.after(ms, over.resolve);
  return Promise.race([ended, over.promise]).finally(cancel);
}

/** The reason why none of a peer's handles can be asked, or null. */
function whyNot(peer: Peer, dialled: boolean | null): ErrorCode | null {
  if (peer.link === "refused") return "peer_refused";
  if (dialled !== true) return "peer_unreachable";
  return peer.grants.ours.includes("ask") ? null : "scope_denied";
}

/** A machine whose further handles are not asked, and the reason. */
function refused(
  { context }: AskingManyParts,
  shown: Peer,
  { code, many }: { readonly code: ErrorCode; readonly many: ManyAsk },
): Asked {
  const asked = { name: "", deadlineMs: many.deadlineMs, own: context.config.machine.name };
  const { link, link_reason, acknowledged, last_seen_age_ms, tailnet } = shown;
  const standing = { link, link_reason, acknowledged, tailnet };
  const error = askError(new PeernetError(code), shown, asked).body;
  const isOfLink = code === "peer_unreachable" || code === "peer_refused";
  const known = shown.last_known == null ? {} : { last_known: shown.last_known };
  const ofLink = isOfLink ? { standing, ...known } : {};
  const errors = [{ handle: shown.name, error, last_seen_age_ms, ...ofLink }];
  return { asked: 0, answers: [], errors };
}

async function askOwn(parts: AskingManyParts, many: ManyAsk): Promise<Asked> {
  const { context } = parts;
  const machine = context.config.machine.name;
  const live = liveLeases(context.tables.leases.all(), nowOf(context, many.now));
  const asks = live.map(({ name }) => ({ ...many, machine, name, peer: null }));
  return collected(machine, asks, await untilSilent(asks, parts.askHere));
}

type Outcomes<T> = ReadonlyMap<T, Outcome<Answer>>;

/**
 * Asks the handles of one machine in their order, as many at once as it allows connections. The
 * first that is not answered in time, or null for no time left, ends it.
 */
async function untilSilent<T>(
  asks: readonly T[],
  ask: (asked: T) => Promise<Outcome<Answer> | null>,
): Promise<Outcomes<T>> {
  const waiting = [...asks];
  const outcomes = new Map<T, Outcome<Answer>>();
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const outcome = await ask(next);
      if (outcome !== null) outcomes.set(next, outcome);
      const isSilent = outcome === null || (!outcome.ok && outcome.error.code === "peer_timeout");
      if (isSilent) waiting.length = 0;
    }
  };
  await Promise.all(Array.from({ length: connectionsPerPeerMax }, work));
  return outcomes;
}

/** Waits until a peer's rate allows one more ask; false when the time was up first. */
async function paced(parts: AskingManyParts, peer: PeerRow, many: ManyAsk): Promise<boolean> {
  const { clock, timers } = parts.context.effects;
  const memory = parts.memories.of(peer.fingerprint);
  for (;;) {
    if (clock.monotonicMs() >= many.untilMs) return false;
    if (memory.takeAsk(clock.monotonicMs())) return true;
    await new Promise<void>((resolve) => timers.after(1_000 / asksPerSecondMax, resolve));
  }
}

/** The outcomes in the order of the asks. */
function collected<T extends Pick<OneAsk, "name">>(
  machine: string,
  asks: readonly T[],
  outcomes: Outcomes<T>,
): Asked {
  const answers: Answer[] = [];
  const errors: AnswerMany["errors"] = [];
  for (const ask of asks) {
    const outcome = outcomes.get(ask);
    if (outcome === undefined) continue;
    if (outcome.ok) answers.push(outcome.value);
    else {
      const handle = `${machine}/${ask.name}`;
      errors.push({ handle, error: outcome.error.body, last_seen_age_ms: null });
    }
  }
  return { asked: outcomes.size, answers, errors };
}

function collect(all: readonly Asked[]): AnswerMany {
  const answers = all.flatMap((each) => each.answers);
  return {
    answers,
    errors: all.flatMap((each) => each.errors),
    asked: all.reduce((sum, { asked }) => sum + asked, 0),
    answered: answers.length,
  };
}
