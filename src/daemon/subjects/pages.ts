/** Pages of the records here about subjects that a peer shares. */

import type { SubjectPlace, ToldRecord } from "../../contract/subjects/subjects.ts";
import { interruptionOf, lastId } from "../../core/subjects/interruptions.ts";
import type { Trail } from "../../core/subjects/sides.ts";
import { toldOf } from "../../core/subjects/told.ts";
import type { Instant } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Context } from "../context/context.ts";

/** The place before every record. */
export const noPlace: SubjectPlace = {
  subject_id: "00000000-0000-7000-8000-000000000000",
  seq: 0,
};

/** A wanted page. */
export interface Paging {
  readonly peer: PeerRow;
  readonly now: Instant;
  readonly place: SubjectPlace;
  /** Only this subject; null for all. */
  readonly only: string | null;
  readonly limit: number;
}

/** A page of told records. */
export interface Page {
  readonly records: readonly ToldRecord[];
  readonly more: boolean;
}

/** Reads a page; records without a shared subject are passed over, and read on. */
export function pageOf(context: Context, paging: Paging): Page {
  const { peer, now, only, limit } = paging;
  const { subjects } = context.tables;
  const { fingerprint, paired_at_ms: pairedAtMs } = peer;
  const telling = { nowMs: now.wallMs, pairedAtMs, sha256: context.effects.sha256 };
  const records: ToldRecord[] = [];
  for (let { place } = paging; ; ) {
    const wanted = limit + 1 - records.length;
    const read =
      only === null
        ? subjects.after(fingerprint, place, wanted)
        : subjects.of(fingerprint, place, wanted);
    for (const record of read)
      records.push(...[toldOf(record, telling)].filter((one) => one !== null));
    const last = read.at(-1);
    if (last === undefined || read.length < wanted || records.length > limit) break;
    place = { subject_id: last.subject_id ?? "", seq: last.seq };
  }
  return { records: records.slice(0, limit), more: records.length > limit };
}

/** The facts of this machine's trail by which a missing record is judged. */
export function trailOf({ tables }: Context, fingerprint: string): Trail {
  const { subjects } = tables;
  return {
    interruptions: subjects.interruptions().map(interruptionOf),
    archived: subjects.lastArchived(fingerprint, lastId),
  };
}
