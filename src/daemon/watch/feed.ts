/**
 * The change feed: sends each reader the complete state, and then its changes. The daemon's events
 * wake it; without readers it looks at nothing. A slow reader costs no more than a quick one: state
 * is read when it is sent, and records come from the trail.
 */

import type { AuditRecord } from "../../contract/audit.ts";
import {
  auditPageMax,
  channelEventsMax,
  watchPauseFactor,
  watchPauseMs,
} from "../../contract/limits.ts";
import type { WatchEvent, WatchInput } from "../../contract/watch.ts";
import { type Cancel, instantOf } from "../../platform/effects.ts";
import type { AskBegun, AskEnded, Item } from "../context/events.ts";
import { type Pulled, pulled } from "../context/queue.ts";
import { type Beat, eventOf, goneOf, type Key, thingsOf, type WatchedParts } from "./things.ts";

/** A thing as it was last compared; in the order of changes. */
interface Told {
  /** Null when it no longer exists. */
  readonly text: string | null;
  readonly version: number;
  readonly beat: { readonly kind: Beat; readonly version: number } | null;
}

interface Reader {
  /** Things about to be sent to the reader. */
  readonly keys: Key[];
  /** The reader has received, or is about to receive, the changes up to here … */
  version: number;
  /** … and before that, up to here. */
  versionBefore: number;
  isReady: boolean;
  /** True when the following records do not continue those of the reader. */
  mustReset: boolean;
  readonly records: AuditRecord[];
  seq: number;
  mayHaveRecords: boolean;
  readonly asks: (AskBegun | AskEnded)[];
}

/** The change feed of this machine and its readers. */
export class Watching {
  readonly #parts: WatchedParts;
  readonly #readers = new Map<Reader, Pulled<WatchEvent>>();
  readonly #told = new Map<Key, Told>();
  readonly #beats = new Map<Key, Beat>();
  #version = 0;
  #isStale = true;
  #nextCompareMs = Number.NEGATIVE_INFINITY;
  #isVerifying = false;
  /** The record at which verification failed. */
  #stuckAt = -1;
  #cancelCompare: Cancel | null = null;
  #leaveNews: (() => void) | null = null;

  constructor(parts: WatchedParts) {
    this.#parts = parts;
  }

  /** A reader's events. Resumes after a recent record of this run. */
  open({ epoch, after_seq }: WatchInput): AsyncIterableIterator<WatchEvent> {
    const { context } = this.#parts;
    const head = context.tables.audit.head().seq;
    const seq = after_seq ?? head;
    const mustReset = after_seq !== undefined && (epoch !== context.run.id || seq > head);
    const reader: Reader = {
      keys: [],
      version: 0,
      versionBefore: 0,
      isReady: false,
      mustReset,
      records: [],
      seq: mustReset ? head : seq,
      mayHaveRecords: true,
      asks: [],
    };
    const stream = pulled(
      () => this.#take(reader),
      () => this.#leave(reader),
    );
    this.#join(reader, stream);
    return stream;
  }

  /** True while there is a reader: then things that end by time alone must be reported. */
  get isRead(): boolean {
    return this.#readers.size > 0;
  }

  /** Ends every reader's stream. */
  close(): void {
    for (const stream of [...this.#readers.values()]) stream.end();
  }

  #join(reader: Reader, stream: Pulled<WatchEvent>): void {
    const isFirst = this.#readers.size === 0;
    this.#readers.set(reader, stream);
    if (isFirst) this.#parts.onReading();
    this.#leaveNews ??= this.#parts.context.events.listen((item) => this.#hear(item));
    this.#isStale = true;
    this.#parts.context.events.tell({ of: "visit" });
  }

  #leave(reader: Reader): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    this.#parts.onReading();
    this.#leaveNews?.();
    this.#leaveNews = null;
    this.#cancelCompare?.();
    this.#cancelCompare = null;
    this.#told.clear();
    this.#beats.clear();
  }

