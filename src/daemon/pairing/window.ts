/**
 * The pairing window of this machine and its exchanges, in memory alone. The person who opened the
 * window reads its events from its channel.
 */

import type { OriginRefusal } from "../../contract/discovery.ts";
import {
  acknowledgeMs,
  evictionShownEveryMs,
  exchangeLifeMs,
  exchangesMax,
  windowLifeMs,
} from "../../contract/limits.ts";
import type { OpenEvent, Paired } from "../../contract/pairing.ts";
import { displaced, type Occupant } from "../../core/admission.ts";
import {
  codesCount,
  openWindow,
  pairingCodeFrom,
  type Window,
  windowState,
} from "../../core/pairing.ts";
import type { Confirmation } from "../../peer/cpace.ts";
import { type Instant, instantOf } from "../../platform/effects.ts";
import type { Context, Work } from "../context/context.ts";
import { Channel } from "../context/queue.ts";
import type { Connection, Origin } from "../network/connection.ts";
import type { Minted } from "../peers/tokens.ts";

/** An exchange between its share and its confirm. */
export interface PairingExchange extends Occupant {
  readonly confirmation: Confirmation;
  readonly minted: Minted;
}

interface Opened {
  window: Window;
  readonly channel: Channel<OpenEvent>;
  readonly attended: boolean;
  /** Set before the pairing is durable, and never taken back: one code, one machine. */
  isUsed: boolean;
}

interface Unheard {
  readonly fingerprint: string;
  readonly address: string;
  readonly sinceMs: number;
  readonly channel: Channel<OpenEvent>;
  readonly paired: () => Paired;
}

/** The parameters of the person who opens a window. */
export interface Opening extends Pick<Window, "grant" | "from" | "any_user"> {
  /** True when a person sees the pairing. */
  readonly attended?: boolean | undefined;
}

/** The window of this machine. One at a time: a new one ends the former. */
export class PairingWindow {
  readonly #context: Context;
  readonly #addresses: () => readonly string[];
  readonly #exchanges = new Map<Connection, PairingExchange>();
  #opened: Opened | null = null;
  #unheard: Unheard | null = null;
  #evictionShownMs = Number.NEGATIVE_INFINITY;

  constructor(context: Context, addresses: () => readonly string[]) {
    this.#context = context;
    this.#addresses = addresses;
  }

  /** The window in its present state. */
  get current(): Window | null {
    return this.#opened === null || this.#opened.isUsed ? null : this.#opened.window;
  }

  /** True when a person opened it. */
  get isAttended(): boolean {
    return this.#opened?.attended === true;
  }

  /** Opens a window; its events, including the code, go to the returned channel alone. */
  open({ attended = false, ...asked }: Opening, now: Instant): Channel<OpenEvent> {
    let hasReader = true;
    const channel = new Channel<OpenEvent>(() => {
      hasReader = false;
      this.#left(channel);
    });
    const { random, clock } = this.#context.effects;
    const code = pairingCodeFrom(random.integer(codesCount));
    const window = openWindow({ ...asked, code }, clock.monotonicMs());
    const opened = { window, channel, attended, isUsed: false };
    const write = this.#context.transact(now, (work) => {
      if (this.#opened !== null) this.#end(work, { event: "closed" }, "closed");
      work.record({ direction: "local", verb: "window_open", outcome: "ok" });
      work.after(() => {
        this.#opened = opened;
        channel.send(this.#openedEvent(code, now));
        // A reader that left while the record was written found no window to close.
        if (!hasReader) this.#left(channel);
      });
      return { value: undefined };
    });
    // Without its record there is no window.
    write.catch((error: unknown) => channel.fail(error));
    return channel;
  }

  #openedEvent(code: string, now: Instant): OpenEvent {
    return {
      event: "opened",
      code,
      expires_at_ms: Math.floor(now.wallMs) + windowLifeMs,
      expires_in_ms: windowLifeMs,
      addresses: [...this.#addresses()],
      fingerprint: this.#context.identity.fingerprint,
    };
  }

