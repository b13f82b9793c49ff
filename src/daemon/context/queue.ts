/** A queue that one reader awaits: how what happens in the daemon reaches a stream. */

import { channelEventsMax } from "../../contract/limits.ts";

/** Sends events to one reader; leaving early or ending is told to whoever made it. */
export class Channel<E> implements AsyncIterableIterator<E> {
  readonly #events: E[] = [];
  readonly #onLeave: () => void;
  #waiting: ((result: IteratorResult<E> | Promise<IteratorResult<E>>) => void) | null = null;
  #ended = false;
  #failure: unknown = null;

  /** @param onLeave runs once, when the reader goes before the end */
  constructor(onLeave: () => void) {
    this.#onLeave = onLeave;
  }

  /** Sends an event; after the end it is dropped. The oldest goes when nobody reads. */
  send(event: E): void {
    if (this.#ended) return;
    if (this.#waiting !== null) {
      this.#settle({ done: false, value: event });
      return;
    }
    this.#events.push(event);
    if (this.#events.length > channelEventsMax) this.#events.shift();
  }

  /** Ends the stream once what was sent has been read. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#waiting !== null) this.#settle({ done: true, value: undefined });
  }

  /** Ends the stream with an error, once what was sent has been read. */
  fail(error: unknown): void {
    if (this.#ended) return;
    this.#failure = error;
    const waiting = this.#waiting;
    this.#waiting = null;
    this.#ended = true;
    // Whoever waits is told by the next look, which finds the end.
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
