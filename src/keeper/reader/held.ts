/**
 * The readers of a home: starts one for each reading, sends it operations one after another, and
 * ends it when it is idle, silent, replaced or no longer wanted. Two peers never share a reader.
 */

import type {
  OpenEnd,
  OpenErrand,
  OperationErrand,
  OperationErrandEnd,
} from "../../contract/reads/errands.ts";
import {
  openMs,
  operationKilledMs,
  readerIdleMs,
  readersMax,
  readersOfPeerMax,
} from "../../contract/reads/limits.ts";
import type { Operation, OperationEnd } from "../../contract/reads/reads.ts";
import type { Cancel, Clock, Timers } from "../../platform/effects.ts";
import type { Commits } from "../../session/commits.ts";
import { makePlace, type ObjectFormat, type ReaderPlace } from "../sandbox/place.ts";
import type { Buildable } from "../sandbox/prove.ts";
import type { Reader, Started, Unsafe } from "../sandbox/start.ts";
import type { OpenReply, OpenRequest, OperationRequest } from "./serve.ts";

/** Dependencies of the readers. */
export interface HeldParts {
  readonly timers: Timers;
  readonly clock: Clock;
  /** The state folder, below which each reader has a folder of its own. */
  readonly folder: string;
  readonly home: string;
  /** Finds a repository's objects and refs, or the reason why it is not read. */
  readonly commitsOf: (path: string, refs: readonly string[]) => Promise<Commits | string>;
  readonly buildable: () => Promise<Buildable>;
  readonly start: (started: Started) => Promise<Reader | Unsafe>;
}

/** The readers of a home. */
export interface Held {
  open(errand: OpenErrand): Promise<OpenEnd>;
  run(errand: OperationErrand): Promise<OperationErrandEnd>;
  close(readingId: string): void;
  /** Ends every reader. */
  end(): void;
}

interface Reading {
  readonly peer: string;
  readonly reader: Reader;
  readonly place: ReaderPlace;
  /** The operation before: each waits for it. */
  last: Promise<unknown>;
  cancelIdle: Cancel;
}

const refused = (why: Extract<OpenEnd, { opened: false }>["why"], detail: string): OpenEnd => ({
  ...{ opened: false, why, detail: detail.slice(0, 300) },
});

/** Holds readers; none yet. */
export function holdReaders(parts: HeldParts): Held {
  const readings = new Map<string, Reading>();
  const end = (id: string): void => {
    const reading = readings.get(id);
    if (reading === undefined) return;
    readings.delete(id);
    reading.cancelIdle();
    reading.reader.end();
    reading.place.remove();
  };
  const rest = (id: string): Cancel => parts.timers.after(readerIdleMs, () => end(id));
  /** Makes room: the readings that rested longest end first. */
  const makeRoom = (peer: string): void => {
    const own = [...readings].filter(([, reading]) => reading.peer === peer);
    const [oldestOwn] = own;
    if (own.length >= readersOfPeerMax && oldestOwn !== undefined) end(oldestOwn[0]);
    const [oldest] = readings.keys();
    if (readings.size >= readersMax && oldest !== undefined) end(oldest);
  };
  /** A reading that is used goes behind the others. */
  const used = (id: string): Reading | undefined => {
    const reading = readings.get(id);
    if (reading === undefined) return undefined;
    readings.delete(id);
    readings.set(id, reading);
    reading.cancelIdle();
    reading.cancelIdle = rest(id);
    return reading;
  };
  const keep = (errand: OpenErrand, { reader, place, told }: OpenedReading): OpenEnd => {
    makeRoom(errand.peer);
    const cancelIdle = rest(errand.reading_id);
    const last = Promise.resolve();
    readings.set(errand.reading_id, { peer: errand.peer, reader, place, last, cancelIdle });
    return told;
  };
  return heldBy(parts, { readings, end, used, keep });
}

interface HeldSteps {
  readonly readings: ReadonlyMap<string, Reading>;
  readonly end: (id: string) => void;
  readonly used: (id: string) => Reading | undefined;
  readonly keep: (errand: OpenErrand, opened: OpenedReading) => OpenEnd;
}

function heldBy(parts: HeldParts, { readings, end, used, keep }: HeldSteps): Held {
  return {
    open: async (errand) => {
      end(errand.reading_id);
      const opened = await openReading(parts, errand);
      return "reader" in opened ? keep(errand, opened) : opened;
    },
    run: async ({ reading_id: id, operation, deny }) => {
      const reading = used(id);
      if (reading === undefined) return { result: null };
      const sent = reading.last.then(() => operate(parts, reading.reader, { operation, deny }));
      reading.last = sent;
      const result = await sent;
      if (result !== null) return { result };
      end(id);
      return { result: endedIn(operation) };
    },
    close: end,
    end: () => {
      for (const id of [...readings.keys()]) end(id);
    },
  };
}

