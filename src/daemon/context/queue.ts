/** Streams of events with one reader each, who pulls them: the way of the daemon's events out. */

import { channelEventsMax } from "../../contract/limits.ts";

/** Returned instead of an event: the stream ends here. */
export const finished = Symbol("finished");

/** A stream whose reader pulls each event on demand. */
export interface Pulled<E> extends AsyncIterableIterator<E> {
  /** Makes a waiting reader look again. */
  wake(): void;
  /** Ends the stream, and notifies a waiting reader. */
  end(): void;
}

/**
 * Makes a stream of the events that `take` returns: null while there is none yet. Its errors go to
 * the reader. `onEnd` runs once, when the reader leaves or the stream is ended.
 */
export function pulled<E>(take: () => E | null | typeof finished, onEnd: () => void): Pulled<E> {
  const over = { done: true, value: undefined } as const;
  let hasEnded = false;
  let wake: (() => void) | null = null;
  const end = (): void => {
    if (hasEnded) return;
    hasEnded = true;
    wake?.();
    onEnd();
  };
  const stream: Pulled<E> = {
    wake: () => wake?.(),
    end,
    next: async () => {
      while (!hasEnded) {
        const value = take();
        if (value === finished) return over;
        if (value !== null) return { done: false, value };
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = null;
      }
      return over;
    },
    return: async () => {
      end();
      return over;
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}

/** Sends events to one reader; reports the reader's leaving to its maker. */
export class Channel<E> implements AsyncIterableIterator<E> {
  readonly #events: E[] = [];
  readonly #stream: Pulled<E>;
  #ended = false;
  #failure: unknown = null;

  /** @param onLeave runs once, when the reader leaves before the end */
  constructor(onLeave: () => void) {
    const left = (): void => {
      const isEarly = !this.#ended;
      this.#ended = true;
      if (isEarly) onLeave();
    };
    this.#stream = pulled(() => this.#take(), left);
  }

  /** Sends an event; after the end it is dropped. The oldest is dropped when nobody reads. */
  send(event: E): void {
    if (this.#ended) return;
    this.#events.push(event);
    if (this.#events.length > channelEventsMax) this.#events.shift();
    this.#stream.wake();
  }

  /** Ends the stream after the events sent so far. */
  end(): void {
    this.#ended = true;
    this.#stream.wake();
  }

  /** Ends the stream with an error, after the events sent so far. */
  fail(error: unknown): void {
    if (this.#ended) return;
    this.#failure = error;
    this.end();
  }

  next = (): Promise<IteratorResult<E>> => this.#stream.next();

  return(): Promise<IteratorResult<E>> {
    this.#stream.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<E> {
    return this;
  }

  #take(): E | null | typeof finished {
    const event = this.#events.shift();
    if (event !== undefined) return event;
    if (this.#failure !== null) throw this.#failure;
    return this.#ended ? finished : null;
  }
}
