/**
 * Takes back what setup did to a file: its former bytes come back where nobody changed it since,
 * else exactly our entries are taken out.
 */

import { PeernetError } from "../../contract/errors.ts";
import { agents } from "../../harness/agents.ts";
import type { StateFiles } from "../../platform/effects.ts";
import { undone } from "../plan/changes.ts";
import { find, remove, replace } from "./files.ts";
import { backedUp, digestOf, type LedgerFile } from "./ledger.ts";

/** What became of a file, for a person. */
export interface Undone {
  readonly path: string;
  readonly outcome:
    | "restored"
    | "removed"
    /** Our entries were taken out of what was changed since. */
    | "cleaned"
    /** Nothing of ours is in it. */
    | "left"
    | "gone";
}

/**
 * Takes one file back; null where it was written meanwhile, so that nothing is done.
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

/** The text without what setup put in. @throws {bad_request} */
export function withoutOurs(file: LedgerFile, text: string, before: string | null): string | null {
  const { kind, registered } = file;
  // A unit or settings that a person has made their own stay.
  if (kind === "service" || kind === "config") return text;
  const agent = agents.find(({ name }) => name === file.agent) ?? null;
  try {
    return undone(text, { kind, agent, registered, before });
  } catch (error) {
    if (!(error instanceof PeernetError)) throw error;
    throw new PeernetError("bad_request", {
      message: `${file.path}: ${error.message}`,
      hint: `mend ${file.path}, then run it again`,
    });
  }
}
