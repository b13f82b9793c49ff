/**
 * Carries a plan out, file by file. Each is copied and noted in the ledger before it is touched,
 * so that setup can be ended anywhere, and run again or taken back.
 */

import { clientMs } from "../../contract/limits.ts";
import type { Registered } from "../../harness/events.ts";
import type { StateFiles } from "../../platform/effects.ts";
import type { Change, ClientCommand } from "../plan/changes.ts";
import type { Plan, Step } from "../plan/plan.ts";
import { disable, reload, serviceAt } from "../service/service.ts";
import { type Found, find, missingFolders, replace, settled } from "./files.ts";
import {
  backedUp,
  backUp,
  digestOf,
  type Ledger,
  type LedgerFile,
  readLedger,
  withFile,
  withoutFile,
  writeLedger,
} from "./ledger.ts";
import { type RunningParts, runWithin } from "./running.ts";
import { type Undone, undo, withoutOurs } from "./undo.ts";

/** What applying needs. */
export interface ApplyParts extends RunningParts {
  readonly files: StateFiles;
}

/** What applying needs besides. */
export interface Applying extends ApplyParts {
  readonly registered: Registered;
}

/** What was done to one file. */
export interface Applied {
  readonly path: string;
  /** The agent whose file it is; null for peernet's own. */
  readonly agent: string | null;
  readonly state: "new" | "change" | Undone["outcome"];
  /** True where the agent's own command failed, so that its file was written instead. */
  readonly by_hand: boolean;
}

/** Does what a plan says. @throws {bad_request} {storage_full} */
export async function apply(parts: Applying, plan: Plan): Promise<readonly Applied[]> {
  const applied: Applied[] = [];
  for (const step of plan.steps) {
    if (step.state !== "same") applied.push(await applyStep(parts, step));
  }
  for (const file of plan.undone) {
    const { path, outcome } = await takeBack(parts, file);
    applied.push({ path, agent: file.agent, state: outcome, by_hand: false });
  }
  writeLedger(parts.files, { ...readLedger(parts.files), declined: plan.declined });
  return applied;
}

/** Takes back what setup did to one file, the service that it is of first. @throws {bad_request} */
export async function takeBack(parts: ApplyParts, file: LedgerFile): Promise<Undone> {
  const service = file.kind === "service" ? serviceAt(file.path) : null;
  if (service !== null) await disable(parts, service);
  const undone = await settled(file.path, parts.timers, () => undo(parts.files, file));
  if (service !== null) await reload(parts, service.manager);
  writeLedger(parts.files, withoutFile(readLedger(parts.files), file.path));
  return undone;
}

async function applyStep(parts: Applying, { change, state }: Step): Promise<Applied> {
  const { files } = parts;
  // As it is now: it may have changed while the plan was read.
  const found = find(change.path);
  const ledger = readLedger(files);
  const first = noteOf(parts, { change, found, ledger });
  writeLedger(files, withFile(ledger, first));
  const command = change.replaces(found.text) === null ? change.command : null;
  const isByClient = command !== null && (await runClient(parts, command));
  const { noted, after, isWritten } = await settled(change.path, parts.timers, () => {
    const now = find(change.path);
    const after = change.edit(now.text);
    const noted = isByClient ? first : noteOf(parts, { change, found: now, ledger });
    writeLedger(files, withFile(ledger, noted));
    const isWritten = after !== now.text;
    return isWritten && !replace(now, after) ? null : { noted, after, isWritten };
  });
  writeLedger(files, withFile(ledger, { ...noted, after_sha256: digestOf(after) }));
  return {
    path: change.path,
    agent: noted.agent,
    state: state === "new" ? "new" : "change",
    by_hand: command !== null && (!isByClient || isWritten),
  };
}

/** Registers by the agent's own command; false when that did not work. */
const runClient = async (parts: Applying, { program, add }: ClientCommand): Promise<boolean> =>
  (await runWithin(parts, [program, ...add], clientMs))?.exit === 0;

interface Noting {
  readonly change: Change;
  readonly found: Found;
  readonly ledger: Ledger;
}

/** What a file was before setup ever touched it, as far as that can be told. */
function noteOf(parts: Applying, { change, found, ledger }: Noting): LedgerFile {
  const { files, registered } = parts;
  const { path, text } = found;
  if (text !== null) backUp(files, path, text);
  const known = ledger.files.find((file) => file.path === path);
  const note = (before: string | null, folders: readonly string[]): LedgerFile => ({
    kind: change.kind,
    agent: change.agent?.name ?? null,
    path,
    before: before === null ? null : backUp(files, path, before),
    after_sha256: null,
    folders,
    registered,
  });
  // The client's own command may make them, so they are looked for before it runs.
  const folders = [...new Set([...(known?.folders ?? []), ...missingFolders(found.target)])];
  if (known === undefined) return note(text, folders);
  const former = backedUp(files, known);
  const isAsLeft = text === null || digestOf(text) === known.after_sha256;
  // Changed since: what is not ours of it is what comes back.
  return note(isAsLeft ? former : withoutOurs(known, text, former), folders);
}
