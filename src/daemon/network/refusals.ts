/**
 * Counts what is refused to whoever is not paired, and what a peer asks too fast: one record per
 * source and minute, so that nobody fills the disk by knocking.
 */

import type { Verb } from "../../contract/audit.ts";
import { refusalMinuteMs } from "../../contract/limits.ts";
import { addRefusals, countRefusal, noRefusals, type Refusals } from "../../core/admission.ts";
import type { Instant } from "../../platform/effects.ts";
import type { Work } from "../context/context.ts";
import { type Connection, recordedOrigin } from "./connection.ts";

/** Why something was only counted. */
export type Counted = "refused" | "rate_limited" | "evicted" | "probed" | "displaced";

/** A connection as far as it is counted. */
export type Refused = Pick<Connection, "origin" | "fingerprint">;

/** The key of refusals that are counted together. */
type Source = readonly [Counted, ReturnType<typeof recordedOrigin>, string | null];

const verbs: Readonly<Record<Counted, Verb>> = {
  refused: "refused",
  rate_limited: "refused",
  evicted: "evict",
  probed: "probe",
  displaced: "refused",
};

/** The counts of the minute under way. */
export class RefusalCounts {
  #refusals: Refusals = noRefusals;
  #sinceMs: number | null = null;

  /** Counts one refusal. */
  count(why: Counted, { origin, fingerprint }: Refused, now: Instant): void {
    const peer = why === "rate_limited" ? fingerprint : null;
    const source = JSON.stringify([why, recordedOrigin(origin), peer]);
    this.#refusals = countRefusal(this.#refusals, source);
    this.#sinceMs ??= now.monotonicMs;
  }

  /** In how many ms a minute of counts is full. */
  dueInMs(now: Instant): number {
    const { POSITIVE_INFINITY: never } = Number;
    return this.#sinceMs === null ? never : this.#sinceMs + refusalMinuteMs - now.monotonicMs;
  }

  /** Writes one record per source, and one for the rest; counts them again if that fails. */
  flush(work: Work): void {
    const [flushed, sinceMs] = [this.#refusals, this.#sinceMs];
    this.#refusals = noRefusals;
    this.#sinceMs = null;
    work.undone(() => {
      this.#refusals = addRefusals(flushed, this.#refusals);
      this.#sinceMs = sinceMs;
    });
    const { counts, rest } = flushed;
    for (const [source, count] of counts) {
      const [outcome, origin, peer_fingerprint]: Source = JSON.parse(source);
      const verb = verbs[outcome];
      work.record({ direction: "in", verb, outcome, count, ...origin, peer_fingerprint });
    }
    if (rest > 0) {
      work.record({ direction: "in", verb: "refused", outcome: "refused", count: rest });
    }
  }
}
