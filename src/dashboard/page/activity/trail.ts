/**
 * The page's copy of the audit trail: pages from the newest back, and each new record. Keeps what
 * was read; draws nothing.
 */

import { batch, computed, effect, signal } from "@preact/signals";
import type { AuditRecord, Verb } from "../../../contract/audit.ts";
import { linesOf } from "../../../contract/text/audit-lines.ts";
import { isBackground, isFailure } from "../../../contract/text/audit-sentence.ts";
import { call, type Failure, listen } from "../state/server.ts";
import { connection, witness } from "../state/state.ts";

/** The part of the trail that is shown; an empty string admits every record. */
export interface Filter {
  readonly peer: string;
  readonly verb: Verb | "";
  /** `ok`, `refused` for every failure, or one code. */
  readonly outcome: string;
  readonly thread: string;
  /** True to include peernet's own acts. */
  readonly all: boolean;
}

/** Every record but those of peernet's own acts. */
export const everything: Filter = { peer: "", verb: "", outcome: "", thread: "", all: false };

/** The present filter. */
export const filter = signal<Filter>(everything);
/** The matching records, newest first, as far back as was read. */
export const records = signal<readonly AuditRecord[]>([]);
/** The same as lines: a question that left and its outcome share one. */
export const lines = computed(() => linesOf(records.value));
/** The newest records of all, newest first. */
const newest = signal<readonly AuditRecord[]>([]);
/** The same as lines. */
export const newestLines = computed(() => linesOf(newest.value));
/** The end of the chain. */
export const head = signal<{ readonly seq: number; readonly hash: string }>({ seq: 0, hash: "" });
/** True when the trail was read to its beginning. */
export const isWhole = signal(false);
/** True while records are being fetched. */
export const isReading = signal(false);
/** The reason why the last fetch failed. */
export const readError = signal<Failure | null>(null);

const pageRecords = 200;
/** For a filter by outcome, pages are as large as the contract allows. */
const seekRecords = 1_000;
const newestKept = 14;
/** A few of these are background. */
const newestRead = 60;

/** True when a record passes a filter. */
export const passes = (record: AuditRecord, wanted: Filter): boolean =>
  (wanted.all || wanted.verb !== "" || wanted.thread !== "" || !isBackground(record)) &&
  (wanted.peer === "" || record.peer_name === wanted.peer) &&
  (wanted.verb === "" || record.verb === wanted.verb) &&
  (wanted.thread === "" || record.thread_id === wanted.thread) &&
  ofOutcome(record.outcome, wanted.outcome);

const ofOutcome = (outcome: string, wanted: string): boolean =>
  wanted === "" || (wanted === "refused" ? isFailure(outcome) : outcome === wanted);

/** Reads the newest page for a filter. */
export async function choose(wanted: Filter): Promise<void> {
  batch(() => {
    filter.value = wanted;
    records.value = [];
    isWhole.value = false;
    isReading.value = false;
  });
  before = null;
  await readOlder();
}

let reading = 0;
/** The oldest record that was examined, whether it matched or not. */
let before: number | null = null;

/** Reads the page before the oldest record that was read. */
export async function readOlder(): Promise<void> {
  if (isReading.value || isWhole.value) return;
  const wanted = filter.value;
  const mine = ++reading;
  const limit = wanted.outcome === "" ? pageRecords : seekRecords;
  isReading.value = true;
  const reply = await call("audit", {
    all: wanted.all || wanted.verb !== "" || wanted.thread !== "",
    limit,
    ...(wanted.peer === "" ? {} : { peer: wanted.peer }),
    ...(wanted.verb === "" ? {} : { verb: wanted.verb }),
    ...(wanted.thread === "" ? {} : { thread_id: wanted.thread }),
    ...(before === null ? {} : { before_seq: before }),
  });
  if (mine !== reading || filter.value !== wanted) return;
  batch(() => {
    isReading.value = false;
    readError.value = reply.ok ? null : reply.error;
    if (!reply.ok) return;
    const found = reply.value.records.filter((record) => passes(record, wanted)).reverse();
    const oldest = records.value.at(-1)?.seq ?? Number.POSITIVE_INFINITY;
    before = reply.value.records[0]?.seq ?? before;
    records.value = [...records.value, ...found.filter(({ seq }) => seq < oldest)];
    isWhole.value = reply.value.records.length < limit;
  });
}

/** Adds the feed's new records to those that were read. */
export function keepTrail(): void {
  witness((event) => {
    if (event.event === "reset") void readNewest();
    if (event.event !== "record") return;
    const { record } = event;
    head.value = { seq: record.seq, hash: record.hash };
    if (passes(record, everything)) newest.value = [record, ...newest.value].slice(0, newestKept);
    if (passes(record, filter.value)) records.value = [record, ...records.value];
  });
  let wasLive = false;
  effect(() => {
    const isLive = connection.value === "live";
    if (isLive && !wasLive) void readNewest();
    wasLive = isLive;
  });
}

async function readNewest(): Promise<void> {
  const [some, one] = await Promise.all([
    call("audit", { limit: newestRead, all: false }),
    call("audit", { limit: 1, all: true }),
  ]);
  if (some.ok) {
    newest.value = some.value.records.toReversed().filter((record) => passes(record, everything));
  }
  const last = one.ok ? one.value.records.at(-1) : undefined;
  if (last !== undefined) head.value = { seq: last.seq, hash: last.hash };
  await choose(filter.value);
}

/** All records of a thread, oldest first. */
export async function threadOf(thread_id: string): Promise<readonly AuditRecord[]> {
  const reply = await call("audit", { thread_id, all: true, limit: seekRecords });
  return reply.ok ? reply.value.records : [];
}

/** Every record as JSON lines, oldest first. */
export async function exported(): Promise<readonly string[]> {
  const parts: string[] = [];
  await listen(
    "audit/export",
    { after_seq: 0 },
    {
      signal: new AbortController().signal,
      listener: { event: (record) => void parts.push(`${JSON.stringify(record)}\n`) },
    },
  );
  return parts;
}
