/**
 * Waits of sessions here. Each is a durable row until its end was delivered. A wait on a peer is
 * repeated, so that the peer knows that a session still waits.
 */

import { accept, type Outcome, PeernetError, refuse } from "../../contract/errors.ts";
import { askDeadlineMs } from "../../contract/limits.ts";
import type { OutputOf } from "../../contract/operation/operation.ts";
import { waitRepeatMs, waitReturnMs } from "../../contract/reach/limits.ts";
import type { WaitEvent, WaitInput } from "../../contract/reach/waits.ts";
import type { Wire } from "../../contract/wire.ts";
import type { OutgoingWait } from "../../core/waits.ts";
import { type Instant, instantOf } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Work } from "../context/context.ts";
import { detach } from "../context/detached.ts";
import { elapsedAt } from "../context/elapsed.ts";
import { Channel } from "../context/queue.ts";
import type { Replied } from "../links/calls.ts";
import { askError } from "./errors.ts";
import { type BeginningParts, begin, begunBefore } from "./waits-begin.ts";
import { lacksOf, type WaitTimers, waitListeners, waitTimers } from "./waits-listeners.ts";
import { type RefusedRepeat, type Repeats, waitRepeats } from "./waits-repeats.ts";
import {
  endOf,
  isUnclaimed,
  leftOf,
  type Reaching,
  recordWait,
  type Settling,
  sinceOf,
  waitingEvent,
} from "./waits-rows.ts";

/** The waits of sessions here, and their listeners. */
export class OutgoingWaits {
  readonly #parts: BeginningParts;
  readonly #listeners = waitListeners();
  readonly #timers: WaitTimers;
  readonly #repeats: Repeats;
  /** Waits whose end was delivered, until that is stored. */
  readonly #told = new Set<string>();
  /** Waits whose peer has not answered yet. */
  readonly #starting = new Set<string>();

