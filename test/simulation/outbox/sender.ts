/**
 * The machine of a run that has an outbox: the product's own delivery, housekeeping, grants and
 * store. The kind of its entries is the run's; clocks, timers, network and commits are the
 * schedule's.
 */

import { PeernetError } from "../../../src/contract/errors.ts";
import type { EntryKind } from "../../../src/contract/reach/outbox.ts";
import { lets, permits } from "../../../src/core/grants.ts";
import { type Context, createContext, type Work } from "../../../src/daemon/context/context.ts";
import { markElapsed } from "../../../src/daemon/context/elapsed.ts";
import { dropAll } from "../../../src/daemon/context/ungranted.ts";
import { Delivery, type SendingOptions } from "../../../src/daemon/outbox/delivery.ts";
import { enqueue } from "../../../src/daemon/outbox/enqueue.ts";
import { sweepOutbox } from "../../../src/daemon/outbox/housekeeping.ts";
import type { CallOver, Kind } from "../../../src/daemon/outbox/kinds.ts";
import { grantHandlers } from "../../../src/daemon/peers/granting.ts";
import { newPeer } from "../../../src/daemon/peers/grants.ts";
import { PeerMemories } from "../../../src/daemon/peers/memories.ts";
import type { PeerClient } from "../../../src/peer/client.ts";
import { type Effects, type Instant, instantOf } from "../../../src/platform/effects.ts";
import type { OutboxRow } from "../../../src/store/outbox.ts";
import { everyKind } from "../../support/entries.ts";
import { holding } from "../../support/grants.ts";
import type { Disk } from "../crashing-store.ts";
import type { Owner } from "../schedule.ts";
import { identityOf, nameOf, port } from "../who.ts";
import type { Content, Leaving, OutboxJudge } from "./judge.ts";
import type { OutboxVariant } from "./variant.ts";

/** Dependencies of one life of the sender's daemon. */
export interface SenderParts {
  readonly effects: Effects;
  readonly disk: Disk;
  readonly process: Owner;
  readonly client: PeerClient;
  readonly judge: OutboxJudge;
  readonly variant: OutboxVariant;
  readonly trying: Trying;
  /** The start has failed, as on a full disk: the daemon ends, and is started again. */
  readonly fails: () => void;
}

/** An entry to queue. */
export interface Draft extends Content {
  readonly kind: EntryKind;
  readonly scope: "ask" | null;
}

/** One life of the sender's daemon. */
export interface Sender {
  queue(draft: Draft): Promise<void>;
  grant(allows: boolean): Promise<unknown>;
  unpair(): Promise<void>;
  pair(): Promise<void>;
  greet(): Promise<void>;
  sweep(): Promise<void>;
}

const peer = identityOf(1);
const { fingerprint } = peer;
/** The time in which an entry that goes first is picked, however long the call before it takes. */
const pickedMs = 30_000;

/** The context of a daemon on the run's disk. */
function contextOf({ effects, disk, process, variant }: SenderParts): Context {
  const run = { id: effects.random.uuid(), started_boot_ms: effects.clock.bootMs() };
  const store = disk.open(process, run.id, () => {});
  const { tables = (real) => real } = variant;
  const seen = { ...store, tables: tables(store.tables) };
  const transact: typeof store.transact = (decide) =>
    store.transact((real) => decide(tables(real)));
  const config = { machine: { name: nameOf(0) } } as const;
  // The parts that are put together here read the machine's name alone.
  return createContext({
    ...{ effects, identity: identityOf(0), version: "0", run },
    config: config as never,
    store: { ...seen, transact },
  });
}

/** Starts the sender's daemon. */
export function senderOf(parts: SenderParts): Sender {
  const { effects, judge } = parts;
  const context = contextOf(parts);
  const memories = new PeerMemories(context);
  const greet = () => memories.of(fingerprint).greeting(() => greetOf(parts, context, memories));
  const kind = kindOf(parts, () => delivery);
  const kinds = everyKind(kind);
  const call = callOf(parts, context, memories);
  const delivery: Delivery = new Delivery({ context, memories, kinds, call, greet });
  const now = (): Instant => instantOf(effects.clock);
  context
    .transact(now(), (work) => ({ value: markElapsed(context, work, now()) }))
    .then(() => delivery.begin())
    .catch(() => parts.fails());
  const { "peers/grant": grant, "peers/revoke": revoke } = grantHandlers({ context, memories });
  return {
    queue: (draft) => queue({ ...parts, context, delivery }, draft, now()),
    grant: (allows) => {
      const entries = [{ scope: "ask" as const, names: null }];
      const given = { name: nameOf(1), entries, hide: [], for_ms: null, mine: false };
      const done = allows
        ? grant(given, { now: now() })
        : revoke({ name: nameOf(1), scopes: null }, { now: now() });
      return done.then(() => judge.allowed(allows, true));
    },
    unpair: () =>
      context
        .transact(now(), (work) => {
          dropAll(work, fingerprint, now());
          work.tables.peers.remove(fingerprint);
          work.record({ direction: "local", verb: "unpair", outcome: "ok", details: null });
          return { value: undefined };
        })
        .then(() => judge.allowed(false, false)),
    pair: () => {
      judge.allowed(true, true);
      const done = context.transact(now(), (work) => {
        const { peers } = work.tables;
        if (peers.get(fingerprint) !== null) return { value: undefined };
        peers.put({ ...newPeer, ...paired });
        work.record({ direction: "local", verb: "pair", outcome: "ok" });
        return { value: undefined };
      });
      // An unpairing that was decided before may be told only now: what was written last holds.
      return done.then(() => judge.allowed(true, true));
    },
    greet,
    sweep: () => sweepOutbox({ context, kinds }, now()),
  };
}

