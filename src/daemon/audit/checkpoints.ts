/** The file of signed checkpoints: one JSON object a line, of this trail or of the first form. */

import { Checkpoint, FirstCheckpoint } from "../../contract/peer.ts";
import { stateNames } from "../../contract/text/state-names.ts";
import type { StateFiles } from "../../platform/effects.ts";

/** The name of the file inside the state folder. */
export const checkpointsName = stateNames.checkpoints;

/** The complete lines of a text. */
export const wholeLines = (text: string): string => text.slice(0, text.lastIndexOf("\n") + 1);

/** The lines of a text, without one that a crash tore. */
export const linesIn = (text: string): readonly string[] =>
  wholeLines(text).split("\n").slice(0, -1);

/** The last line, found without splitting the text; empty when there is none. */
export function lastLineOf(text: string): string {
  const end = text.lastIndexOf("\n");
  return text.slice(text.lastIndexOf("\n", end - 1) + 1, Math.max(0, end));
}

/** The value of a line of JSON, or null when the line is not JSON. */
export function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** The checkpoint of a line, or null when the line holds none. */
export const checkpointOf = (line: string): Checkpoint | null =>
  Checkpoint.safeParse(jsonOf(line)).data ?? null;

/** The first-form checkpoint of a line; null for any other line. */
export const firstCheckpointOf = (line: string): FirstCheckpoint | null =>
  checkpointOf(line) === null ? (FirstCheckpoint.safeParse(jsonOf(line)).data ?? null) : null;

/** Removes archived checkpoints; the last line always stays. */
export function trimCheckpoints(files: StateFiles, isArchived: (line: string) => boolean): void {
  const text = files.read(checkpointsName);
  if (text === null) return;
  const lines = linesIn(text);
  const kept = lines.filter((line) => !isArchived(line));
  if (kept.length === lines.length) return;
  files.write(checkpointsName, kept.map((line) => `${line}\n`).join(""));
}
