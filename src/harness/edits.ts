/**
 * Reads the files that a tool is about to edit from the payload of a hook. Their names stay in the
 * hook: only digests of them leave it.
 */

import { isAbsolute, join } from "node:path";
import { pathBytesMax, sessionIdBytesMax } from "../contract/limits.ts";
import { editedPathsMax } from "../contract/overlap/limits.ts";
import { editEvent, type HookedAgent } from "./events.ts";
import { isPath, isText, type Payload } from "./payload.ts";

/** An edit that a session is about to make. */
export interface Edit {
  readonly session_id: string;
  /** Absolute paths of its files, a few at most. */
  readonly paths: readonly string[];
}

/** The edit in a payload; null when it is about something else. */
export function editOf(agent: HookedAgent, payload: Payload): Edit | null {
  const { hook_event_name: event, session_id, cwd, tool_input } = payload;
  if (event !== editEvent || !isText(session_id, sessionIdBytesMax) || !isPath(cwd)) return null;
  const named = agent === "codex" ? patched(tool_input) : fileOf(tool_input);
  const clean = named.filter((path) => isText(path, pathBytesMax));
  const paths = clean.map((path) => (isAbsolute(path) ? path : join(cwd, path)));
  return { session_id, paths: [...new Set(paths)].filter(isPath).slice(0, editedPathsMax) };
}

function fileOf(input: unknown): readonly unknown[] {
  const { file_path: file, notebook_path: notebook } = Object(input);
  return [file, notebook];
}

/** The files of a patch in the form of Codex. */
function patched(input: unknown): readonly string[] {
  const { command } = Object(input);
  if (typeof command !== "string") return [];
  return [...command.matchAll(patchLine)].map(([, path = ""]) => path.trim());
}

const patchLine = /^\*\*\* (?:(?:Add|Update|Delete) File|Move to): (.+)$/gm;
