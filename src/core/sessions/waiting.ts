/**
 * Decides which sessions have just begun to wait for a person, and how a notification says so: by
 * counts alone, since names of sessions and of machines may be somebody else's words.
 */

import type { Notification } from "../../contract/errands/errands.ts";
import { waitingRememberedMax, waitingSlackMs } from "../../contract/errands/limits.ts";

/** A session that waits. Times are boot time. */
export interface Waiting {
  /** Tells a session from every other, here and on peers. */
  readonly key: string;
  /** The fingerprint of the peer that it is on; null for one of this machine. */
  readonly peer: string | null;
  readonly sinceBootMs: number;
}

/** The instants at which sessions were known to begin to wait, by their keys, the oldest first. */
export type Known = ReadonlyMap<string, number>;

/** Those that began to wait since an instant, and of which it was not known. */
export const begunToWait = (
  waiting: readonly Waiting[],
  known: Known,
  fromBootMs: number,
): readonly Waiting[] =>
  waiting.filter(({ key, sinceBootMs }) => {
    const before = known.get(key) ?? Number.NEGATIVE_INFINITY;
    return sinceBootMs >= fromBootMs && sinceBootMs > before + waitingSlackMs;
  });

/** The known waits afterwards; bounded, and the oldest is forgotten first. */
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
