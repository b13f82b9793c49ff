/**
 * Calls expected machines: the one with the smaller fingerprint at once, the other one later. A
 * refusal means only that the other machine does not expect this one yet.
 */

import { PeernetError } from "../../contract/errors.ts";
import { formatAddress } from "../../contract/text/address.ts";
import {
  meetDeadlineMs,
  meetingsAtOnceMax,
  meetLaterMs,
  meetPauseMs,
  meetPauseMsMax,
} from "../../contract/trust/limits.ts";
import { scopesAt } from "../../core/grants.ts";
import { callsFirst, grantsOfGiven, isSpent, isToCall } from "../../core/trust.ts";
import type { Dialled } from "../../peer/dial.ts";
import { whyNotDialable } from "../../peer/dialable.ts";
import { type Instant, instantOf } from "../../platform/effects.ts";
import { detach } from "../context/detached.ts";
import { elapsedAt } from "../context/elapsed.ts";
import { post, withConnection } from "../pairing/reach.ts";
import { aboutOf } from "../peers/about.ts";
import type { MeetingParts } from "./incoming.ts";
import { meetingToken, storeMet } from "./met.ts";

/** An address of a machine. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** Dependencies of calling expected machines. */
export interface CallingParts extends MeetingParts {
  /** The address at which a fingerprint is proven now; null when none is found. */
  readonly locate: (fingerprint: string) => Promise<Place | null>;
  readonly greet: (fingerprint: string) => Promise<void>;
}

interface Attempts {
  nextMs: number;
  failures: number;
}

/** The calls of this machine to those that it expects. */
export class Meetings {
  readonly #parts: CallingParts;
  readonly #attempts = new Map<string, Attempts>();
  readonly #underWay = new Set<string>();

  constructor(parts: CallingParts) {
    this.#parts = parts;
  }

  /** Calls a machine as if it had just been trusted. */
  again(fingerprint: string): void {
    this.#attempts.delete(fingerprint);
  }

  /** Calls those that are due, and removes expectations that have ended. */
  async sweep(now: Instant): Promise<void> {
    const { context } = this.#parts;
    const { tables, effects } = context;
    const elapsed = elapsedAt(context, now);
    const rows = tables.expected.all();
    const spent = rows.filter((row) => isSpent(row, tables.peers.get(row.fingerprint), elapsed));
    for (const row of rows) {
      const { fingerprint } = row;
      if (!isToCall(row, tables.peers.get(fingerprint), elapsed)) continue;
      const isDue = this.#of(fingerprint, now).nextMs <= now.monotonicMs;
      const isFree = this.#underWay.size < meetingsAtOnceMax && !this.#underWay.has(fingerprint);
      if (isDue && isFree) detach(effects.log, "meeting", () => this.#call(fingerprint));
    }
    if (spent.length === 0) return;
    await context.transact(now, (work) => {
      for (const { fingerprint } of spent) work.tables.expected.remove(fingerprint);
      return { value: undefined };
    });
  }

  /** Milliseconds until a call is due; Infinity without an expectation. */
  dueInMs(now: Instant): number {
    const { tables } = this.#parts.context;
    const waits = tables.expected
      .all()
      .filter(({ fingerprint }) => !this.#underWay.has(fingerprint))
      .map(({ fingerprint }) => this.#of(fingerprint, now).nextMs - now.monotonicMs);
    return Math.min(...waits);
  }

  #of(fingerprint: string, { monotonicMs }: Instant): Attempts {
    const known = this.#attempts.get(fingerprint);
    if (known !== undefined) return known;
    const isFirst = callsFirst(this.#parts.context.identity.fingerprint, fingerprint);
    const attempts = { nextMs: monotonicMs + (isFirst ? 0 : meetLaterMs), failures: 0 };
    this.#attempts.set(fingerprint, attempts);
    return attempts;
  }

  async #call(fingerprint: string): Promise<void> {
    const { context, greet } = this.#parts;
    const { clock } = context.effects;
    this.#underWay.add(fingerprint);
    const attempts = this.#of(fingerprint, instantOf(clock));
    try {
      const isMet = await this.#meet(fingerprint);
      if (isMet) await greet(fingerprint);
    } catch (error) {
      if (!(error instanceof PeernetError)) throw error;
    } finally {
      this.#underWay.delete(fingerprint);
      const pauseMs = Math.min(meetPauseMsMax, meetPauseMs * 2 ** Math.min(attempts.failures, 10));
      attempts.failures += 1;
      attempts.nextMs = clock.monotonicMs() + pauseMs;
    }
  }

  /** Meets a machine where its fingerprint is proven; false when it is nowhere. */
  async #meet(fingerprint: string): Promise<boolean> {
    const { context, locate } = this.#parts;
    const row = context.tables.expected.get(fingerprint);
    if (row === null) return false;
    const { host, port } = row;
    const place = host === null || port === null ? await locate(fingerprint) : { host, port };
    if (place === null) return false;
    const first = async (dialled: Dialled): Promise<void> => {
      if (dialled.fingerprint !== fingerprint) throw new PeernetError("fingerprint_mismatch");
      const now = instantOf(context.effects.clock);
      const reason = whyNotDialable(dialled.certificate, now.wallMs);
      if (reason !== null) throw new PeernetError("certificate_unusable");
    };
    const to = formatAddress(place.host, place.port);
    const reach = { to, deadlineMs: meetDeadlineMs, presents: true, first };
    return withConnection(context, reach, (dialled) => this.#exchange(dialled, place));
  }

  async #exchange(dialled: Dialled, place: Place): Promise<boolean> {
    const { context, port } = this.#parts;
    const { clock } = context.effects;
    const { fingerprint, certificate } = dialled;
    const begun = instantOf(clock);
    const minted = await meetingToken(context, fingerprint, begun);
    const row = context.tables.expected.get(fingerprint);
    if (minted === null || row === null) return false;
    const grants = context.tables.peers.get(fingerprint)?.grants ?? grantsOfGiven(row.given, begun);
    const about = aboutOf(context, port, scopesAt(grants, begun));
    const told = await post({ dialled }, "meet", { about, token: minted.token });
    const now = instantOf(clock);
    const origin = { origin_address: place.host };
    const met = { fingerprint, certificate, told, minted, isCalled: true, place, origin, now };
    const stored = await context.transact(now, (work) => ({
      value: storeMet(context, work, met),
    }));
    context.events.tell({ of: "memory" });
    return stored.ok;
  }
}
