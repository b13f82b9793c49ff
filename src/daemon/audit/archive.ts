/**
 * Moves closed, signed segments of the trail to files, and reads them back to verify them. A
 * segment's file is durable before its record is, and its records are removed in the same
 * transaction.
 */

import { AuditSegment, genesis, type Head } from "../../contract/audit.ts";
import { segmentRecordsMax } from "../../contract/limits.ts";
import { Checkpoint, FirstCheckpoint } from "../../contract/peer.ts";
import { hex } from "../../contract/text/encoding.ts";
import { stateNames } from "../../contract/text/state-names.ts";
import type { AnyRecord } from "../../core/audit-chain.ts";
import { segmentFlaw, segmentText } from "../../core/audit-segment.ts";
import { interruptionOf } from "../../core/subjects/interruptions.ts";
import type { Instant } from "../../platform/effects.ts";
import type { Context, Work } from "../context/context.ts";
import {
  checkpointOf,
  checkpointsName,
  firstCheckpointOf,
  jsonOf,
  linesIn,
  trimCheckpoints,
} from "./checkpoints.ts";

/** The folder of archives inside the state folder. */
export const archiveName = stateNames.archive;

/** The end of the records of this trail that lie in files; genesis where none does. */
export function archivedEnd({ tables }: Pick<Context, "tables">): Head {
  const last = tables.segments.all().findLast(({ form }) => form === 2);
  return last === undefined ? genesis : { seq: last.to_seq, hash: last.hash };
}

interface Closing {
  readonly form: 1 | 2;
  readonly trail_id: string | null;
  readonly records: readonly AnyRecord[];
  readonly checkpoints: readonly (Checkpoint | FirstCheckpoint)[];
}

/** Writes the file of a segment; its records stay in the database. @throws {storage_full} */
function written({ effects, tables }: Context, closing: Closing): AuditSegment {
  const { form, trail_id, records, checkpoints } = closing;
  const [from_seq, to_seq] = [Number(records[0]?.seq), Number(records.at(-1)?.seq)];
  const isLast = form === 1 && tables.segments.first(to_seq, 1).length === 0;
  // A checkpoint beyond the last record stays beside that record, so that verification finds it.
  const within = checkpoints.filter(({ seq }) => seq >= from_seq && (seq <= to_seq || isLast));
  const text = segmentText(within, records);
  const trail = trail_id === null ? "first" : trail_id.slice(-12);
  const file = `${archiveName}/${trail}-${from_seq}-${to_seq}.jsonl`;
  effects.files.write(file, text);
  const sha256 = hex(effects.sha256(new TextEncoder().encode(text)));
  return { file, form, trail_id, from_seq, to_seq, hash: String(records.at(-1)?.hash), sha256 };
}

/** Records a segment and removes its records from the database. */
function close(work: Work, segment: AuditSegment): void {
  const { segments, subjects } = work.tables;
  const marks = segment.form === 1 ? [] : subjects.interruptions();
  const marked = marks.filter(({ seq }) => seq <= segment.to_seq).map(interruptionOf);
  work.record({ direction: "local", verb: "archive", outcome: "ok", details: segment });
  segments.close(
    segment,
    marked
      .map(({ last }) => last)
      .sort()
      .at(-1) ?? null,
  );
}

/** Writes the records of the first form to files; the trail's first transaction closes them. */
export function firstSegments(context: Context): readonly AuditSegment[] {
  const { effects, tables } = context;
  const lines = linesIn(effects.files.read(checkpointsName) ?? "");
  const kept = tables.peers.all().map(({ witness }) => JSON.stringify(witness));
  // Peers' witnesses of the old records serve as checkpoints: their signatures cover the same
  // bytes.
  const checkpoints = [...lines, ...kept].flatMap((line) => firstCheckpointOf(line) ?? []);
  const segments: AuditSegment[] = [];
  for (let after = 0; ; after = segments.at(-1)?.to_seq ?? 0) {
    const records = tables.segments.first(after, segmentRecordsMax);
    if (records.length === 0) return segments;
    segments.push(written(context, { form: 1, trail_id: null, records, checkpoints }));
  }
}

/** Closes the records of the first form in the transaction that begins a trail. */
export function closeFirst(work: Work, segments: readonly AuditSegment[]): void {
  for (const segment of segments) close(work, segment);
  // Checkpoints of the first form match no record of a trail.
  const isTrails = (kept: Checkpoint | null) => Checkpoint.safeParse(kept).success;
  for (const peer of work.tables.peers.all()) {
    const checkpoint = isTrails(peer.checkpoint) ? peer.checkpoint : null;
    const witness = isTrails(peer.witness) ? peer.witness : null;
    if (checkpoint !== peer.checkpoint || witness !== peer.witness) {
      work.tables.peers.put({ ...peer, checkpoint, witness });
    }
  }
}

/** Removes archived checkpoints from the file of checkpoints. */
export function trimArchived(context: Context): void {
  const end = archivedEnd(context).seq;
  trimCheckpoints(context.effects.files, (line) => {
    const seq = checkpointOf(line)?.seq ?? null;
    return seq === null ? firstCheckpointOf(line) !== null : seq < end;
  });
}