interface OpenedReading {
  readonly reader: Reader;
  readonly place: ReaderPlace;
  readonly told: OpenEnd;
}

async function openReading(parts: HeldParts, errand: OpenErrand): Promise<OpenedReading | OpenEnd> {
  const [commits, walls] = await Promise.all([
    parts.commitsOf(fromHome(errand.path, parts.home), errand.refs),
    parts.buildable(),
  ]);
  if ("none" in walls) return refused("sandbox", walls.none.detail);
  if (typeof commits === "string") return refused("repository", commits);
  const chosen = chosenOf(errand, commits.tips);
  if (chosen === null) return refused("ref", "");
  const bwrap = "path" in walls.bwrap ? walls.bwrap.path : null;
  const place = await makePlace(parts.folder, commits.format satisfies ObjectFormat);
  const { shell, planted } = place;
  const reader = await parts.start({
    ...{ wall: bwrap === null ? "landlock" : "bwrap", bwrap, shell, planted, home: parts.home },
    ...{ objects: [commits.objects], git: commits.git },
  });
  if ("unsafe" in reader) {
    place.remove();
    return refused("sandbox", reader.unsafe);
  }
  const told = await openedIn(parts, reader, chosen);
  if (told.opened) return { reader, place, told };
  reader.end();
  place.remove();
  return told;
}

interface Chosen extends OpenRequest {
  readonly ref: string | null;
}

/** The commit to open: the asked one, else a preferred tip, else the tip of the first ref. */
function chosenOf(
  { sha, preferred, history }: OpenErrand,
  tips: ReadonlyMap<string, string>,
): Chosen | null {
  const refOf = (name: string | null) => [...tips].find(([, tip]) => tip === name);
  const known = refOf(sha) ?? (sha === null ? (refOf(preferred) ?? [...tips][0]) : undefined);
  if (known !== undefined) return { ref: known[0], sha: known[1], tips: null };
  if (sha === null || !history) return null;
  return { ref: null, sha, tips: [...tips.values()] };
}

async function openedIn(
  { clock, timers }: HeldParts,
  reader: Reader,
  { ref, sha, tips }: Chosen,
): Promise<OpenEnd> {
  const line = await answered(reader, JSON.stringify({ sha, tips } satisfies OpenRequest), {
    ...{ timers, ms: openMs },
  });
  if (line === null) return refused("ended", "");
  // The reader of this build wrote the line, inside walls of its own.
  const reply = JSON.parse(line) as OpenReply;
  if (!reply.opened) {
    const isLost = reply.why === "missing" && tips !== null;
    const why = reply.why === "odd" ? "missing" : isLost ? "ref" : reply.why;
    return refused(why, "");
  }
  const age_ms = Math.max(0, Math.floor(clock.wallMs() - reply.committedAtMs));
  return { opened: true, sha: reply.sha, ref, files: reply.files, age_ms, wall: reader.wall };
}

/** Sends an operation; null when the reader did not answer, and was ended. */
async function operate(
  { timers }: HeldParts,
  reader: Reader,
  request: OperationRequest,
): Promise<OperationEnd | null> {
  const ms = operationKilledMs;
  const line = await answered(reader, JSON.stringify(request), { timers, ms });
  // The daemon judges it by its schema.
  return line === null ? null : (JSON.parse(line) as OperationEnd);
}

/** One line for one line; ends a reader that is silent for too long. */
async function answered(
  reader: Reader,
  line: string,
  { timers, ms }: { readonly timers: Timers; readonly ms: number },
): Promise<string | null> {
  const cancel = timers.after(ms, reader.end);
  try {
    reader.send(line);
    return await reader.lines.next();
  } catch {
    return null;
  } finally {
    cancel();
  }
}

/** The answer to an operation in which the reader was ended: never that there is nothing. */
function endedIn(operation: Operation): OperationEnd | null {
  const nothing = { total: null, cursor: null };
  if (operation.op === "grep") {
    const incomplete = operation.regexp ? "pattern_too_expensive" : "deadline";
    return { end: "grep", value: { matches: [], files: 0, incomplete, ...nothing } };
  }
  if (operation.op === "file") return null;
  return { end: "glob", value: { paths: [], incomplete: "deadline", ...nothing } };
}

/** A path of the policy, in which a leading `~` is the user's home. */
const fromHome = (path: string, home: string): string =>
  path.startsWith("~/") ? `${home}${path.slice(1)}` : path;
