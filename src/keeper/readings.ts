/**
 * Decides when the keeper reads each folder's git facts. Folders are read in turn, with a pause in
 * proportion to the cost. A new lease's folder is read at once, unless that folder rests. A slow
 * folder is not read more often.
 */

import type { GitFacts, GitReason, KeptLease } from "../contract/lease.ts";
import { heartbeatMs, readingPauseFactor } from "../contract/limits.ts";
import type { ChangedFiles } from "../contract/overlap/files.ts";
import type { Clock, Log } from "../platform/effects.ts";
import { type Description, sinceStart } from "../session/describe.ts";
import type { ChangedPaths } from "../session/git/tracked.ts";
import { pathDigest } from "../session/overlap.ts";

type Read = Pick<Description, "git" | "why" | "recent" | "changed" | "changedWhy"> &
  Partial<Pick<Description, "root">>;

/** Dependencies of a reading. */
export interface ReadingOptions {
  readonly describe: (cwd: string) => Promise<Read>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Passes a reading on for the leases in its folder. */
export type HandOn = (leases: readonly KeptLease[], told: Told) => Promise<void>;

/** Git facts for some leases, or the reason why there are none. */
export interface Told {
  readonly git: GitFacts | null;
  readonly why: GitReason | null;
  /** The changed files, as digests; null when they cannot be compared. */
  readonly changed: ChangedFiles | null;
  /** The reason for that; null when they can, or when the folder is in no repository. */
  readonly changedWhy: GitReason | null;
}

/** The state of the readings between two checks. Times are boot time. */
export interface Readings {
  /** When all folders may be read again. */
  dueAtBootMs: number;
  /** Folders that may not be read for a new lease before an instant. */
  readonly rest: Map<string, number>;
  /** Leases whose folder was read for them, with any outcome. */
  readonly tried: Set<string>;
  /** The present reading. */
  underWay: Promise<void> | null;
  ended: boolean;
}

/** The state before the first reading: all folders are due. */
export const noReadings = (): Readings => ({
  dueAtBootMs: Number.NEGATIVE_INFINITY,
  rest: new Map(),
  tried: new Set(),
  underWay: null,
  ended: false,
});

/** Starts the due readings, unless a reading is in progress. */
export function readDue(
  options: ReadingOptions,
  readings: Readings,
  { living, handOn }: { readonly living: readonly KeptLease[]; readonly handOn: HandOn },
): void {
  if (readings.underWay !== null) return;
  const nowMs = options.clock.bootMs();
  forget(readings, living, nowMs);
  const isAll = nowMs >= readings.dueAtBootMs;
  const folders = Map.groupBy(living, ({ cwd }) => cwd);
  for (const [cwd, sharing] of folders) {
    const isNew = sharing.some((lease) => !lease.git_read && !readings.tried.has(keyOf(lease)));
    const rests = nowMs < (readings.rest.get(cwd) ?? Number.NEGATIVE_INFINITY);
    if (!isAll && (!isNew || rests)) folders.delete(cwd);
  }
  if (folders.size > 0) readings.underWay = read(options, readings, { folders, isAll, handOn });
}

/** A lease in its folder: in another one it is read again. */
const keyOf = ({ generation, cwd }: KeptLease): string => `${generation} ${cwd}`;

function forget({ rest, tried }: Readings, living: readonly KeptLease[], nowMs: number): void {
  for (const [cwd, untilMs] of rest) if (untilMs <= nowMs) rest.delete(cwd);
  const keys = new Set(living.map(keyOf));
  for (const key of tried) if (!keys.has(key)) tried.delete(key);
}

interface Due {
  readonly folders: ReadonlyMap<string, readonly KeptLease[]>;
  readonly isAll: boolean;
  readonly handOn: HandOn;
}

/** Reads each folder once, one after another, and passes each reading on while it is fresh. */
async function read(
  options: ReadingOptions,
  readings: Readings,
  { folders, isAll, handOn }: Due,
): Promise<void> {
  const { clock } = options;
  const startedBootMs = clock.bootMs();
  let costMs = 0;
  for (const [cwd, sharing] of folders) {
    if (readings.ended) break;
    const startedMs = clock.monotonicMs();
    const description = await describeOrNull(options, cwd);
    const cost = clock.monotonicMs() - startedMs;
    costMs += cost;
    readings.rest.set(cwd, clock.bootMs() + readingPauseFactor * cost);
    for (const lease of sharing) readings.tried.add(keyOf(lease));
    if (description === null) continue;
    for (const [told, leases] of toldOf(options, description, sharing)) await handOn(leases, told);
  }
  const pausedMs = clock.bootMs() + readingPauseFactor * costMs;
  const dueMs = isAll ? startedBootMs + heartbeatMs : readings.dueAtBootMs;
  readings.dueAtBootMs = Math.max(dueMs, pausedMs);
  readings.underWay = null;
}

/** A reading for each lease: sessions that began at other times get other commits. */
function toldOf(
  { clock }: ReadingOptions,
  { git, why, recent, changed, changedWhy, root }: Read,
  sharing: readonly KeptLease[],
): ReadonlyMap<Told, readonly KeptLease[]> {
  const nowMs = clock.wallMs();
  const isKnown = changed !== undefined && root !== undefined;
  const files = isKnown ? filesOf(root, changed) : null;
  const groups = Map.groupBy(sharing, ({ started_age_ms }) =>
    git === null || started_age_ms === undefined
      ? null
      : JSON.stringify(sinceStart(recent, nowMs - started_age_ms)),
  );
  return new Map(
    [...groups].map(([since, leases]) => {
      const isDated = git !== null && since !== null;
      const told = isDated ? { ...git, since_start: JSON.parse(since) } : git;
      return [{ git: told, why, changed: files, changedWhy: changedWhy ?? null }, leases];
    }),
  );
}

const filesOf = (root: string, { identity, paths, more }: ChangedPaths): ChangedFiles => ({
  identity,
  root,
  paths: paths.map((path) => pathDigest(identity, path)),
  more,
});

async function describeOrNull(options: ReadingOptions, cwd: string) {
  try {
    return await options.describe(cwd);
  } catch (error) {
    // One unreadable folder must not cost the others their readings.
    options.log.warn("reading_failed", { reason: String(error) });
    return null;
  }
}
