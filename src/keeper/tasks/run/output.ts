/** Keeps the output of a run up to its bound, and notes its times. Ends a run that exceeds it. */

import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { graceMs, lineBytesMax, outputBytesMax } from "../../../contract/tasks/limits.ts";
import type { Clock } from "../../../platform/effects.ts";
import { roundNames } from "../folder.ts";
import type { Ender } from "./ending.ts";
import { feedLines } from "./lines.ts";

/** The output of a run so far. */
export interface OutputSeen {
  readonly bytes: number;
  /** The instants of the proof, of the first byte, and of the last one, by the monotonic clock. */
  readonly provenMs: number;
  readonly firstMs: number | null;
  readonly lastMs: number;
}

/** The kept output of a run. */
export interface KeptOutput {
  /** Resolves to the first line, by which the room reports itself. */
  readonly first: Promise<string>;
  /** Takes bytes of the standard output. */
  out(bytes: Uint8Array): void;
  /** Takes bytes of the standard error. */
  err(bytes: Uint8Array): void;
  seen(): OutputSeen;
  close(): void;
}

/** Dependencies of keeping output. */
export interface OutputParts {
  readonly clock: Clock;
  readonly ender: Ender;
  /** The line that proves the room. */
  readonly proof: string;
}

/** The recipients of a run's output. */
export interface OutputPlan {
  readonly folder: string;
  readonly onLine: (line: string) => void;
  readonly onProven: () => void;
  /** True from the bytes on that complete a key of this machine. */
  readonly holdsCredential: (bytes: Uint8Array) => boolean;
}

/** A report is shorter. */
const reportBytesMax = 65_536;
const newline = 0x0a;

/** The first line of a report, and the bytes behind it; null while it has no end. */
function reportIn(all: Buffer): { readonly line: string; readonly rest: Uint8Array } | null {
  const end = all.indexOf(newline);
  if (end < 0 && all.length < reportBytesMax) return null;
  return { line: all.toString("utf8", 0, Math.max(0, end)), rest: all.subarray(end + 1) };
}

function writeWhole(descriptor: number, bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(writeSync(descriptor, rest));
}

/** Keeps the output of a run in its folder's log. */
export function keepOutput(
  { folder, onLine, onProven, holdsCredential }: OutputPlan,
  { clock, ender, proof }: OutputParts,
): KeptOutput {
  const log = openSync(join(folder, roundNames.log), "a", 0o600);
  const first = Promise.withResolvers<string>();
  const lines = feedLines(lineBytesMax, onLine);
  let seen: OutputSeen = { bytes: 0, provenMs: 0, firstMs: null, lastMs: 0 };
  let report: Uint8Array | null = new Uint8Array();
  let isClosed = false;
  const keep = (bytes: Uint8Array): void => {
    if (bytes.length === 0 || isClosed) return;
    // The log is read while it grows: a key is kept out of it, not taken out.
    if (holdsCredential(bytes)) {
      ender.end("credential", 0);
      return;
    }
    const now = clock.monotonicMs();
    writeWhole(log, bytes.subarray(0, Math.max(0, outputBytesMax - seen.bytes)));
    seen = { ...seen, bytes: seen.bytes + bytes.length, firstMs: seen.firstMs ?? now, lastMs: now };
    if (seen.bytes > outputBytesMax) ender.end("output", graceMs);
  };
  const reported = (bytes: Uint8Array): void => {
    const all = Buffer.concat([report ?? new Uint8Array(), bytes]);
    const ended = reportIn(all);
    report = ended === null ? all : null;
    if (ended === null) return;
    const { line, rest } = ended;
    const now = clock.monotonicMs();
    seen = { ...seen, provenMs: now, lastMs: now };
    if (line === proof) onProven();
    first.resolve(line);
    keep(rest);
    lines.feed(rest);
  };
  return {
    first: first.promise,
    out: (bytes) => {
      if (report !== null) return reported(bytes);
      keep(bytes);
      lines.feed(bytes);
    },
    err: keep,
    seen: () => seen,
    close: () => {
      if (!isClosed) closeSync(log);
      isClosed = true;
    },
  };
}
