/**
 * The parts of tasks that cross in pieces: stores them as they come, and reads them. A part appears
 * under its name only when every byte is there and has the digest.
 */

import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { GetEnd, GetErrand, PutEnd, PutErrand } from "../../contract/tasks/errands.ts";
import { diskFloorBytes, pieceBytesMax } from "../../contract/tasks/limits.ts";
import { isLocked } from "../../platform/process/flock.ts";
import { fileDigest } from "./digest.ts";
import {
  askedFolder,
  hasFile,
  makeFolder,
  partNames,
  type RoundId,
  roundFolder,
  roundNames,
} from "./folder.ts";
import { freeBytes } from "./run/measure.ts";

type Put = ReturnType<typeof PutErrand.parse>;
type PutOutput = ReturnType<typeof PutEnd.parse>;
type Get = ReturnType<typeof GetErrand.parse>;
interface GetOutput {
  readonly piece: ReturnType<typeof GetEnd.parse>;
}

/** The folder of a round's parts, on either side. */
export const partFolder = (state: string, id: RoundId, ours: boolean): string =>
  ours ? join(askedFolder(state, id.task_id), String(id.round)) : roundFolder(state, id);

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** Stores a piece behind those that are there; a repeated one changes nothing. */
export function putPiece(state: string, { blob, ours, offset, data, whole }: Put): PutOutput {
  const folder = partFolder(state, blob, ours);
  const name = partNames[blob.part];
  const path = join(folder, name);
  if (hasFile(folder, name)) {
    const { bytes, sha256 } = fileDigest(path);
    const isSame = bytes === whole.bytes && sha256 === whole.sha256;
    return { put: isSame ? "whole" : "wrong", have: bytes };
  }
  makeFolder(folder);
  const partial = join(folder, `.${name}.partial`);
  const have = sizeOf(partial);
  const piece = Buffer.from(data, "base64");
  if (offset !== have) return { put: "more", have };
  if (freeBytes(folder) < diskFloorBytes) return { put: "disk", have };
  if (piece.length > pieceBytesMax || have + piece.length > whole.bytes) {
    rmSync(partial, { force: true });
    return { put: "wrong", have: 0 };
  }
  append(partial, piece);
  const total = have + piece.length;
  if (total < whole.bytes) return { put: "more", have: total };
  if (fileDigest(partial).sha256 !== whole.sha256) {
    rmSync(partial, { force: true });
    return { put: "wrong", have: 0 };
  }
  sync(partial);
  renameSync(partial, path);
  sync(folder);
  return { put: "whole", have: total };
}

/** Appends a whole piece, or nothing of it. @throws as the disk does */
function append(path: string, piece: Uint8Array): void {
  const descriptor = openSync(path, "a", 0o600);
  const before = sizeOf(path);
  try {
    for (let rest = piece; rest.length > 0; ) rest = rest.subarray(writeSync(descriptor, rest));
  } catch (error) {
    ftruncateSync(descriptor, before);
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** Reads a piece; null when there is no such part. */
export function getPiece(state: string, { blob, ours, offset }: Get): GetOutput {
  const folder = partFolder(state, blob, ours);
  const name = partNames[blob.part];
  if (!hasFile(folder, name)) return { piece: null };
  // A log that has no supervisor grows no more. The look precedes the reading of its size.
  const isOpen =
    blob.part === "log" && !ours && !hasFile(folder, roundNames.result) && hasSupervisor(folder);
  const path = join(folder, name);
  const total = sizeOf(path);
  const bytes = Buffer.alloc(Math.max(0, Math.min(pieceBytesMax, total - offset)));
  const descriptor = openSync(path, "r");
  const read = bytes.length === 0 ? 0 : readSync(descriptor, bytes, 0, bytes.length, offset);
  closeSync(descriptor);
  return { piece: { data: bytes.toString("base64", 0, read), total, ended: !isOpen } };
}

const hasSupervisor = (folder: string): boolean => isLocked(join(folder, roundNames.lock));