  /** Notes an item, and wakes the readers: the content is determined when they read. */
  #hear(item: Item): void {
    if (item.of === "visit") return;
    const { name } = this.#parts.context.config.machine;
    if (item.of === "renewed") this.#beats.set(`handle ${name}/${item.name}`, "renewed");
    if (item.of === "greeted") this.#beats.set(`peer ${item.fingerprint}`, item.direction);
    if (item.of !== "ask") this.#isStale = true;
    for (const reader of this.#readers.keys()) {
      if (item.of === "commit" && item.recorded) reader.mayHaveRecords = true;
      if (item.of === "ask") reader.asks.push(item.event);
      if (reader.asks.length > channelEventsMax) reader.asks.shift();
    }
    this.#wake();
  }

  #wake(): void {
    for (const stream of this.#readers.values()) stream.wake();
  }

  #take(reader: Reader): WatchEvent | null {
    if (reader.mustReset) {
      reader.mustReset = false;
      return { event: "reset", head: reader.seq };
    }
    if (!reader.isReady) {
      const thing = this.#thing(reader);
      reader.isReady = thing === null;
      return thing ?? { event: "ready" };
    }
    // An ask begins before its record, and ends after it.
    if (reader.asks[0]?.event === "ask_begun") return reader.asks.shift() ?? null;
    return this.#record(reader) ?? reader.asks.shift() ?? this.#thing(reader);
  }

  #record(reader: Reader): WatchEvent | null {
    const { audit } = this.#parts.context.tables;
    if (reader.records.length === 0 && reader.mayHaveRecords) {
      const head = audit.head().seq;
      if (head - reader.seq > auditPageMax) {
        reader.seq = head;
        return { event: "reset", head };
      }
      reader.records.push(...audit.next({ afterSeq: reader.seq, all: true }, auditPageMax));
      reader.mayHaveRecords = false;
    }
    const record = reader.records.shift();
    if (record === undefined) return null;
    reader.seq = record.seq;
    return { event: "record", record };
  }

  #thing(reader: Reader): WatchEvent | null {
    this.#compareInTurn();
    if (reader.keys.length === 0 && reader.version < this.#version) {
      reader.versionBefore = reader.version;
      for (const [key, { version }] of this.#told) {
        if (version > reader.version) reader.keys.push(key);
      }
      reader.version = this.#version;
    }
    for (let key = reader.keys.shift(); key !== undefined; key = reader.keys.shift()) {
      const { beat = null } = this.#told.get(key) ?? {};
      const isNew = beat !== null && reader.versionBefore > 0;
      const isBeat = isNew && beat.version > reader.versionBefore;
      const now = instantOf(this.#parts.context.effects.clock);
      const event =
        eventOf(this.#parts, key, { now, beat: isBeat ? beat.kind : null }) ??
        (reader.isReady ? goneOf(key) : null);
      if (event !== null) return event;
    }
    return null;
  }

  /** Compares at once after a change, unless it compared a moment ago: then soon. */
  #compareInTurn(): void {
    if (!this.#isStale) return;
    const { clock, timers } = this.#parts.context.effects;
    const waitMs = this.#nextCompareMs - clock.monotonicMs();
    if (waitMs <= 0 || this.#told.size === 0) {
      this.#compare();
      return;
    }
    this.#cancelCompare ??= timers.after(waitMs, () => {
      this.#cancelCompare = null;
      this.#wake();
    });
  }

  #compare(): void {
    const { clock } = this.#parts.context.effects;
    const now = instantOf(clock);
    this.#isStale = false;
    this.#verify();
    const things = thingsOf(this.#parts, now);
    for (const [key, text] of things) {
      const before = this.#told.get(key);
      const beat = this.#beats.get(key);
      if (before?.text === text && beat === undefined) continue;
      this.#note(key, text, beat);
    }
    for (const [key, { text }] of [...this.#told]) {
      if (text !== null && !things.has(key)) this.#note(key, null);
    }
    this.#beats.clear();
    const doneMs = clock.monotonicMs();
    const pauseMs = watchPauseFactor * (doneMs - now.monotonicMs);
    this.#nextCompareMs = doneMs + Math.max(watchPauseMs, pauseMs);
  }

  #note(key: Key, text: string | null, beat?: Beat): void {
    const before = this.#told.get(key)?.beat ?? null;
    const version = ++this.#version;
    // Inserted again: the order of the map is that of the changes.
    this.#told.delete(key);
    this.#told.set(key, {
      text,
      version,
      beat: beat === undefined ? before : { kind: beat, version },
    });
  }

  /** Verifies the chain while a reader sees the verified part. */
  #verify(): void {
    const { context, trail } = this.#parts;
    const head = context.tables.audit.head().seq;
    const from = trail.verifiedTo;
    if (this.#isVerifying || from >= head || from === this.#stuckAt) return;
    this.#isVerifying = true;
    const done = (): void => {
      this.#isVerifying = false;
      // The chain is broken there: another reading would not mend it.
      if (trail.verifiedTo < head) this.#stuckAt = trail.verifiedTo;
      this.#isStale = true;
      this.#wake();
    };
    trail.verifyFurther().then(done, done);
  }
}