const paired = {
  ...{ fingerprint, certificate: peer.certificate, name: nameOf(1), host: "10.0.0.2", port },
  ...{ bearer: "token", their_scopes: [], refused: false, acknowledged: true, exchanged: true },
  ...{
    paired_at_ms: 0,
    bearer_at_ms: 0,
    grants: holding("ask"),
    token_key: peer.signing.publicKey,
  },
};

interface Queueing extends SenderParts {
  readonly context: Context;
  readonly delivery: Delivery;
}

/** Queues an entry in the transaction that records its cause, and wakes the delivery. */
async function queue(of: Queueing, draft: Draft, now: Instant): Promise<void> {
  const { context, delivery, variant, judge, trying } = of;
  const { kind, scope, ...content } = draft;
  const caused = (work: Work): void => {
    const details = { ...content, scope };
    work.record({ direction: "local", verb: "wait", outcome: "asked", details });
  };
  const add = (work: Work): boolean => {
    const { subject, replaces } = content;
    const to = { fingerprint, subject_id: subject, scope, session: null };
    const body = JSON.stringify(content);
    const queued = { ...to, kind, body, ...(replaces ? { replaces } : {}) };
    const outcome = enqueue(context, work, { draft: queued, now });
    if (outcome.ok) judge.queuedMs.set(outcome.value, trying.nowMs());
    return outcome.ok;
  };
  await context.transact(now, (work) => {
    if (work.tables.peers.get(fingerprint) === null) return { value: undefined };
    if (variant.queuesLate === true || add(work)) caused(work);
    return { value: undefined };
  });
  if (variant.queuesLate === true) {
    await context.transact(now, (work) => ({ value: void add(work) }));
  }
  delivery.wake(fingerprint);
}

/** The run's kind: tells a fact where the grant permits it, and records each end. */
function kindOf(parts: SenderParts, delivery: () => Picked): Kind {
  const { variant, effects } = parts;
  const kept = new Map<string, Leaving>();
  return {
    compose: ({ work, entry, peer: { grants }, now }) => {
      mustGoFirst(parts, work, { entry, delivery: delivery() });
      const verdict = permits(grants, { scope: "ask", name: null }, now);
      const isLet = verdict.permitted && lets(verdict.shown, "summary");
      const content: Content = JSON.parse(entry.body);
      const id = variant.renames === true ? effects.random.uuid() : entry.id;
      const fresh: Leaving = { ...content, id, fact: isLet ? "fact" : null };
      const leaving = variant.keepsBytes === true ? (kept.get(entry.id) ?? fresh) : fresh;
      kept.set(entry.id, leaving);
      // The network of a run carries any JSON on this path.
      return (call) => call("reached", leaving as never);
    },
    ended: (work, { body }, { end }) => {
      const details = JSON.parse(body);
      work.record({ direction: "local", verb: "wait", outcome: end, details });
    },
  };
}

/** The instants of a run by which a delay is judged, and the entries that one process has tried. */
export interface Trying {
  readonly nowMs: () => number;
  readonly tried: Set<string>;
}

type Picked = Pick<Delivery, "isUnderWay">;

/** An entry must not leave before one of a lower rank that has waited for long, and is untried. */
function mustGoFirst(
  { judge, trying }: SenderParts,
  { tables }: Work,
  { entry, delivery }: { readonly entry: OutboxRow; readonly delivery: Picked },
): void {
  trying.tried.add(entry.id);
  const before = [...tables.outbox.heads(entry.fingerprint)].find((other) => {
    const { id, rank } = other;
    const queuedMs = judge.queuedMs.get(id) ?? Number.POSITIVE_INFINITY;
    const hasWaited = trying.nowMs() - queuedMs > pickedMs;
    return rank < entry.rank && hasWaited && !trying.tried.has(id) && !delivery.isUnderWay(other);
  });
  if (before !== undefined) judge.say(`rank ${entry.rank} left before rank ${before.rank}`);
}

const unreached = new Set(["peer_unreachable", "peer_timeout"]);

function callOf({ client, variant }: SenderParts, context: Context, memories: PeerMemories) {
  return (_fingerprint: string, { deadlineMs, mayLeave }: SendingOptions): CallOver =>
    async (path, input) => {
      const memory = memories.of(fingerprint);
      const { clock } = context.effects;
      const asks = variant.leavesLate === true ? () => true : mayLeave;
      const bounds = { way: { host: "", port }, token: "", deadlineMs, mayLeave: asks };
      try {
        const { output } = await client.call(path, input, bounds);
        memory.reached({ bootMs: clock.bootMs(), tookMs: 1 });
        return { output };
      } catch (error) {
        const code = error instanceof PeernetError ? error.code : "";
        if (unreached.has(code)) memory.unreached(error, clock.bootMs());
        if (variant.takesFailures === true && code === "storage_full") return { output: {} };
        throw error;
      }
    };
}

/** Says hello: any call that is answered shows that the link is up. */
async function greetOf(
  { client }: SenderParts,
  context: Context,
  memories: PeerMemories,
): Promise<void> {
  const memory = memories.of(fingerprint);
  const { clock } = context.effects;
  const bounds = { way: { host: "", port }, token: "", deadlineMs: 5_000 };
  try {
    await client.call("wait/end", { wait_ids: [] }, bounds);
    memory.reached({ bootMs: clock.bootMs(), tookMs: 1 });
    context.events.tell({ of: "greeted", fingerprint, direction: "out" });
  } catch (error) {
    memory.unreached(error, clock.bootMs());
  }
}
