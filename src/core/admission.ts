/**
 * Decides which connection yields when slots run out, and how fast a peer may call. Refusing
 * newcomers would let the first arrivals starve everyone else.
 */

import type { RateLimit } from "../contract/limits/rates.ts";
import { answersMax, answersMs, refusalSourcesPerMinuteMax } from "../contract/limits.ts";
import { isIpv6 } from "../contract/text/address.ts";

/**
 * The part of an address that one host cannot choose: an IPv4 address, or the first 64 bits of an
 * IPv6 address, below which a host takes as many addresses as it likes.
 */
export function sourceOf(address: string): string {
  if (!isIpv6(address)) return address;
  const [head = "", tail] = address.toLowerCase().replace(/%.*$/, "").split("::");
  const groups = (part: string): string[] => (part === "" ? [] : part.split(":"));
  const first = groups(head);
  // An IPv4 address at the end stands for two groups.
  const last = groups(tail ?? "").flatMap((group) => (group.includes(".") ? ["0", "0"] : [group]));
  const zeros = Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => "0");
  const network = [...first, ...zeros, ...last].slice(0, 4);
  return `${network.map((group) => group.replace(/^0+(?=.)/, "")).join(":")}::/64`;
}

/** The holder of one slot, for an address, since an instant. */
export interface Occupant {
  readonly address: string;
  readonly since: number;
}

/**
 * The oldest occupant of the source that holds most slots; among several such sources, the one with
 * the oldest occupant. Among equals the first in the list yields.
 */
export function displaced<O extends Occupant>(occupants: Iterable<O>): O | null {
  const bySource = new Map<string, { count: number; oldest: O }>();
  for (const occupant of occupants) {
    const held = bySource.get(sourceOf(occupant.address));
    if (held === undefined)
      bySource.set(sourceOf(occupant.address), { count: 1, oldest: occupant });
    else {
      held.count += 1;
      if (occupant.since < held.oldest.since) held.oldest = occupant;
    }
  }
  let yields: { count: number; oldest: O } | null = null;
  for (const held of bySource.values()) {
    const more = yields === null || held.count > yields.count;
    const older = yields?.count === held.count && held.oldest.since < yields.oldest.since;
    if (more || older) yields = held;
  }
  return yields?.oldest ?? null;
}

/** A socket that has not proven a peer's key. */
export interface Stranger extends Occupant {
  /** True once its handshake is done. */
  readonly settled: boolean;
}

/** Draws a number from 0 to below - 1. */
export type Draw = (below: number) => number;

/**
 * The stranger that yields its slot to another. Connecting costs next to nothing, so while most
 * strangers have not finished a handshake, one of those yields. The rule picks a random one of the
 * source with most slots. An attacker who connects n times during another's handshake evicts it
 * with odds of 1 - (127/128)^n; a second try has the same odds again. A handshake is expensive, so
 * among strangers that finished theirs, one of the older half yields.
 */
export function yielding<S extends Stranger>(strangers: readonly S[], draw: Draw): S | null {
  const arriving = strangers.filter(({ settled }) => !settled);
  const isCrowded = arriving.length * 2 > strangers.length;
  if (strangers.length === 0) return null;
  const candidates = ofBusiest(isCrowded ? arriving : strangers.filter(({ settled }) => settled));
  if (isCrowded) return candidates[draw(candidates.length)] ?? null;
  const older = candidates.toSorted((one, other) => one.since - other.since);
  return older[draw(Math.ceil(older.length / 2))] ?? null;
}

/** The occupants of the sources with most slots. */
export function ofBusiest<O extends Occupant>(occupants: readonly O[]): readonly O[] {
  const bySource = Map.groupBy(occupants, ({ address }) => sourceOf(address));
  const most = Math.max(0, ...[...bySource.values()].map(({ length }) => length));
  return [...bySource.values()].filter(({ length }) => length === most).flat();
}

/** A token bucket (RFC 2697's idea): the tokens left, and when. */
export interface Bucket {
  readonly left: number;
  readonly atMs: number;
}

/** A bucket after one more call, and whether that call may pass. */
export function takeCall(
  bucket: Bucket | undefined,
  { perSecond, burst }: RateLimit,
  nowMs: number,
): Bucket & { passes: boolean } {
  const gained = bucket === undefined ? 0 : ((nowMs - bucket.atMs) / 1_000) * perSecond;
  const left = Math.min(burst, (bucket?.left ?? burst) + Math.max(0, gained));
  // Shares of a call do not add up exactly.
  return left > 1 - 1e-6
    ? { left: Math.max(0, left - 1), atMs: nowMs, passes: true }
    : { left, atMs: nowMs, passes: false };
}

/** Whole milliseconds until a bucket lets one more call pass. */
export const callPassesInMs = ({ left }: Bucket, { perSecond }: RateLimit): number =>
  Math.ceil((Math.max(0, 1 - left) * 1_000) / perSecond);

/** Refusals in the current minute, by source; sources beyond the limit share one sum. */
export interface Refusals {
  readonly counts: ReadonlyMap<string, number>;
  readonly rest: number;
}

/** No refusals yet. */
export const noRefusals: Refusals = { counts: new Map(), rest: 0 };

/** The counts after one more refusal of a source. */
export const countRefusal = (refusals: Refusals, source: string): Refusals =>
  countTimes(refusals, source, 1);

function countTimes(refusals: Refusals, source: string, times: number): Refusals {
  const count = refusals.counts.get(source);
  // One slot is for the shared sum, which becomes a record as well.
  if (count === undefined && refusals.counts.size >= refusalSourcesPerMinuteMax - 1) {
    return { ...refusals, rest: refusals.rest + times };
  }
  const counts = new Map(refusals.counts);
  counts.set(source, (count ?? 0) + times);
  return { ...refusals, counts };
}

/** The sum of two counts: the sources of the first keep their slots. */
export function addRefusals(first: Refusals, second: Refusals): Refusals {
  let sum: Refusals = { ...first, rest: first.rest + second.rest };
  for (const [source, count] of second.counts) sum = countTimes(sum, source, count);
  return sum;
}

/** Answers to one peer, by the hour in which they were given. */
export type Answers = ReadonlyMap<number, number>;

/** The answers after one more. Past hours are dropped. */
export function countAnswer(answers: Answers, nowMs: number): Answers {
  const hour = Math.floor(nowMs / hourMs);
  const kept = [...answers].filter(([each]) => each > hour - answersMs / hourMs);
  return new Map([...kept, [hour, (answers.get(hour) ?? 0) + 1]]);
}

/** Milliseconds until a peer may be answered: 0 with fewer than `max` answers in `answersMs`. */
export function answersInMs(answers: Answers, nowMs: number, max = answersMax): number {
  const first = Math.floor(nowMs / hourMs) - answersMs / hourMs;
  const recent = [...answers].filter(([hour]) => hour > first).sort(([one], [two]) => one - two);
  let sum = recent.reduce((total, [, count]) => total + count, 0);
  if (sum < max) return 0;
  for (const [hour, count] of recent) {
    sum -= count;
    if (sum < max) return Math.ceil(hour * hourMs + answersMs - nowMs);
  }
  return answersMs;
}

const hourMs = 3_600_000;
