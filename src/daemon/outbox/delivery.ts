/**
 * Delivers the outbox: composes each entry as it leaves, and removes it in the transaction that
 * notes the reply. A failed call is repeated in time.
 */

import { PeernetError } from "../../contract/errors.ts";
import { outboxCallMs, outboxCallsMax, outboxFreshMs } from "../../contract/reach/limits.ts";
import { rightsAt } from "../../core/grants.ts";
import {
  afterFailure,
  type EntryHead,
  leaving,
  leftMs,
  pauseMs,
  restMs,
} from "../../core/outbox.ts";
import { type Cancel, type Instant, instantOf } from "../../platform/effects.ts";
import type { OutboxRow } from "../../store/outbox.ts";
import type { Context, Work } from "../context/context.ts";
import { detach } from "../context/detached.ts";
import { elapsedAt } from "../context/elapsed.ts";
import type { PeerMemories } from "../peers/memories.ts";
import { type Attempt, failed } from "./attempt.ts";
import type { CallOver, CallPeer, Ending, Kinds } from "./kinds.ts";

/** Dependencies of the delivery. */
export interface DeliveryParts {
  readonly context: Context;
  readonly memories: PeerMemories;
  readonly kinds: Kinds;
  /** Calls a peer. */
  readonly call: (fingerprint: string, sending: SendingOptions) => CallOver;
  /** Says hello to a peer that could not be dialled. Never rejects. */
  readonly greet: (fingerprint: string) => Promise<void>;
}

/** The limits of a call. */
export interface SendingOptions {
  readonly deadlineMs: number;
  /** Asked right before the first byte leaves; none leaves where it is false. */
  readonly mayLeave: () => boolean;
}

/** Facts about one peer's queue that a restart drops: then each entry is tried again. */
interface Queue {
  readonly underWay: Set<string>;
  /** The monotonic instants before which an entry is not tried. */
  readonly rests: Map<string, number>;
  /** Entries that wait for the next successful hello. */
  readonly forHello: Set<string>;
  /** Consecutive calls without a reply. */
  failures: number;
  pausedUntilMs: number;
  cancel: Cancel | null;
}

/** The decision behind an entry's content: its instant, and the rights of the peer. */
interface Composed {
  readonly now: Instant;
  readonly rights: string;
}

