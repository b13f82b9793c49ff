/** A queue with one reader: the way of the daemon's events into a stream. */

import { channelEventsMax } from "../../contract/limits.ts";

/** Sends events to one reader; reports the reader's leaving to its maker. */
export class Channel<E> implements AsyncIterableIterator<E> {
  readonly #events: E[] = [];
  readonly #onLeave: () => void;
  #waiting: ((result: IteratorResult<E> | Promise<IteratorResult<E>>) => void) | null = null;
  #ended = false;
  #failure: unknown = null;

  /** @param onLeave runs once, when the reader leaves before the end */
  constructor(onLeave: () => void) {
    this.#onLeave = onLeave;
  }

  /** Sends an event; after the end it is dropped. The oldest is dropped when nobody reads. */
  send(event: E): void {
    if (this.#ended) return;
    if (this.#waiting !== null) {
      this.#settle({ done: false, value: event });
      return;
    }
    this.#events.push(event);
    if (this.#events.length > channelEventsMax) this.#events.shift();
  }

  /** Ends the stream after the events sent so far. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#waiting !== null) this.#settle({ done: true, value: undefined });
  }

  /** Ends the stream with an error, after the events sent so far. */
  fail(error: unknown): void {
    if (this.#ended) return;
    this.#failure = error;
    const waiting = this.#waiting;
    this.#waiting = null;
    this.#ended = true;
    // A waiting reader finds the end at its next look.
    if (waiting !== null) waiting(this.next());
  }

  next(): Promise<IteratorResult<E>> {
    const event = this.#events.shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  return(): Promise<IteratorResult<E>> {
    const early = !this.#ended;
    this.end();
    if (early) this.#onLeave();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<E> {
    return this;
  }

  #settle(result: IteratorResult<E>): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.(result);
  }
}
