/**
 * Abrupt ends of a daemon, as spans of ids: an id is a UUIDv7, which begins with the time of its
 * own machine. The clocks of two machines are never compared.
 */

import type { AuditRecord } from "../../contract/audit.ts";
import {
  clockStepMs,
  interruptionSlackMs,
  interruptionsMax,
} from "../../contract/subjects/limits.ts";
import type { Interruption } from "../../contract/subjects/subjects.ts";

/** The outcome of the record by which a daemon notes that the former one ended abruptly. */
export const interrupted = "interrupted";

/** The span of ids that a daemon minted around its abrupt end. */
export function interruptionOf({
  seq,
  at_ms,
  details,
}: Pick<AuditRecord, "seq" | "at_ms" | "details">): Interruption {
  const { since_ms = at_ms }: { readonly since_ms?: number } = JSON.parse(details ?? "{}");
  // A clock that was set back shows the start before the end.
  const isStepped = at_ms < since_ms;
  const firstMs = isStepped ? at_ms - clockStepMs : since_ms - interruptionSlackMs;
  const lastMs = isStepped ? since_ms + clockStepMs : at_ms + interruptionSlackMs;
  return { seq, first: firstIdAt(firstMs), last: lastIdAt(lastMs) };
}

const lastTimeMs = 2 ** 48 - 1;
const timeDigits = (ms: number): string =>
  Math.min(lastTimeMs, Math.max(0, Math.floor(ms)))
    .toString(16)
    .padStart(12, "0")
    .replace(/^.{8}/, "$&-");
/** The least id of a millisecond. */
export const firstIdAt = (ms: number): string => `${timeDigits(ms)}-7000-8000-000000000000`;
const lastIdAt = (ms: number): string => `${timeDigits(ms)}-7fff-bfff-ffffffffffff`;
/** An id above all ids. */
export const lastId = lastIdAt(lastTimeMs);

/** The time in an id, by the clock of the machine that minted it. */
export const timeOf = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

/**
 * The interruptions of ids up to one, and after another, and of what those began; joined where
 * there are too many.
 */
export function between(
  all: readonly Interruption[],
  { after, upTo }: { readonly after: string; readonly upTo: string },
): readonly Interruption[] {
  const untilMs = timeOf(upTo) + subjectLifeMs;
  const some = all.filter(({ first, last }) => last >= after && timeOf(first) <= untilMs);
  const joined = some.slice(interruptionsMax - 1);
  const [one] = joined;
  if (one === undefined || joined.length === 1) return some;
  const firsts = joined.map(({ first }) => first).sort();
  const lasts = joined.map(({ last }) => last).sort();
  const seq = Math.max(...joined.map((each) => each.seq));
  const rest = { seq, first: firsts[0] ?? one.first, last: lasts.at(-1) ?? one.last };
  return [...some.slice(0, interruptionsMax - 1), rest];
}

/** A reading may go on so long after its id was minted. */
const subjectLifeMs = 86_400_000;

/** True where a daemon ended abruptly at most so long after it minted an id. */
export const wasInterrupted = (
  interruptions: readonly Interruption[],
  id: string,
  withinMs = 0,
): boolean =>
  interruptions.some(({ first, last }) => id >= firstIdAt(timeOf(first) - withinMs) && id <= last);
