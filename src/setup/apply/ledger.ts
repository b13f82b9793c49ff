/**
 * What setup changed, so that exactly that can be taken back: a file of the state folder, and
 * copies of every file as it was. Opens nothing outside of the state folder.
 */

import { PeernetError } from "../../contract/errors.ts";
import { hex } from "../../contract/text/encoding.ts";
import type { Registered } from "../../harness/events.ts";
import type { StateFiles } from "../../platform/effects.ts";
import { sha256 } from "../../platform/real.ts";
import type { ChangeKind } from "../plan/changes.ts";

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

/** What setup offered and the person did not want, so that it is not proposed again. */
export interface Declined {
  /** Agents that were found and left out. */
  readonly agents: readonly string[];
  /** True where the daemon is not to run from login on. */
  readonly service: boolean;
}

/** Everything setup changed. */
export interface Ledger {
  readonly version: 1;
  readonly files: readonly LedgerFile[];
  /** True where setup let the service outlive the last login. */
  readonly lingering: boolean;
  readonly declined: Declined;
}

const ledgerName = "setup.json";
/** The folder of the copies, in the state folder. */
export const backupsName = "backups";

/** All was wanted, or nothing was asked. */
export const nothingDeclined: Declined = { agents: [], service: false };

/** Nothing was changed. */
export const emptyLedger: Ledger = {
  version: 1,
  files: [],
  lingering: false,
  declined: nothingDeclined,
};

/** What was changed until now. @throws {state_unsafe} */
export function readLedger(files: StateFiles): Ledger {
  const text = files.read(ledgerName);
  if (text === null) return emptyLedger;
  try {
    // Written by `writeLedger` into a folder that only its user may write to.
    const written = JSON.parse(text) as Ledger;
    // Earlier versions kept no such line.
    const ledger = { ...written, declined: written.declined ?? nothingDeclined };
    const isWhole =
      ledger.version === 1 && Array.isArray(ledger.files) && Array.isArray(ledger.declined.agents);
    if (isWhole && ledger.files.every(isOfSetup)) return ledger;
  } catch {
    // Told below.
  }
  throw new PeernetError("state_unsafe", {
    message: `${files.folder}/${ledgerName} is not what setup wrote`,
    hint: `look at ${files.folder}/${backupsName}, then move ${ledgerName} away`,
  });
}

/** What the files are called that setup writes: taking back touches no other. */
const writtenNames: Readonly<Record<ChangeKind, RegExp>> = {
  config: /^config\.toml$/,
  mcp: /^(\.claude\.json|settings\.json|config\.toml|opencode\.jsonc?|mcp-config\.json)$/,
  hooks: /^(settings|hooks)\.json$/,
  service: /^peernet(-[0-9a-f]{8})?\.(service|plist)$/,
};

/** True where setup can have written a line: the folder may be another's that was put in place. */
function isOfSetup({ kind, path, before, folders }: LedgerFile): boolean {
  const [parts, name] = [path.split("/"), path.slice(path.lastIndexOf("/") + 1)];
  const isNamed = Object.hasOwn(writtenNames, kind) && writtenNames[kind].test(name);
  const isPlace = path.startsWith("/") && !parts.includes("..") && isNamed;
  const isCopy = before === null || /^backups\/[^/]+$/.test(before);
  // Folders that were made for a file are those it is in.
  return isPlace && isCopy && folders.every((folder) => path.startsWith(`${folder}/`));
}

/** Keeps what was changed; an empty ledger is removed. @throws {storage_full} */
export function writeLedger(files: StateFiles, ledger: Ledger): void {
  const { agents, service } = ledger.declined;
  const isEmpty = ledger.files.length === 0 && !ledger.lingering;
  if (isEmpty && agents.length === 0 && !service) files.remove(ledgerName);
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