  constructor(parts: BeginningParts) {
    this.#parts = parts;
    this.#timers = waitTimers(parts.context.effects);
    this.#repeats = waitRepeats({
      ...parts,
      timers: this.#timers,
      onAnswer: (id, reply) => this.#came(id, reply, { isFirst: false }),
      onRefusal: (refused) => this.#refused(refused),
    });
  }

  /** Continues the waits that were open before a start; some of them have lost their listener. */
  begin(now: Instant): void {
    for (const wait of this.#open()) {
      const id = wait.wait_id;
      this.#armEnd(wait, now);
      this.#repeats.soon(id, 1);
      if (!wait.stays) this.#armReturn(id);
    }
  }

  /** Ends a wait unless a listener comes back to it in time. */
  #armReturn(id: string): void {
    const run = async (): Promise<void> => {
      if (!this.#listeners.has(id)) await this.#cancel(id);
    };
    this.#timers.arm(id, "return", { ms: waitReturnMs, run });
  }

  /** Takes up again the open waits whose last step failed, as on a full disk. */
  #resume(): void {
    for (const wait of this.#open().filter(({ wait_id }) => !this.#starting.has(wait_id))) {
      const { repeat, listener } = lacksOf(wait, this.#listeners, this.#timers);
      if (repeat) this.#repeats.soon(wait.wait_id, waitReturnMs);
      if (listener) this.#armReturn(wait.wait_id);
    }
  }

  /** The events of a wait: a new one, or one that was begun before. */
  open(input: WaitInput, now: Instant): AsyncIterable<WaitEvent> {
    const { context } = this.#parts;
    const { uuid } = context.effects.random;
    const id = input.wait_id ?? begunBefore(context, input, this.#told)?.wait_id ?? uuid();
    const channel: Channel<WaitEvent> = new Channel(() => this.#left(id, channel));
    this.#listeners.add(id, channel);
    this.#start(id, input, now).catch((error: unknown) => {
      this.#listeners.remove(id, channel);
      channel.fail(error);
    });
    return channel;
  }

  /** Takes a peer's report that a wait is reached or has ended. Refuses with {id_unknown}. */
  reached(
    { fingerprint }: PeerRow,
    { work, input, now, isReverse }: Reaching,
  ): Outcome<OutputOf<Wire["reached"]>> {
    const wait = work.tables.waits.getOutgoing(input.wait_id);
    if (wait === null || wait.fingerprint !== fingerprint) return refuse("id_unknown");
    const { outcome, reason, answer } = input;
    const reverse = isReverse ? "ours" : undefined;
    this.settle(work, wait, { came: { outcome, reason, facts: answer }, now, reverse });
    return accept({});
  }

  /** Notes the end of a wait, once; its listeners receive it when it is durable. */
  settle(work: Work, wait: OutgoingWait, { came, now, reverse }: Settling): void {
    if (wait.outcome !== null) return;
    const { context } = this.#parts;
    const outcome = endOf(context, wait, { came, now });
    work.tables.waits.putOutgoing({ ...wait, outcome, ended_ms: elapsedAt(context, now) });
    const harness = came.facts?.session.harness ?? null;
    recordWait(context, work, { wait, outcome: came.outcome, harness, reverse });
    work.after(() => {
      this.#timers.disarm(wait.wait_id);
      this.#tell(wait.wait_id, outcome);
    });
  }

  /** Ends waits whose time is up, and removes ends that were delivered or that nobody requests. */
  async sweep(now: Instant): Promise<void> {
    const { context } = this.#parts;
    for (const id of this.#listeners.ids()) {
      // The peer was unpaired, which removed the wait.
      const isGone = !this.#starting.has(id) && context.tables.waits.getOutgoing(id) === null;
      if (isGone) this.#listeners.fail(id, new PeernetError("peer_unknown"));
    }
    this.#resume();
    const elapsed = elapsedAt(context, now);
    const all = context.tables.waits.outgoing();
    const old = all.filter((wait) => isUnclaimed(wait, elapsed));
    const overdue = all.filter(({ outcome, ends_ms }) => outcome === null && ends_ms <= elapsed);
    for (const { wait_id } of overdue) await this.#end(wait_id);
    if (old.length === 0) return;
    await context.transact(now, (work) => {
      for (const { wait_id } of old) work.tables.waits.removeOutgoing(wait_id);
      return { value: undefined };
    });
  }

  close(): void {
    this.#repeats.close();
    this.#timers.close();
    this.#listeners.close();
  }

  #open(): readonly OutgoingWait[] {
    return this.#parts.context.tables.waits.outgoing().filter(({ outcome }) => outcome === null);
  }

  async #start(id: string, input: WaitInput, now: Instant): Promise<void> {
    const { context } = this.#parts;
    const kept = context.tables.waits.getOutgoing(id);
    if (kept !== null) {
      if (kept.outcome !== null) this.#tell(id, kept.outcome);
      else this.#tell(id, waitingEvent(context, kept, now));
      return;
    }
    this.#starting.add(id);
    try {
      const came = await begin(this.#parts, { id, input, now });
      await this.#came(id, came, { isFirst: true });
    } finally {
      this.#starting.delete(id);
    }
  }

  /** Takes a peer's answer, or the beginning of a wait here. */
  async #came(
    id: string,
    reply: Replied<OutputOf<Wire["wait"]>> | null,
    { isFirst }: { readonly isFirst: boolean },
  ): Promise<void> {
    const { context } = this.#parts;
    const now = instantOf(context.effects.clock);
    const { output = null, reverse } = reply ?? {};
    const wait = await context.transact(now, (work) => {
      const kept = work.tables.waits.getOutgoing(id);
      if (kept === null || kept.outcome !== null) return { value: kept };
      if (output !== null && output.outcome !== "waiting") {
        const { outcome, reason, answer: facts } = output;
        this.settle(work, kept, { came: { outcome, reason, facts }, now, reverse });
        return { value: kept };
      }
      const since = output?.since ?? null;
      const told = since === null ? kept : sinceOf(kept, since);
      if (told !== kept) work.tables.waits.putOutgoing(told);
      return { value: told };
    });
    const isOpen = output === null || output.outcome === "waiting";
    const { fingerprint = null } = wait ?? {};
    // No session waits any more, or this very reply delivered the end.
    if (fingerprint !== null && (wait?.outcome !== null || (!isOpen && !isFirst))) {
      this.#endThere(fingerprint, id);
    }
    if (wait === null || wait.outcome !== null || !isOpen) return;
    if (isFirst) {
      this.#tell(id, waitingEvent(context, wait, now));
      this.#armEnd(wait, now);
    }
    if (wait.fingerprint === null) return this.#parts.judge(now);
    this.#repeats.soon(id, waitRepeatMs);
  }

  /** Ends a wait whose time is up; a timer may be early by the clocks' difference. */
  async #end(id: string): Promise<void> {
    const { context } = this.#parts;
    const now = instantOf(context.effects.clock);
    const wait = await context.transact(now, (work) => {
      const kept = work.tables.waits.getOutgoing(id);
      const came = { outcome: "timeout", reason: null, facts: null } as const;
      if (kept === null || kept.outcome !== null) return { value: null };
      if (leftOf(context, kept, now) === 0) this.settle(work, kept, { came, now });
      return { value: kept };
    });
    if (wait === null) return;
    if (leftOf(context, wait, now) > 0) this.#armEnd(wait, now);
    else if (wait.fingerprint !== null) this.#endThere(wait.fingerprint, id);
  }

  #armEnd(wait: OutgoingWait, now: Instant): void {
    const ms = leftOf(this.#parts.context, wait, now);
    this.#timers.arm(wait.wait_id, "end", { ms, run: () => this.#end(wait.wait_id) });
  }

  /** A peer refused a repeat for good. */
  async #refused({ wait, peer, error }: RefusedRepeat): Promise<void> {
    const { context, memories } = this.#parts;
    const now = instantOf(context.effects.clock);
    // A wait that the peer never took has seen no session: none is gone.
    if (error.code === "handle_unknown" && wait.lease_id !== null) {
      const came = { outcome: "ended", reason: "gone", facts: null } as const;
      await context.transact(now, (work) => {
        const kept = work.tables.waits.getOutgoing(wait.wait_id);
        if (kept !== null) this.settle(work, kept, { came, now });
        return { value: undefined };
      });
      return;
    }
    await this.#remove(wait.wait_id, error.code);
    const own = context.config.machine.name;
    const of = { name: wait.name, deadlineMs: askDeadlineMs, own };
    const shown = askError(error, memories.shown(peer, now), of);
    this.#listeners.fail(wait.wait_id, shown);
  }

  async #cancel(id: string): Promise<void> {
    const wait = await this.#remove(id, "cancelled");
    if (wait !== null && wait.fingerprint !== null) this.#endThere(wait.fingerprint, id);
  }

  async #remove(id: string, outcome: string): Promise<OutgoingWait | null> {
    const { context } = this.#parts;
    this.#timers.disarm(id);
    return context.transact(instantOf(context.effects.clock), (work) => {
      const wait = work.tables.waits.getOutgoing(id);
      if (wait === null || wait.outcome !== null) return { value: null };
      work.tables.waits.removeOutgoing(id);
      recordWait(context, work, { wait, outcome });
      return { value: wait };
    });
  }

  /** Tells a peer that no session waits any more; an unreachable peer ends the wait by itself. */
  #endThere(fingerprint: string, id: string): void {
    const { context, links } = this.#parts;
    const asked = { input: () => ({ wait_ids: [id] }), deadlineMs: askDeadlineMs };
    links.call(fingerprint, "wait/end", asked).catch(() => null);
    context.events.tell({ of: "memory" });
  }

  #tell(id: string, event: WaitEvent): void {
    if (!this.#listeners.tell(id, event) || event.event !== "ended") return;
    this.#told.add(id);
    detach(this.#parts.context.effects.log, "a wait", () => this.#collected(id));
  }

  /** The end was delivered: the same wait requested again is another one. */
  async #collected(id: string): Promise<void> {
    const { context } = this.#parts;
    await context.transact(instantOf(context.effects.clock), ({ tables }) => {
      const wait = tables.waits.getOutgoing(id);
      if (wait?.stays) tables.waits.putOutgoing({ ...wait, stays: false });
      return { value: undefined, after: () => this.#told.delete(id) };
    });
  }

  #left(id: string, channel: Channel<WaitEvent>): void {
    this.#listeners.remove(id, channel);
    if (this.#listeners.has(id)) return;
    const wait = this.#parts.context.tables.waits.getOutgoing(id);
    if (wait?.stays) return;
    detach(this.#parts.context.effects.log, "a wait", () => this.#cancel(id));
  }
}