  /**
   * Keeps an exchange. One beyond the limit replaces the oldest of the busiest address. Returns the
   * connection of the replaced one.
   */
  begin(connection: Connection, exchange: PairingExchange): Connection | null {
    this.#exchanges.set(connection, exchange);
    if (this.#exchanges.size <= exchangesMax) return null;
    const entries = [...this.#exchanges].map(([of, { address, since }]) => ({
      of,
      address,
      since,
    }));
    const evicted = displaced(entries)?.of ?? null;
    if (evicted === null) return null;
    this.#exchanges.delete(evicted);
    // A person reads these: one a second says as much as a thousand.
    if (exchange.since - this.#evictionShownMs >= evictionShownEveryMs) {
      this.#evictionShownMs = exchange.since;
      this.#opened?.channel.send({ event: "evicted", from: evicted.origin.address });
    }
    return evicted;
  }

  /** Shows that a tailnet machine was refused an attempt. */
  refusedOrigin({ address: from, login }: Origin, reason: OriginRefusal): void {
    this.#opened?.channel.send({ event: "origin_refused", from, login, reason });
  }

  /** Removes a connection's exchange: it is confirmed once or never. */
  takeExchange(connection: Connection): PairingExchange | null {
    const exchange = this.#exchanges.get(connection) ?? null;
    this.#exchanges.delete(connection);
    return exchange;
  }

  /** Stores the window after a claimed attempt: the attempt is never given back. */
  spend(window: Window): void {
    if (this.#opened !== null) this.#opened.window = window;
  }

  /** Reports a refused confirm; the third burns the window. */
  refused(work: Work, window: Window, from: string): void {
    const { attempts_left } = window;
    const channel = this.#opened?.channel;
    work.after(() => channel?.send({ event: "attempt_failed", from, attempts_left }));
    if (attempts_left === 0) this.#burn(work, window);
  }

  #burn(work: Work, window: Window): void {
    this.#end(work, { event: "burned", from: [...window.refused_from] }, "code_burned");
  }

  /** Uses the window up; its reader waits for the other machine's first request. */
  use(work: Work, by: Omit<Unheard, "channel" | "sinceMs">): void {
    const opened = this.#opened;
    if (opened === null) return;
    opened.isUsed = true;
    work.record({ direction: "local", verb: "window_close", outcome: "ok" });
    work.after(() => {
      const sinceMs = this.#context.effects.clock.monotonicMs();
      this.#forget(opened);
      this.#unheard = { ...by, channel: opened.channel, sinceMs };
    });
  }

  /** Ends the window for its readers: a decision about it could not be written. */
  fail(): void {
    for (const channel of [this.#opened?.channel, this.#unheard?.channel]) {
      channel?.send({ event: "closed" });
      channel?.end();
    }
    this.#opened = null;
    this.#unheard = null;
    this.#exchanges.clear();
  }

  /** True when the reader waits for the paired machine's first request. */
  awaits(fingerprint: string): boolean {
    return this.#unheard?.fingerprint === fingerprint;
  }

  /** Reports the paired machine's first request to the reader. */
  heardOf(paired: Paired): void {
    if (!this.awaits(paired.peer.fingerprint)) return;
    this.#unheard?.channel.send(paired);
    this.#unheard?.channel.end();
    this.#unheard = null;
  }

  /** Milliseconds until a window or an exchange expires. */
  dueInMs(now: Instant): number {
    const window = this.current;
    if (window !== null && windowState(window, now.monotonicMs) !== "open") return 0;
    const ends = [...this.#exchanges.values()].map(({ since }) => since + exchangeLifeMs);
    if (window !== null) ends.push(window.expires_monotonic_ms);
    if (this.#unheard !== null) ends.push(this.#unheard.sinceMs + acknowledgeMs);
    return Math.min(...ends) - now.monotonicMs;
  }

  /** Ends expired windows and exchanges; called by the sweep. */
  sweep(work: Work, now: Instant): void {
    for (const [connection, exchange] of this.#exchanges) {
      if (now.monotonicMs - exchange.since >= exchangeLifeMs) this.#exchanges.delete(connection);
    }
    const unheard = this.#unheard;
    if (unheard !== null && now.monotonicMs - unheard.sinceMs >= acknowledgeMs) {
      const { address: from, fingerprint, channel } = unheard;
      channel.send({ event: "unacknowledged", from, fingerprint });
      this.heardOf(unheard.paired());
    }
    const window = this.current;
    if (window === null) return;
    const state = windowState(window, now.monotonicMs);
    if (state === "expired") this.#end(work, { event: "expired" }, "expired");
    if (state === "burned") this.#burn(work, window);
  }

  /** Ends the open window at a person's word; false when none is open. */
  closeNow(now: Instant): Promise<boolean> {
    return this.#context.transact(now, (work) => {
      const isOpen = this.current !== null;
      if (isOpen) this.#end(work, { event: "closed" }, "closed");
      return { value: isOpen };
    });
  }

  /** Ends an open window, as a stopping daemon does. */
  close(work: Work): void {
    if (this.current !== null) this.#end(work, { event: "closed" }, "closed");
    this.#unheard?.channel.end();
  }

  #end(work: Work, event: OpenEvent, outcome: string): void {
    const opened = this.#opened;
    if (opened === null || opened.isUsed) return;
    opened.isUsed = true;
    work.record({ direction: "local", verb: "window_close", outcome });
    work.after(() => {
      this.#forget(opened);
      opened.channel.send(event);
      opened.channel.end();
    });
  }

  /** Drops an ended window; another may be open by now. */
  #forget(opened: Opened): void {
    if (this.#opened !== opened) return;
    this.#opened = null;
    this.#exchanges.clear();
  }

  /** The person left, and the window ends. */
  #left(channel: Channel<OpenEvent>): void {
    const opened = this.#opened;
    if (opened?.channel !== channel || opened.isUsed) return;
    opened.isUsed = true;
    this.#forget(opened);
    const now = instantOf(this.#context.effects.clock);
    const record = this.#context.transact(now, (work) => {
      work.record({ direction: "local", verb: "window_close", outcome: "closed" });
      return { value: undefined };
    });
    record.catch(() => this.#context.effects.log.error("window_close_not_recorded"));
  }
}
