/**
 * Judges the waits for sessions here whenever a lease has changed, and when time alone decides.
 * Never polls: the daemon's events report changes.
 */

import { waitSilenceMs } from "../../contract/reach/limits.ts";
import { type IncomingWait, informed, type OutgoingWait } from "../../core/waits.ts";
import { type Instant, instantOf } from "../../platform/effects.ts";
import type { Context, Work } from "../context/context.ts";
import { detach } from "../context/detached.ts";
import { elapsedAt } from "../context/elapsed.ts";
import { type Standing, seenAt, standingFor, standingHere } from "./waits-finding.ts";
import { markDue } from "./waits-incoming.ts";

/** A wait for a session here that is reached or has ended. */
export interface EndedHere {
  readonly wait: OutgoingWait;
  readonly standing: Standing;
  readonly now: Instant;
}

/** Dependencies of judging. */
export interface JudgingParts {
  readonly context: Context;
  /** Sends the queued entries of a peer. */
  readonly wake: (fingerprint: string) => void;
  /** Ends a wait of a session of this machine for another one here. */
  readonly settleHere: (work: Work, ended: EndedHere) => void;
}

/** The waits of peers, and those of sessions here for sessions here. */
export class Judging {
  readonly #parts: JudgingParts;
  readonly #leave: () => void;
  #leases: readonly unknown[] | null = null;

  constructor(parts: JudgingParts) {
    this.#parts = parts;
    const { events, tables, effects } = parts.context;
    this.#leave = events.listen((item) => {
      if (item.of !== "commit") return;
      // The same array while no lease has changed.
      const leases = tables.leases.all();
      if (leases === this.#leases) return;
      this.#leases = leases;
      detach(effects.log, "waits", () => this.judge(instantOf(effects.clock)));
    });
  }

  /** Judges every open wait; writes only when one is reached or over. */
  async judge(now: Instant): Promise<void> {
    const { context } = this.#parts;
    const isOver = this.#overAt(context, now);
    const incoming = context.tables.waits
      .incoming()
      .filter((wait) => wait.due === null && (isOver(wait) || this.#isMoved(wait, now)));
    const outgoing = context.tables.waits
      .outgoing()
      .filter((wait) => this.#standingHere(wait, now) !== null);
    if (incoming.length + outgoing.length === 0) return;
    await context.transact(now, (work) => {
      for (const wait of incoming) this.#settle(work, wait, now);
      for (const { wait_id } of outgoing) {
        const wait = work.tables.waits.getOutgoing(wait_id);
        const standing = wait === null ? null : this.#standingHere(wait, now);
        if (wait !== null && standing !== null)
          this.#parts.settleHere(work, { wait, standing, now });
      }
      return { value: undefined };
    });
  }

  /** Stops judging. */
  close(): void {
    this.#leave();
  }

  /** True for a wait whose time is up, or that its peer has not repeated for too long. */
  #overAt(context: Context, now: Instant): (wait: IncomingWait) => boolean {
    const elapsed = elapsedAt(context, now);
    return ({ ends_ms, renewed_ms }) => elapsed >= Math.min(ends_ms, renewed_ms + waitSilenceMs);
  }

  #standing(wait: IncomingWait, now: Instant): Standing | null {
    const { context } = this.#parts;
    const peer = context.tables.peers.get(wait.fingerprint);
    const seen = seenAt(context, context.tables, now);
    return peer === null ? null : standingFor(peer, wait, { seen, now });
  }

  /** True for a wait that is reached or has ended, or that begins from formerly unknown facts. */
  #isMoved(wait: IncomingWait, now: Instant): boolean {
    const standing = this.#standing(wait, now);
    if (standing === null) return false;
    const { judged, facts } = standing;
    return judged !== null || (facts !== null && informed(wait, facts) !== wait);
  }

  #standingHere(wait: OutgoingWait, now: Instant): Standing | null {
    const { fingerprint, lease_id, outcome } = wait;
    if (fingerprint !== null || lease_id === null || outcome !== null) return null;
    const { context } = this.#parts;
    const standing = standingHere({ ...wait, lease_id }, seenAt(context, context.tables, now));
    return standing.judged === null ? null : standing;
  }

  #settle(work: Work, { fingerprint, wait_id }: IncomingWait, now: Instant): void {
    const { context, wake } = this.#parts;
    const wait = work.tables.waits.getIncoming(fingerprint, wait_id);
    if (wait === null || wait.due !== null) return;
    const { judged = null, facts = null } = this.#standing(wait, now) ?? {};
    // The peer learns at its next repeat that it may no longer wait.
    if (judged === "denied" || (judged === null && this.#overAt(context, now)(wait))) {
      work.tables.waits.removeIncoming(fingerprint, wait_id);
      return;
    }
    if (judged === null) {
      if (facts !== null) work.tables.waits.putIncoming(informed(wait, facts));
      return;
    }
    markDue(context, work, { wait, judged, now });
    work.after(() => wake(fingerprint));
  }
}
