/**
 * What Claude Code's own file about a session says of its state. The file is undocumented and its
 * folder holds keys: opens exactly the one of a process, takes four fields of it, and refuses
 * everything that is not as expected. Lists nothing.
 */

import type { Process, State } from "../contract/lease.ts";
import { readBounded } from "./bounded.ts";

/** The state of a session, as its harness tells it. */
export interface ToldState {
  readonly session_id: string;
  readonly state: State;
  /** When it became so, by the wall clock. */
  readonly since_ms: number;
}

/** Reads what Claude Code says, in its folder, of the session in a process; null for nothing. */
export function readClaudeState(folder: string, process: Process): ToldState | null {
  if (!folder.startsWith("/")) return null;
  const text = readBounded(`${folder}/sessions/${process.pid}.json`);
  return text === null ? null : parseClaudeState(text, process);
}

/** Takes the state out of the file's text; null where it is another process's, or unknown. Pure. */
export function parseClaudeState(text: string, { start_time }: Process): ToldState | null {
  const { sessionId, procStart, status, statusUpdatedAt } = fieldsOf(text);
  // The file of a process that was killed stays, and its number is given again.
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
