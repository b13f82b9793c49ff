/** The subjects of both trails, side by side in the order of their ids. */

import { subjectRecordsMax } from "../../contract/subjects/limits.ts";
import type { ToldRecord } from "../../contract/subjects/subjects.ts";
import type { Subject } from "../../core/subjects/judge.ts";
import { instantOf } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Context } from "../context/context.ts";
import { noPlace, pageOf } from "./pages.ts";

/** The records of one subject on one machine: at most one more than are compared. */
export interface Group {
  readonly id: string;
  readonly records: ToldRecord[];
}

/** Gathers records that are in the order of their subjects. */
export async function* grouped(records: AsyncIterable<ToldRecord>): AsyncGenerator<Group> {
  let group: Group = { id: "", records: [] };
  for await (const record of records) {
    if (group.id !== record.subject_id) {
      if (group.records.length > 0) yield group;
      group = { id: record.subject_id, records: [] };
    }
    if (group.records.length <= subjectRecordsMax) group.records.push(record);
  }
  if (group.records.length > 0) yield group;
}

/** Dependencies of reading this machine's trail. */
export interface ReadingParts {
  readonly context: Context;
  /** Yields to other work between two steps. */
  readonly pause: () => Promise<void>;
}

const rowsAtOnce = 512;

/** This machine's records about a peer, by their subjects. */
export async function* recordsAbout(
  { context, pause }: ReadingParts,
  peer: PeerRow,
): AsyncGenerator<ToldRecord> {
  for (let place = noPlace; ; ) {
    const now = instantOf(context.effects.clock);
    const { records, more } = pageOf(context, { peer, now, place, only: null, limit: rowsAtOnce });
    yield* records;
    place = records.at(-1) ?? place;
    if (!more) return;
    await pause();
  }
}

/** This machine's records of one subject. */
export function recordsOf(context: Context, peer: PeerRow, id: string): readonly ToldRecord[] {
  const now = instantOf(context.effects.clock);
  const limit = subjectRecordsMax + 1;
  return pageOf(context, { peer, now, place: { subject_id: id, seq: 0 }, only: id, limit }).records;
}

/** Joins the subjects of two trails; each is in the order of its ids. */
export async function* both(
  here: AsyncIterator<Group>,
  there: AsyncIterator<Group>,
): AsyncGenerator<Subject> {
  const next = async (from: AsyncIterator<Group>): Promise<Group | null> => {
    const { done, value } = await from.next();
    return done === true ? null : value;
  };
  // Theirs first: a subject that begins meanwhile is then on record here at the latest.
  let theirs = await next(there);
  let ours = await next(here);
  while (ours !== null || theirs !== null) {
    const ids = [ours?.id, theirs?.id].filter((each) => each !== undefined).sort();
    const id = ids[0] ?? "";
    const isOurs = ours?.id === id;
    const isTheirs = theirs?.id === id;
    yield {
      id,
      here: isOurs ? (ours?.records ?? []) : [],
      there: isTheirs ? (theirs?.records ?? []) : [],
    };
    if (isTheirs) theirs = await next(there);
    if (isOurs) ours = await next(here);
  }
}
