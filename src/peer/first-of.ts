/** Several attempts at one thing, of which the first success counts. */

import type { Timers } from "../platform/effects.ts";

/** The rules of several attempts. */
export interface Attempts<T> {
  /** Begins the next attempt; null when there is no other. */
  readonly next: () => Promise<T> | null;
  /** True for a failure that no other attempt can mend. */
  readonly isFinal: (error: unknown) => boolean;
  /** The failure where there is no attempt at all. */
  readonly none: () => unknown;
  /** An attempt without an end after this is slow: the next begins beside it. */
  readonly slowMs: number;
  readonly timers: Pick<Timers, "after">;
}

/** The first success. The next attempt begins when the last has failed or is slow. */
export function firstOf<T>({ next, isFinal, none, slowMs, timers }: Attempts<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  let isOver = false;
  let underWay = 0;
  let failure: unknown = none();
  const end = (settle: () => void): void => {
    isOver = true;
    settle();
  };
  const begin = (): void => {
    if (isOver) return;
    const attempt = next();
    if (attempt === null) {
      if (underWay === 0) end(() => reject(failure));
      return;
    }
    underWay += 1;
    let hasFollowed = false;
    const follow = (): void => {
      cancel();
      if (hasFollowed) return;
      hasFollowed = true;
      begin();
    };
    const cancel = timers.after(slowMs, follow);
    attempt.then(
      (value) => {
        cancel();
        end(() => resolve(value));
      },
      (error: unknown) => {
        cancel();
        underWay -= 1;
        failure = error;
        if (isFinal(error)) end(() => reject(error));
        else if (!hasFollowed) follow();
        else if (underWay === 0) begin();
      },
    );
  };
  begin();
  return promise;
}
