/**
 * What setup changed, so that exactly that can be taken back: a file of the state folder, and
 * copies of every file as it was. Opens nothing outside of the state folder.
 */

import { hex } from "../contract/encoding.ts";
import { PeernetError } from "../contract/errors.ts";
import type { Registered } from "../harness/events.ts";
import type { StateFiles } from "../platform/effects.ts";
import { sha256 } from "../platform/real.ts";
import type { ChangeKind } from "./changes.ts";

/** One file that setup changed. */
export interface LedgerFile {
  readonly kind: ChangeKind;
  /** The agent whose file it is; null for peernet's own. */
  readonly agent: string | null;
  readonly path: string;
  /** The copy of what it was, inside the state folder; null when there was no file. */
  readonly before: string | null;
  /** The digest of what setup left; null while it has not. */
  readonly after_sha256: string | null;
  /** Folders that were made for it. */
  readonly folders: readonly string[];
  readonly registered: Registered;
}

/** Everything setup changed. */
export interface Ledger {
  readonly version: 1;
  readonly files: readonly LedgerFile[];
  /** Whether setup let the service outlive the last login. */
  readonly lingering: boolean;
}

const ledgerName = "setup.json";
/** The folder of the copies, in the state folder. */
export const backupsName = "backups";

/** Nothing was changed. */
export const emptyLedger: Ledger = { version: 1, files: [], lingering: false };

/** What was changed until now. @throws {state_unsafe} */
export function readLedger(files: StateFiles): Ledger {
  const text = files.read(ledgerName);
  if (text === null) return emptyLedger;
  try {
    // Written by `writeLedger` into a folder that only its user may write to.
    const ledger = JSON.parse(text) as Ledger;
    if (ledger.version === 1 && Array.isArray(ledger.files)) return ledger;
  } catch {
    // Told below.
  }
  throw new PeernetError("state_unsafe", {
    message: `${files.folder}/${ledgerName} is not what setup wrote`,
    hint: `look at ${files.folder}/${backupsName}, then move ${ledgerName} away`,
  });
}

/** Keeps what was changed; an empty ledger is removed. @throws {storage_full} */
export function writeLedger(files: StateFiles, ledger: Ledger): void {
  if (ledger.files.length === 0 && !ledger.lingering) files.remove(ledgerName);
  else files.write(ledgerName, `${JSON.stringify(ledger, null, 2)}\n`);
}

/** The ledger with one file's line in place of the one it had. */
export const withFile = (ledger: Ledger, file: LedgerFile): Ledger => ({
  ...ledger,
  files: [...ledger.files.filter(({ path }) => path !== file.path), file],
});

/** The ledger without a file's line. */
export const withoutFile = (ledger: Ledger, path: string): Ledger => ({
  ...ledger,
  files: ledger.files.filter((file) => file.path !== path),
});

/** Copies a text into the state folder, under its own digest; returns its name there. */
export function backUp(files: StateFiles, path: string, text: string): string {
  const base = path.slice(path.lastIndexOf("/") + 1).replace(/^\.+/, "");
  const name = `${backupsName}/${base}.${digestOf(text).slice(0, 16)}`;
  if (!files.has(name)) files.write(name, text);
  return name;
}

/** The text that was copied. @throws {state_unsafe} when it is gone */
export function backedUp(files: StateFiles, { before }: LedgerFile): string | null {
  if (before === null) return null;
  const text = files.read(before);
  if (text !== null) return text;
  throw new PeernetError("state_unsafe", {
    message: `${files.folder}/${before} is gone: what was there before setup is not known`,
    hint: `move ${files.folder}/${ledgerName} away, and take peernet's entries out by hand`,
  });
}

/** The digest of a text. */
export const digestOf = (text: string): string => hex(sha256(new TextEncoder().encode(text)));
