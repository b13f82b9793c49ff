/** Explores every interleaving of a small world's steps, to a depth, each state once. */

/** A world: immutable states and the steps that lead on. */
export interface Explorable<S> {
  readonly start: S;
  /** Every state that one step leads to. */
  readonly steps: (state: S) => readonly S[];
  /** A text that is equal for two states exactly when they have the same futures. */
  readonly key: (state: S) => string;
  /** Complaints about a state, after it was lived to its end without a fault. */
  readonly complaints: (state: S) => readonly string[];
  readonly depth: number;
}

/** The outcome of an exploration. */
export interface Explored {
  readonly states: number;
  readonly steps: number;
  /** Each complaint once. */
  readonly complaints: ReadonlySet<string>;
}

/** Visits every state within the depth, the nearest first. */
export function explore<S>({ start, steps, key, complaints, depth }: Explorable<S>): Explored {
  const seen = new Set([key(start)]);
  const found = new Set(complaints(start));
  let taken = 0;
  let edge: readonly S[] = [start];
  for (let at = 0; at < depth && edge.length > 0; at += 1) {
    const next: S[] = [];
    for (const state of edge) {
      for (const after of steps(state)) {
        taken += 1;
        const name = key(after);
        if (seen.has(name)) continue;
        seen.add(name);
        for (const each of complaints(after)) found.add(each);
        next.push(after);
      }
    }
    edge = next;
  }
  return { states: seen.size, steps: taken, complaints: found };
}
