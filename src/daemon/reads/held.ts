/** The open readings of peers, each with its timer. Judges nothing. */

import { accept, type Outcome } from "../../contract/errors.ts";
import { readerIdleMs } from "../../contract/reads/limits.ts";
import type { OpenOutput } from "../../contract/reads/reads.ts";
import type { AuditDraft } from "../../core/audit-chain.ts";
import { type Cancel, type Instant, instantOf } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Context, Work } from "../context/context.ts";
import { detach } from "../context/detached.ts";
import type { PeerCounts } from "../context/peer-counts.ts";
import type { Errands, Policies } from "../context/ports.ts";
import type { Readable } from "./open.ts";

/** A peer's call: its instant, its origin, and a decision while it is still a peer. */
export interface ReadCall {
  readonly now: Instant;
  readonly asPeer: <T>(decide: (peer: PeerRow, work: Work) => Outcome<T>) => Promise<T>;
  readonly originOf: (peer: PeerRow) => Partial<AuditDraft>;
}

/** Dependencies of answering readings. */
export interface IncomingReadParts {
  readonly context: Context;
  readonly policy: Policies;
  readonly errands: Errands;
  readonly counts: PeerCounts;
}

/** An open reading of a peer. */
export interface Reading {
  readonly id: string;
  readonly fingerprint: string;
  /** The repository and the refs by which it was allowed. */
  readonly readable: Readable;
  readonly opened: OpenOutput;
  /** Keeps the digests of its patterns from being guessed. */
  readonly salt: Uint8Array;
  cancelIdle: Cancel;
  /** True while an operation runs: another one of this reading is refused meanwhile. */
  isBusy: boolean;
}

/** The open readings. */
export interface HeldReadings {
  get(id: string): Reading | undefined;
  all(): readonly Reading[];
  add(reading: Omit<Reading, "cancelIdle" | "isBusy">): void;
  /** Notes that a reading was used: its time begins again. */
  used(reading: Reading): void;
  /** Ends a reading, and its reader. */
  end(id: string): Reading | null;
  /** Ends a reading without its peer, and records the end. */
  drop(id: string): void;
}

/** Holds readings; none yet. */
export function holdReadings({ context, errands }: IncomingReadParts): HeldReadings {
  const readings = new Map<string, Reading>();
  const { timers, log, clock } = context.effects;
  const end: HeldReadings["end"] = (id) => {
    const reading = readings.get(id);
    if (reading === undefined) return null;
    readings.delete(id);
    reading.cancelIdle();
    const closing = { kind: "read_close", input: { reading_id: id } } as const;
    detach(log, "closing a reading", () => errands.run(closing));
    return reading;
  };
  const drop = (id: string): void => {
    const reading = end(id);
    if (reading === null) return;
    detach(log, "recording a reading's end", () =>
      context.transact(instantOf(clock), (work) => {
        recordClose(work, reading);
        return { value: undefined };
      }),
    );
  };
  const rest = (id: string): Cancel => timers.after(readerIdleMs, () => drop(id));
  return {
    get: (id) => readings.get(id),
    all: () => [...readings.values()],
    add: (reading) => {
      const { id } = reading;
      end(id);
      readings.set(id, { ...reading, cancelIdle: rest(id), isBusy: false });
    },
    used: (reading) => {
      reading.cancelIdle();
      reading.cancelIdle = rest(reading.id);
    },
    ...{ end, drop },
  };
}

/** Ends a reading at its peer's word. */
export const closeReading = (
  readings: HeldReadings,
  id: string,
  call: ReadCall,
): Promise<Record<string, never>> =>
  call.asPeer((peer, work) => {
    if (readings.get(id)?.fingerprint !== peer.fingerprint) return accept({});
    const reading = readings.end(id);
    if (reading !== null) recordClose(work, reading);
    return accept({});
  });

function recordClose({ tables, record }: Work, { id, opened, fingerprint }: Reading): void {
  record({
    ...{ direction: "in", verb: "read", outcome: "closed", subject_id: id },
    ...{ peer_fingerprint: fingerprint, peer_name: tables.peers.get(fingerprint)?.name ?? null },
    details: { act: "close", repository: opened.repository, sha: opened.sha },
  });
}
