/**
 * Carries a plan out, file by file. Setup copies each file and notes it in the ledger before
 * touching it. So setup can be ended at any point, and run again or undone.
 */

import { clientMs } from "../../contract/limits.ts";
import { type AllowableTool, isDecided } from "../../harness/allowed.ts";
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

/** Dependencies of undoing a file. */
export interface ApplyParts extends RunningParts {
  readonly files: StateFiles;
}

/** Dependencies of applying a plan. */
export interface Applying extends ApplyParts {
  readonly registered: Registered;
}

/** The outcome for one file. */
export interface Applied {
  readonly path: string;
  /** The agent that reads the file; null for peernet's own files. */
  readonly agent: string | null;
  readonly state: "new" | "change" | Undone["outcome"];
  /** True when the agent's own command failed, so that setup wrote the file instead. */
  readonly by_hand: boolean;
}

/** Carries a plan out. @throws {bad_request} {storage_full} */
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

/**
 * Undoes setup's change to one file; stops the service first when the file defines one. @throws
 * {bad_request}
 */
export async function takeBack(parts: ApplyParts, file: LedgerFile): Promise<Undone> {
  const isService = file.kind === "service" || file.kind === "keeper";
  const service = isService ? serviceAt(file.path) : null;
  if (service !== null) await disable(parts, service);
  const undone = await settled(file.path, parts.timers, () => undo(parts.files, file));
  if (service !== null) await reload(parts, service.manager);
  writeLedger(parts.files, withoutFile(readLedger(parts.files), file.path));
  return undone;
}

async function applyStep(parts: Applying, { change, state }: Step): Promise<Applied> {
  const { files } = parts;
  // Reads the file again: it may have changed while the person read the plan.
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

/** Registers peernet through the agent's own command; returns false when that command failed. */
const runClient = async (parts: Applying, { program, add }: ClientCommand): Promise<boolean> =>
  (await runWithin(parts, [program, ...add], clientMs))?.exit === 0;

interface Noting {
  readonly change: Change;
  readonly found: Found;
  readonly ledger: Ledger;
}

/** The state of a file before setup first touched it, as far as the ledger and the file show it. */
function noteOf(parts: Applying, { change, found, ledger }: Noting): LedgerFile {
  const { files, registered } = parts;
  const { path, text } = found;
  if (text !== null) backUp(files, path, text);
  const known = ledger.files.find((file) => file.path === path);
  const allowed = allowedBy(change, text, known?.allowed ?? []);
  const note = (before: string | null, folders: readonly string[]): LedgerFile => ({
    // The hooks' entry also covers the permissions in the same file.
    kind: known?.kind === "hooks" ? "hooks" : change.kind,
    agent: change.agent?.name ?? null,
    path,
    before: before === null ? null : backUp(files, path, before),
    after_sha256: null,
    folders,
    registered,
    ...(allowed.length === 0 ? {} : { allowed }),
  });
  // The client's own command may make these folders, so setup looks for them before it runs.
  const folders = [...new Set([...(known?.folders ?? []), ...missingFolders(found.target)])];
  if (known === undefined) return note(text, folders);
  const former = backedUp(files, known);
  const isAsLeft = text === null || digestOf(text) === known.after_sha256;
  // The file changed since setup wrote it: the earlier text is this one without our entries.
  return note(isAsLeft ? former : withoutOurs(known, text, former), folders);
}

/** The tools of a file that are allowed by setup alone, once a change is made. */
function allowedBy(
  { tools }: Change,
  text: string | null,
  earlier: readonly AllowableTool[],
): readonly AllowableTool[] {
  if (tools === undefined) return earlier;
  return tools.filter((tool) => earlier.includes(tool) || !isDecided(text, tool));
}