/** Moves the records before an instant to files, up to the last that a checkpoint covers. */
export async function archive(
  context: Context,
  beforeMs: number,
  now: Instant,
): Promise<readonly AuditSegment[]> {
  const { effects, tables } = context;
  const trail_id = tables.audit.trailId();
  const checkpoints = linesIn(effects.files.read(checkpointsName) ?? "").flatMap(
    (line) => checkpointOf(line) ?? [],
  );
  const first = tables.audit.firstSince(beforeMs);
  const last = first === null ? tables.audit.ownHead().seq : first - 1;
  const signed = checkpoints.findLast(({ seq }) => seq <= last)?.seq ?? 0;
  const segments: AuditSegment[] = [];
  for (let after = archivedEnd(context).seq; after < signed; ) {
    const limit = Math.min(segmentRecordsMax, signed - after);
    const records = tables.audit.next({ afterSeq: after, all: true }, limit);
    if (records.length === 0) break;
    const segment = written(context, { form: 2, trail_id, records, checkpoints });
    await context.transact(now, (work) => ({ value: close(work, segment) }));
    segments.push(segment);
    after = segment.to_seq;
  }
  trimArchived(context);
  return segments;
}

/** Compares the segments with the details of the records that closed them. */
export function closingFlaw(
  { tables }: Context,
  closings: ReadonlySet<string>,
): ArchiveFlaw | null {
  const said = [...closings].flatMap((text) => AuditSegment.safeParse(jsonOf(text)).data ?? []);
  const segments = tables.segments.all();
  const differs = (one: AuditSegment, others: readonly AuditSegment[]): boolean =>
    !others.some((other) => Bun.deepEquals(one, other));
  const bad = said.find((each) => differs(each, segments));
  const unsaid = segments.find((each) => differs(each, said));
  if (bad !== undefined) return { first_bad_seq: bad.from_seq, reason: `${bad.file} is missing` };
  if (unsaid === undefined) return null;
  return { first_bad_seq: unsaid.from_seq, reason: `no record closed ${unsaid.file}` };
}

/** Dependencies of reading the archives. */
export interface Reading {
  readonly context: Context;
  /** Yields to other work between two steps. */
  readonly pause: () => Promise<void>;
  /** Called with each record; a returned flaw ends the reading. */
  readonly see: (segment: AuditSegment, record: AnyRecord) => void;
  /** Called with each checkpoint; returns the reason why this machine did not sign it, or null. */
  readonly judge: (checkpoint: Checkpoint | FirstCheckpoint) => string | null;
}

/** The first record that does not verify, and the reason. */
export interface ArchiveFlaw {
  readonly first_bad_seq: number;
  readonly reason: string;
}

/** Reads every segment in order; returns the first flaw, or the number of records read. */
export async function readArchives(reading: Reading): Promise<ArchiveFlaw | number> {
  const ends: Record<number, Head> = { 1: genesis, 2: genesis };
  let count = 0;
  for (const segment of reading.context.tables.segments.all()) {
    const end = await readSegment(reading, segment, ends[segment.form] ?? genesis);
    if ("reason" in end) return { ...end, reason: `${segment.file}: ${end.reason}` };
    ends[segment.form] = end;
    count += segment.to_seq - segment.from_seq + 1;
    await reading.pause();
  }
  return count;
}

async function readSegment(
  { context, pause, see, judge }: Reading,
  segment: AuditSegment,
  begin: Head,
): Promise<Head | ArchiveFlaw> {
  const { files, sha256 } = context.effects;
  const text = files.read(segment.file);
  const first_bad_seq = segment.from_seq;
  if (text === null) return { first_bad_seq, reason: "the file is missing" };
  const claims = new Map<number, string>();
  let head = begin;
  for (const [at, line] of linesIn(text).entries()) {
    if (at % 1_000 === 999) await pause();
    const value = jsonOf(line);
    if (typeof value !== "object" || value === null) return bad(head, "a line is damaged");
    if ("checkpoint" in value) {
      const checkpoint = checkpointIn(value.checkpoint);
      const reason = checkpoint === null ? "a checkpoint is damaged" : judge(checkpoint);
      if (checkpoint === null || reason !== null) return bad(head, reason ?? "");
      claims.set(checkpoint.seq, checkpoint.hash);
      continue;
    }
    if (!isRecord(value)) return bad(head, "a line is damaged");
    const record = value;
    const reason = segmentFlaw(head, record, { form: segment.form, sha256 });
    if (reason !== null) return bad(head, reason);
    head = { seq: Number(record.seq), hash: String(record.hash) };
    const claim = claims.get(head.seq);
    if (claim !== undefined && claim !== head.hash) {
      return { first_bad_seq: head.seq, reason: "a checkpoint knows another record" };
    }
    see(segment, record);
  }
  const beyond = Math.max(head.seq, ...claims.keys());
  if (beyond > head.seq) return bad(head, `a checkpoint knows ${beyond} records`);
  if (head.seq !== segment.to_seq || head.hash !== segment.hash) {
    return bad(head, "it does not end as its record says");
  }
  const digest = hex(sha256(new TextEncoder().encode(text)));
  return digest === segment.sha256 ? head : { first_bad_seq, reason: "the file was changed" };
}

/** True for an object whose values have the types of a record's. */
const isRecord = (value: object): value is AnyRecord =>
  Object.values(value).every((each) => each === null || /^(string|number)$/.test(typeof each));

const bad = (head: Head, reason: string): ArchiveFlaw => ({ first_bad_seq: head.seq + 1, reason });

const checkpointIn = (value: unknown): Checkpoint | FirstCheckpoint | null =>
  Checkpoint.safeParse(value).data ?? FirstCheckpoint.safeParse(value).data ?? null;
