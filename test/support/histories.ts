/**
 * Random tests that can be repeated: each history is drawn from a seed of its own, and a failure
 * says how to live it again. Knows nothing of what happens in a history.
 */

import { seededRandom } from "./effects.ts";
import { longWanted } from "./skip.ts";

/** A long run lives so many times more. */
const longFactor = 20;
/** The deadline of a test of histories on a busy machine. */
export const historiesMs = longWanted ? 1_200_000 : 60_000;

/** Draws that a seed decides. */
export interface Draw {
  /** Uniform in 0 … bound - 1. */
  below(bound: number): number;
  /** Uniform in from … to, both of them possible. */
  between(from: number, to: number): number;
  /** True once in so many times. */
  oneIn(times: number): boolean;
  /** One of several. @throws RangeError when there is none */
  pick<T>(among: readonly T[]): T;
  bytes(length: number): Uint8Array<ArrayBuffer>;
}

/** The draws of one seed. */
export function drawFrom(seed: number): Draw {
  const random = seededRandom(seed);
  const below = (bound: number): number => random.integer(bound);
  return {
    below,
    between: (from, to) => from + below(to - from + 1),
    oneIn: (times) => below(times) === 0,
    pick: (among) => {
      const [picked] = among.slice(below(among.length));
      if (picked === undefined) throw new RangeError("nothing to pick from");
      return picked;
    },
    bytes: random.bytes,
  };
}

const given = process.env.PEERNET_TEST_SEED;
/** The seed of the first history; of a run that is given, or drawn. */
export const firstSeed =
  given === undefined
    ? new DataView(crypto.getRandomValues(new Uint8Array(4)).buffer).getUint32(0)
    : Number(given);
console.log(`seed: PEERNET_TEST_SEED=${firstSeed}`);

/** Lives so many histories one by one. @throws with the seed that makes the failed one the first */
export async function histories(
  count: number,
  live: (draw: Draw) => void | Promise<void>,
): Promise<void> {
  const lived = longWanted ? count * longFactor : count;
  for (let index = 0; index < lived; index += 1) {
    const seed = (firstSeed + index) >>> 0;
    try {
      await live(drawFrom(seed));
    } catch (cause) {
      const name = `history ${index + 1} of ${lived}`;
      throw new Error(`${name} failed; again with PEERNET_TEST_SEED=${seed}`, { cause });
    }
  }
}
