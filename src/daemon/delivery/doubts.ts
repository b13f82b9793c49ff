/**
 * Judges doubtful handovers by the client's own record, which the keeper searches: the daemon opens
 * no file. Asks again while no keeper answers.
 */

import { searchRetryMs } from "../../contract/delivery/limits.ts";
import { type Handover, judge, judgedInMs, type Verdict } from "../../core/messages/handover.ts";
import { type Instant, instantOf } from "../../platform/effects.ts";
import { detach } from "../context/detached.ts";
import { elapsedAt } from "../context/elapsed.ts";
import type { Undone } from "../context/ports.ts";
import { saveHandover } from "./handovers.ts";
import type { TellingParts } from "./parts.ts";

/** The doubts of a daemon. */
export class Doubts {
  readonly #parts: TellingParts;
  /** Handovers that are looked into at this moment. */
  readonly #asked = new Set<string>();
  readonly #onJudged: () => void;
  /** When an unanswered look is repeated, by the nonce, in elapsed time. */
  readonly #againMs = new Map<string, number>();

  constructor(parts: TellingParts, onJudged: () => void) {
    this.#parts = parts;
    this.#onJudged = onJudged;
  }

  /** Looks into each doubt that is due; returns the ms until the next one is, or null. */
  judgeAll(now: Instant): number | null {
    const { context } = this.#parts;
    const nowMs = elapsedAt(context, now);
    const waits: number[] = [];
    for (const handover of context.tables.handovers.doubtful()) {
      const { nonce } = handover;
      if (this.#asked.has(nonce)) continue;
      const againInMs = (this.#againMs.get(nonce) ?? 0) - nowMs;
      const inMs = Math.max(judgedInMs(handover, nowMs) ?? 0, againInMs);
      if (inMs > 0) waits.push(inMs);
      else detach(context.effects.log, "judging", () => this.#judge(handover));
    }
    return waits.length === 0 ? null : Math.min(...waits);
  }

  async #judge(handover: Handover): Promise<void> {
    const { nonce } = handover;
    const { context, mail } = this.#parts;
    this.#asked.add(nonce);
    try {
      const verdict = await this.#verdict(handover);
      const now = instantOf(context.effects.clock);
      const nowMs = elapsedAt(context, now);
      const isOpen = await context.transact(now, (work) => {
        const before = work.tables.handovers.get(nonce);
        // Another event has decided meanwhile, or began another doubt.
        if (before === null || before.doubted_ms !== handover.doubted_ms) return { value: false };
        const after = judge(before, verdict, nowMs);
        if (after !== before) saveHandover(work, mail, { before, after, now });
        return { value: after.doubt !== null };
      });
      if (isOpen) this.#againMs.set(nonce, nowMs + searchRetryMs);
      else this.#againMs.delete(nonce);
    } finally {
      this.#asked.delete(nonce);
    }
    this.#onJudged();
  }

  async #verdict({ record, mark, nonce }: Handover): Promise<Verdict> {
    if (record === null) return "unreadable";
    const input = { path: record, from: mark, nonce };
    const ended = await this.#parts.errands.run({ kind: "search", input });
    return ended.done ? ended.output.nonce : verdictOf(ended.why);
  }
}

/** A search that no keeper can do proves nothing; any other may be answered later. */
const verdictOf = (why: Undone): Verdict =>
  why === "unsupported" || why === "failed" ? "unreadable" : "unanswered";
