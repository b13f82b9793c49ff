/**
 * Decides which sessions have just begun to wait for a person, and words their notification. It
 * gives counts alone, since others may choose the names of sessions and machines.
 */

import type { Notification } from "../../contract/errands/errands.ts";
import { waitingRememberedMax, waitingSlackMs } from "../../contract/errands/limits.ts";

/** A waiting session. Times are boot time. */
export interface Waiting {
  /** Distinguishes the session from every other, here and on peers. */
  readonly key: string;
  /** The fingerprint of its peer; null for a session of this machine. */
  readonly peer: string | null;
  readonly sinceBootMs: number;
}

/** The known instants at which sessions began to wait, by their keys, the oldest first. */
export type Known = ReadonlyMap<string, number>;

/** Sessions that began to wait since an instant, without those already known. */
export const begunToWait = (
  waiting: readonly Waiting[],
  known: Known,
  fromBootMs: number,
): readonly Waiting[] =>
  waiting.filter(({ key, sinceBootMs }) => {
    const before = known.get(key) ?? Number.NEGATIVE_INFINITY;
    return sinceBootMs >= fromBootMs && sinceBootMs > before + waitingSlackMs;
  });

/** The known waits afterwards; bounded, the oldest removed first. */
export function knownAfter(waiting: readonly Waiting[], known: Known): Known {
  const after = new Map(known);
  for (const { key, sinceBootMs } of waiting) {
    const isSame = sinceBootMs <= (after.get(key) ?? Number.NEGATIVE_INFINITY) + waitingSlackMs;
    const kept = isSame ? (after.get(key) ?? sinceBootMs) : sinceBootMs;
    after.delete(key);
    after.set(key, kept);
  }
  return new Map([...after].slice(-waitingRememberedMax));
}

/** The notification of sessions that began to wait. */
export function notificationOf(begun: readonly Pick<Waiting, "peer">[]): Notification {
  const here = begun.filter(({ peer }) => peer === null).length;
  const peers = new Set(begun.flatMap(({ peer }) => (peer === null ? [] : [peer]))).size;
  const there = begun.length - here;
  const machines = peers === 1 ? "another machine" : `${peers} other machines`;
  const places = [
    ...(here === 0 ? [] : [`${here} here`]),
    ...(there === 0 ? [] : [`${there} on ${machines}`]),
  ];
  const verb = begun.length === 1 ? "session waits" : "sessions wait";
  return { summary: `peernet: ${begun.length} ${verb}`, body: places.join(", ") };
}
