/** Lets few callers pass at a time. Knows nothing of their work inside. */

/** Callers wait here for their turn. */
export interface Gate {
  /** Resolves once inside; the caller must leave later. @throws the signal's reason */
  enter(signal: AbortSignal): Promise<void>;
  leave(): void;
}

/** A gate that holds at most that many callers at once; the others wait in their order. */
export function gate(max: number): Gate {
  let inside = 0;
  const waiting = new Set<() => void>();
  return {
    enter: async (signal) => {
      signal.throwIfAborted();
      if (inside < max) {
        inside += 1;
        return;
      }
      const turn = Promise.withResolvers<void>();
      const giveUp = (): void => {
        waiting.delete(turn.resolve);
        turn.reject(signal.reason);
      };
      waiting.add(turn.resolve);
      signal.addEventListener("abort", giveUp, { once: true });
      await turn.promise.finally(() => signal.removeEventListener("abort", giveUp));
    },
    leave: () => {
      const [next] = waiting;
      if (next === undefined) {
        inside -= 1;
        return;
      }
      // The next waiter inherits the slot.
      waiting.delete(next);
      next();
    },
  };
}
