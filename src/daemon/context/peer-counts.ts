/**
 * Limits the records that one peer can cause. Its refusals and hellos are counted by the hour and
 * kind, and after a day's quota of answers it gets no more. Keeps no text of a refusal.
 */

import type { Verb } from "../../contract/audit.ts";
import { type Rate, readAnswersMax } from "../../contract/limits/rates.ts";
import { peerCountMs } from "../../contract/limits.ts";
import { type Answers, answersInMs, countAnswer } from "../../core/admission.ts";
import type { AuditDraft } from "../../core/audit-chain.ts";
import type { Instant } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Work } from "./context.ts";

/** One peer's event of a counted kind. */
export interface CountedEvent {
  readonly peer: Pick<PeerRow, "fingerprint" | "name">;
  readonly verb: Verb;
  readonly outcome: string;
}

interface Hour {
  readonly event: CountedEvent;
  readonly sinceMs: number;
  count: number;
}

/** The counts of all peers. */
export class PeerCounts {
  readonly #hours = new Map<string, Hour>();
  readonly #answers = new Map<string, Answers>();
  /** Those of the answers that are reads. */
  readonly #reads = new Map<string, Answers>();

  /** Counts an event of a peer. */
  count(event: CountedEvent, now: Instant): void {
    this.#hour(event, now).count += 1;
  }

  /** Records the first refusal of a kind in its hour, without its text; counts the others. */
  refused(work: Work, { peer, ...draft }: Refusal, now: Instant): void {
    const event = { peer, verb: draft.verb, outcome: draft.outcome };
    if (this.#hours.has(keyOf(event))) this.count(event, now);
    else {
      this.#hour(event, now);
      work.record({ ...draft, ...whose(peer), text: null });
    }
  }

  /** Milliseconds until a call of a peer may be answered; 0 when it may be now. */
  answersInMs(fingerprint: string, { bootMs }: Instant, rate: Rate): number {
    const all = answersInMs(this.#answers.get(fingerprint) ?? new Map(), bootMs);
    if (rate !== "pieces") return all;
    const reads = this.#reads.get(fingerprint) ?? new Map();
    return Math.max(all, answersInMs(reads, bootMs, readAnswersMax));
  }

  /** Counts an answer to a peer. */
  answered(fingerprint: string, { bootMs }: Instant, rate: Rate = "asks"): void {
    for (const counted of rate === "pieces" ? [this.#answers, this.#reads] : [this.#answers]) {
      const answers = counted.get(fingerprint) ?? new Map();
      counted.set(fingerprint, countAnswer(answers, bootMs));
    }
  }

  /** Milliseconds until an hour of counts is full. */
  dueInMs({ monotonicMs }: Instant): number {
    const begun = [...this.#hours.values()].map(({ sinceMs }) => sinceMs);
    return Math.min(...begun) + peerCountMs - monotonicMs;
  }

  /** Writes one record for each kind whose hour is full; for every kind at the end. */
  flush(work: Work, now: Instant | "end"): void {
    for (const [key, hour] of [...this.#hours]) {
      const isFull = now === "end" || now.monotonicMs - hour.sinceMs >= peerCountMs;
      if (!isFull) continue;
      this.#hours.delete(key);
      // On failure these are counted again, with the events since.
      work.undone(() => {
        const count = hour.count + (this.#hours.get(key)?.count ?? 0);
        this.#hours.set(key, { ...hour, count });
      });
      if (hour.count === 0) continue;
      const { peer, verb, outcome } = hour.event;
      work.record({ direction: "in", verb, outcome, count: hour.count, ...whose(peer) });
    }
  }

  #hour(event: CountedEvent, { monotonicMs }: Instant): Hour {
    const key = keyOf(event);
    const known = this.#hours.get(key);
    if (known !== undefined) return known;
    const hour = { event, sinceMs: monotonicMs, count: 0 };
    this.#hours.set(key, hour);
    return hour;
  }
}

/** A refusal in the form of its first record. */
export type Refusal = Omit<AuditDraft, "at_ms" | "peer_fingerprint" | "peer_name" | "text"> & {
  readonly peer: CountedEvent["peer"];
};

const keyOf = ({ peer, verb, outcome }: CountedEvent): string =>
  JSON.stringify([peer.fingerprint, verb, outcome]);

const whose = ({ fingerprint, name }: CountedEvent["peer"]) => ({
  peer_fingerprint: fingerprint,
  peer_name: name,
});