/** The deliveries to every peer. */
export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #queues = new Map<string, Queue>();
  readonly #leave: () => void;
  #isOver = false;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
    this.#leave = parts.context.events.listen((item) => {
      if (item.of === "greeted" && item.direction === "out") this.#linked(item.fingerprint);
    });
  }

  /** Sends all waiting entries, as after a start. */
  begin(): void {
    for (const { fingerprint } of this.#parts.context.tables.outbox.peers()) this.wake(fingerprint);
  }

  /** Sends a peer's waiting entries, as far as they may leave now. */
  wake(fingerprint: string): void {
    if (this.#isOver) return;
    const queue = this.#queue(fingerprint);
    const { clock } = this.#parts.context.effects;
    const nowMs = clock.monotonicMs();
    if (nowMs < queue.pausedUntilMs) {
      this.#wakeIn(fingerprint, queue.pausedUntilMs - nowMs);
      return;
    }
    let nextMs = Number.POSITIVE_INFINITY;
    const isPaused = ({ id }: EntryHead): boolean => {
      const untilMs = queue.rests.get(id) ?? 0;
      if (untilMs > nowMs) nextMs = Math.min(nextMs, untilMs);
      return untilMs > nowMs || queue.forHello.has(id);
    };
    if (queue.underWay.size >= outboxCallsMax) return;
    const heads = this.#parts.context.tables.outbox.heads(fingerprint);
    for (const entry of leaving(heads, { underWay: queue.underWay, isPaused })) {
      queue.underWay.add(entry.id);
      detach(this.#parts.context.effects.log, "an entry", () => this.#send(entry));
      if (queue.underWay.size >= outboxCallsMax) break;
    }
    if (Number.isFinite(nextMs)) this.#wakeIn(fingerprint, nextMs - nowMs);
  }

  /** True while an entry is being sent: it may have arrived. */
  isUnderWay({ fingerprint, id }: Pick<EntryHead, "fingerprint" | "id">): boolean {
    return this.#queues.get(fingerprint)?.underWay.has(id) ?? false;
  }

  /** Stops sending; entries in progress are sent again after the next start. */
  close(): void {
    this.#isOver = true;
    this.#leave();
    for (const { cancel } of this.#queues.values()) cancel?.();
  }

  #queue(fingerprint: string): Queue {
    const known = this.#queues.get(fingerprint);
    if (known !== undefined) return known;
    const queue: Queue = {
      underWay: new Set(),
      rests: new Map(),
      forHello: new Set(),
      failures: 0,
      pausedUntilMs: 0,
      cancel: null,
    };
    this.#queues.set(fingerprint, queue);
    return queue;
  }

  #wakeIn(fingerprint: string, ms: number): void {
    const queue = this.#queue(fingerprint);
    queue.cancel?.();
    queue.cancel = this.#parts.context.effects.timers.after(Math.max(1, Math.ceil(ms)), () => {
      queue.cancel = null;
      this.wake(fingerprint);
    });
  }

  /** A hello succeeded: the link is up, and the credential is good. */
  #linked(fingerprint: string): void {
    const queue = this.#queues.get(fingerprint);
    if (queue === undefined) return;
    const isBack = queue.failures > 0 || queue.forHello.size > 0;
    if (!isBack) return;
    queue.failures = 0;
    queue.pausedUntilMs = 0;
    queue.forHello.clear();
    this.wake(fingerprint);
  }

  async #send(entry: EntryHead): Promise<void> {
    const { fingerprint, id } = entry;
    const queue = this.#queue(fingerprint);
    try {
      const attempt = await this.#attempt(entry);
      if (!this.#isOver) await this.#settle(entry, attempt);
    } catch (error) {
      await this.#failedHere(entry, error);
    } finally {
      queue.underWay.delete(id);
      this.wake(fingerprint);
    }
  }

  /** True while the content of an entry may leave as it was composed. */
  #mayLeave({ fingerprint, id, version }: EntryHead, { now, rights }: Composed): boolean {
    const { tables, effects } = this.#parts.context;
    const at = instantOf(effects.clock);
    const peer = tables.peers.get(fingerprint);
    const isFresh = at.bootMs - now.bootMs < outboxFreshMs;
    const isThere = tables.outbox.get(id)?.version === version;
    return isFresh && isThere && peer !== null && rightsAt(peer.grants, at) === rights;
  }

  async #attempt(head: EntryHead): Promise<Attempt> {
    const { fingerprint, id, version } = head;
    const { context, memories, greet, kinds, call } = this.#parts;
    // A failed dial leaves no record; an entry's content is recorded before it leaves.
    if (memories.of(fingerprint).failures > 0) {
      await greet(fingerprint);
      const isUp = memories.of(fingerprint).failures === 0;
      // Meanwhile an entry of a lower rank may have come, or have given up: it leaves first.
      return { fate: isUp ? "again" : "unreached", retryAfterMs: 0 };
    }
    const now = instantOf(context.effects.clock);
    const composed = await context.transact(now, (work) => {
      const entry = work.tables.outbox.get(id);
      const peer = work.tables.peers.get(fingerprint);
      if (entry === null || entry.version !== version || peer === null) return { value: null };
      if (leftMs(entry, elapsedAt(context, now)) === 0) {
        this.#remove(work, entry, { end: "expired", now });
        return { value: null };
      }
      const send = kinds[entry.kind].compose({ work, entry, peer, now });
      if (send === null) this.#remove(work, entry, { end: "dropped", now });
      return { value: send === null ? null : { send, now, rights: rightsAt(peer.grants, now) } };
    });
    if (composed === null) return { fate: "nothing", retryAfterMs: 0 };
    const mayLeave = (): boolean => this.#mayLeave(head, composed);
    const sending = { deadlineMs: outboxCallMs, mayLeave };
    let way: Pick<Ending, "reverse"> = {};
    const send: CallPeer = async (path, input) => {
      const { output, ...over } = await call(fingerprint, sending)(path, input);
      way = over;
      return output;
    };
    return composed
      .send(send)
      .then((reply) => ({ fate: "done", retryAfterMs: 0, answer: { reply, ...way } }), failed);
  }

  /** A failure of this machine: its disk is full, or it cannot read an entry of its own. */
  async #failedHere(entry: EntryHead, error: unknown): Promise<void> {
    const queue = this.#queue(entry.fingerprint);
    const { clock } = this.#parts.context.effects;
    if (error instanceof PeernetError && error.code === "storage_full") {
      // No entry was removed or lost, and none overtakes another.
      queue.pausedUntilMs = clock.monotonicMs() + pauseMs(1);
      return;
    }
    this.#rest(entry, pauseMs(1));
    await this.#noted(entry, "failed", {});
    throw error;
  }

  #remove(work: Work, entry: OutboxRow, ending: Ending): void {
    const isGone = work.tables.outbox.remove(entry.id, entry.version);
    if (isGone) this.#parts.kinds[entry.kind].ended(work, entry, ending);
  }

  #rest({ fingerprint, id }: EntryHead, ms: number): void {
    const { clock } = this.#parts.context.effects;
    this.#queue(fingerprint).rests.set(id, clock.monotonicMs() + ms);
  }

  async #settle(entry: EntryHead, attempt: Attempt): Promise<void> {
    const { context } = this.#parts;
    const { fate, retryAfterMs, answer = {} } = attempt;
    const queue = this.#queue(entry.fingerprint);
    const nowMs = context.effects.clock.monotonicMs();
    if (fate !== "unreached") queue.failures = 0;
    switch (fate) {
      case "nothing":
      case "again":
        return;
      case "unreached":
        queue.failures += 1;
        queue.pausedUntilMs = nowMs + pauseMs(queue.failures);
        return;
      case "slower":
        queue.pausedUntilMs = nowMs + retryAfterMs;
        return;
      case "credential":
        queue.forHello.add(entry.id);
        return;
      case "done":
      case "refused":
      case "failed":
        return this.#noted(entry, fate, answer);
      default:
        return fate satisfies never;
    }
  }

  /** Notes a reply, in one transaction with its consequences. */
  async #noted(
    head: EntryHead,
    fate: "done" | "refused" | "failed",
    answer: Pick<Ending, "reply" | "error" | "reverse">,
  ): Promise<void> {
    const { context } = this.#parts;
    const now = instantOf(context.effects.clock);
    const failed = await context.transact(now, (work) => {
      const entry = work.tables.outbox.get(head.id);
      // Replaced meanwhile: the reply concerns the former version.
      if (entry === null || entry.version !== head.version) return { value: null };
      if (fate !== "failed") {
        this.#remove(work, entry, { end: fate, now, ...answer });
        return { value: null };
      }
      const after = afterFailure(entry, elapsedAt(context, now));
      work.tables.outbox.putFailures(after);
      return { value: after };
    });
    const queue = this.#queue(head.fingerprint);
    if (failed === null) queue.rests.delete(head.id);
    else this.#rest(failed, restMs(failed));
  }
}
