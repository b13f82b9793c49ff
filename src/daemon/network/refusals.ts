/**
 * Counts refusals of unpaired machines: one record per source and minute, so that nobody fills the
 * disk by knocking.
 */

import type { Verb } from "../../contract/audit.ts";
import { refusalMinuteMs } from "../../contract/limits.ts";
import { addRefusals, countRefusal, noRefusals, type Refusals } from "../../core/admission.ts";
import type { Instant } from "../../platform/effects.ts";
import type { Work } from "../context/context.ts";
import { PeerCounts } from "../context/peer-counts.ts";
import { type Connection, recordedOrigin } from "./connection.ts";

/** The reason why an event was only counted. */
export type Counted = "refused" | "evicted" | "probed" | "displaced";

/** A connection as far as it is counted. */
export type Refused = Pick<Connection, "origin">;

/** The key of refusals that are counted together. */
type Source = readonly [Counted, ReturnType<typeof recordedOrigin>];

const verbs: Readonly<Record<Counted, Verb>> = {
  refused: "refused",
  evicted: "evict",
  probed: "probe",
  displaced: "refused",
};

/** The counts of the present minute. */
export class RefusalCounts {
  /** The counts of paired machines. */
  readonly counts = new PeerCounts();
  #refusals: Refusals = noRefusals;
  #sinceMs: number | null = null;

  /** Counts one refusal. */
  count(why: Counted, { origin }: Refused, now: Instant): void {
    const source = JSON.stringify([why, recordedOrigin(origin)]);
    this.#refusals = countRefusal(this.#refusals, source);
    this.#sinceMs ??= now.monotonicMs;
  }

  /** Milliseconds until a minute of counts is full. */
  dueInMs(now: Instant): number {
    const { POSITIVE_INFINITY: never } = Number;
    const minuteMs = this.#sinceMs === null ? never : this.#sinceMs + refusalMinuteMs;
    return Math.min(minuteMs - now.monotonicMs, this.counts.dueInMs(now));
  }

  /** Writes full minutes, one record per source and one for the others; at the end every count. */
  flush(work: Work, now: Instant | "end"): void {
    this.counts.flush(work, now);
    const [flushed, sinceMs] = [this.#refusals, this.#sinceMs];
    const isFull =
      sinceMs !== null && (now === "end" || now.monotonicMs - sinceMs >= refusalMinuteMs);
    if (!isFull) return;
    this.#refusals = noRefusals;
    this.#sinceMs = null;
    work.undone(() => {
      this.#refusals = addRefusals(flushed, this.#refusals);
      this.#sinceMs = sinceMs;
    });
    const { counts, rest } = flushed;
    for (const [source, count] of counts) {
      const [outcome, origin]: Source = JSON.parse(source);
      const verb = verbs[outcome];
      work.record({ direction: "in", verb, outcome, count, ...origin });
    }
    if (rest > 0) {
      work.record({ direction: "in", verb: "refused", outcome: "refused", count: rest });
    }
  }
}
