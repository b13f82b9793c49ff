/**
 * The ledger of setup's changes, so that exactly those can be undone: a file in the state folder,
 * and a copy of every file as it was before. Opens no file outside the state folder.
 */

import { PeernetError } from "../../contract/errors.ts";
import { hex } from "../../contract/text/encoding.ts";
import { stateNames } from "../../contract/text/state-names.ts";
import { type AllowableTool, allowableTools } from "../../harness/allowed.ts";
import type { Registered } from "../../harness/events.ts";
import type { StateFiles } from "../../platform/effects.ts";
import { sha256 } from "../../platform/real.ts";
import type { ChangeKind } from "../plan/changes.ts";

/** The ledger's entry for one changed file. */
export interface LedgerFile {
  readonly kind: ChangeKind;
  /** The agent that reads the file; null for peernet's own files. */
  readonly agent: string | null;
  readonly path: string;
  /** The copy of the earlier text, inside the state folder; null when the file did not exist. */
  readonly before: string | null;
  /** The digest of the text that setup wrote; null until setup has written it. */
  readonly after_sha256: string | null;
  /** Folders that setup made for the file. */
  readonly folders: readonly string[];
  readonly registered: Registered;
  /** The tools that setup let the agent run unasked; absent when it let none. */
  readonly allowed?: readonly AllowableTool[];
}

/** Offers that the person declined, so that setup does not propose them again. */
export interface Declined {
  /** Agents that were found and that the person excluded. */
  readonly agents: readonly string[];
  /** True when the daemon shall not start at login. */
  readonly service: boolean;
  /** Tools that the agent shall go on to ask about. */
  readonly tools: readonly string[];
}

/** Every change that setup made. */
export interface Ledger {
  readonly version: 1;
  readonly files: readonly LedgerFile[];
  /** True when setup let the service outlive the last logout. */
  readonly lingering: boolean;
  readonly declined: Declined;
}

const ledgerName = stateNames.ledger;
/** The folder of the copies, inside the state folder. */
export const backupsName = stateNames.backups;

/** The person declined no offer, or setup asked no question. */
export const nothingDeclined: Declined = { agents: [], service: false, tools: [] };

/** The ledger before the first change. */
export const emptyLedger: Ledger = {
  version: 1,
  files: [],
  lingering: false,
  declined: nothingDeclined,
};

/** The changes until now. @throws {state_unsafe} */
export function readLedger(files: StateFiles): Ledger {
  const text = files.read(ledgerName);
  if (text === null) return emptyLedger;
  try {
    // Written by `writeLedger` into a folder that only its user may write to.
    const written = JSON.parse(text) as Ledger;
    // Earlier versions wrote fewer fields.
    const said = written.declined ?? nothingDeclined;
    const ledger = { ...written, declined: { ...said, tools: said.tools ?? [] } };
    const { agents, tools } = ledger.declined;
    const isWhole =
      ledger.version === 1 && [ledger.files, agents, tools].every((list) => Array.isArray(list));
    if (isWhole && ledger.files.every(isOfSetup)) return ledger;
  } catch {
    // The error is raised below.
  }
  throw new PeernetError("state_unsafe", {
    message: `${files.folder}/${ledgerName} is not what setup wrote`,
    hint: `look at ${files.folder}/${backupsName}, then move ${ledgerName} away`,
  });
}

/** The names of the files that setup writes; undoing touches no file of another name. */
const writtenNames: Readonly<Record<ChangeKind, RegExp>> = {
  config: /^config\.toml$/,
  mcp: /^(\.claude\.json|settings\.json|config\.toml|opencode\.jsonc?|mcp-config\.json)$/,
  hooks: /^(settings|hooks)\.json$/,
  permissions: /^settings\.json$/,
  service: /^peernet(-[0-9a-f]{8})?\.(service|plist)$/,
  keeper: /^peernet-keeper(-[0-9a-f]{8})?\.(service|plist)$/,
};

/** True when setup can have written this entry: another user may have put the folder there. */
function isOfSetup({ kind, path, before, folders, allowed = [] }: LedgerFile): boolean {
  const [parts, name] = [path.split("/"), path.slice(path.lastIndexOf("/") + 1)];
  const isNamed = Object.hasOwn(writtenNames, kind) && writtenNames[kind].test(name);
  const isPlace = path.startsWith("/") && !parts.includes("..") && isNamed;
  const isCopy = before === null || /^backups\/[^/]+$/.test(before);
  // Setup makes folders for a file only on the way to that file.
  const isAllowed = allowed.every((tool) => allowableTools.includes(tool));
  return isPlace && isCopy && isAllowed && folders.every((folder) => path.startsWith(`${folder}/`));
}

/** Saves the ledger; an empty ledger is removed. @throws {storage_full} */
export function writeLedger(files: StateFiles, ledger: Ledger): void {
  const { agents, service, tools } = ledger.declined;
  const isEmpty = ledger.files.length === 0 && !ledger.lingering;
  if (isEmpty && agents.length + tools.length === 0 && !service) files.remove(ledgerName);
  else files.write(ledgerName, `${JSON.stringify(ledger, null, 2)}\n`);
}

/** The ledger with a file's entry added, or replaced. */
export const withFile = (ledger: Ledger, file: LedgerFile): Ledger => ({
  ...ledger,
  files: [...ledger.files.filter(({ path }) => path !== file.path), file],
});

/** The ledger without a file's entry. */
export const withoutFile = (ledger: Ledger, path: string): Ledger => ({
  ...ledger,
  files: ledger.files.filter((file) => file.path !== path),
});

/** Copies a text into the state folder under its own digest; returns the copy's name. */
export function backUp(files: StateFiles, path: string, text: string): string {
  const base = path.slice(path.lastIndexOf("/") + 1).replace(/^\.+/, "");
  const name = `${backupsName}/${base}.${digestOf(text).slice(0, 16)}`;
  if (!files.has(name)) files.write(name, text);
  return name;
}

/** The text of the copy. @throws {state_unsafe} when the copy is missing */
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
