/**
 * Undoes setup's change to a file. An unchanged file gets its earlier bytes back; from a changed
 * one exactly our entries are removed.
 */

import { PeernetError } from "../../contract/errors.ts";
import { agents } from "../../harness/agents.ts";
import type { StateFiles } from "../../platform/effects.ts";
import { undone } from "../plan/changes.ts";
import { find, remove, replace } from "./files.ts";
import { backedUp, digestOf, type LedgerFile } from "./ledger.ts";

/** The outcome for a file, as people read it. */
export interface Undone {
  readonly path: string;
  readonly outcome:
    | "restored"
    | "removed"
    /** The file was changed since, and our entries were removed from it. */
    | "cleaned"
    /** The file holds no entry of ours. */
    | "left"
    | "gone";
}

/**
 * Undoes one file; returns null, with nothing done, when another program wrote it meanwhile.
 * @throws {bad_request} when it cannot be read or written
 */
export function undo(files: StateFiles, file: LedgerFile): Undone | null {
  const { path } = file;
  const found = find(path);
  if (found.text === null) return { path, outcome: "gone" };
  const before = backedUp(files, file);
  const wasLeft = digestOf(found.text) === file.after_sha256;
  const after = wasLeft ? before : withoutOurs(file, found.text, before);
  if (after === null) {
    return remove(found, file.folders) ? { path, outcome: "removed" } : null;
  }
  if (after === found.text) return { path, outcome: "left" };
  if (!replace(found, after)) return null;
  return { path, outcome: after === before ? "restored" : "cleaned" };
}

/** The text without setup's entries. @throws {bad_request} */
export function withoutOurs(file: LedgerFile, text: string, before: string | null): string | null {
  const { kind, registered, allowed = [] } = file;
  // A unit or settings that a person has edited stay.
  if (kind === "service" || kind === "keeper" || kind === "config") return text;
  const agent = agents.find(({ name }) => name === file.agent) ?? null;
  try {
    return undone(text, { kind, agent, registered, before, allowed });
  } catch (error) {
    if (!(error instanceof PeernetError)) throw error;
    throw new PeernetError("bad_request", {
      message: `${file.path}: ${error.message}`,
      hint: `mend ${file.path}, then run it again`,
    });
  }
}
