/**
 * Reads a session's state from Claude Code's own file about it. The file is undocumented and its
 * folder holds keys. So this opens exactly the file of one process, takes four fields of it, and
 * refuses any unexpected form. Lists no folder.
 */

import type { Process, State } from "../contract/lease.ts";
import { readBounded } from "./bounded.ts";

/** The state of a session, as its harness reports it. */
export interface ToldState {
  readonly session_id: string;
  readonly state: State;
  /** The start of the state, by the wall clock. */
  readonly since_ms: number;
}

/** Reads the state of a process's session from Claude Code's folder; null when none can be read. */
export function readClaudeState(folder: string, process: Process): ToldState | null {
  if (!folder.startsWith("/")) return null;
  const text = readBounded(`${folder}/sessions/${process.pid}.json`);
  return text === null ? null : parseClaudeState(text, process);
}

/** Parses the state in the file's text; null when it is another process's, or unknown. Pure. */
export function parseClaudeState(text: string, { start_time }: Process): ToldState | null {
  const { sessionId, procStart, status, statusUpdatedAt } = fieldsOf(text);
  // The file of a killed process stays, and its number is reused.
  if (procStart !== start_time) return null;
  const state = typeof status === "string" ? states.get(status) : undefined;
  if (state === undefined || typeof sessionId !== "string") return null;
  if (typeof statusUpdatedAt !== "number" || !Number.isSafeInteger(statusUpdatedAt)) return null;
  return { session_id: sessionId, state, since_ms: statusUpdatedAt };
}

const states: ReadonlyMap<string, State> = new Map([
  ["busy", "working"],
  ["idle", "idle"],
  ["waiting", "waiting"],
]);

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
