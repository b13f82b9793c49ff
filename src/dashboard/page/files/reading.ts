/**
 * The readings of the open viewer: a folder, a search and a file, each page as the peer answered
 * it. A person's act reads; nothing is read again by itself. Draws nothing.
 */

import { batch, signal } from "@preact/signals";
import type { Peer } from "../../../contract/peer.ts";
import type { ReadInput, ReadOutput } from "../../../contract/reads/local.ts";
import { type Tab, tab } from "../state/selection.ts";
import { call, type Failure } from "../state/server.ts";
import { joined, patternOf } from "./joined.ts";

type Operation = ReadInput["operation"];

/** The machine and the repository that are read. */
export type Place = Pick<ReadInput, "machine" | "repository" | "handle" | "at">;

/** A part of the viewer: what was asked, what was answered. */
export interface Pane {
  /** The operation of its first page; null before one. */
  readonly operation: Operation | null;
  readonly shown: ReadOutput | null;
  readonly error: Failure | null;
  readonly isBusy: boolean;
}

const nothing: Pane = { operation: null, shown: null, error: null, isBusy: false };

/** The place that is read; without a repository and a handle, the person has named none yet. */
export const place = signal<Place | null>(null);
/** Names of repositories that may be meant. */
export const proposals = signal<readonly string[]>([]);
/** The folder that is listed: `""`, or `src/`. */
export const folder = signal("");
/** The list, of a folder or of a search. */
export const list = signal<Pane>(nothing);
/** The file that is open. */
export const file = signal<Pane>(nothing);
/** The line that a search led to. */
export const chosenLine = signal<number | null>(null);

let cameFrom: Tab = "sessions";

/** Lines that are shown before a chosen line. */
const linesBefore = 100;
/** A chosen line up to here is shown with the file's beginning. */
const linesFromStart = 500;

/** Opens the viewer for a peer; a session's repository is read at once. */
export function openFiles({
  peer,
  handle,
}: {
  readonly peer: Peer;
  readonly handle: string | null;
}) {
  const projects = peer.handles.flatMap(({ project }) => project ?? []);
  batch(() => {
    if (tab.value !== "files") cameFrom = tab.value;
    tab.value = "files";
    proposals.value = [...new Set(projects)].filter((name) =>
      /^[a-z0-9][a-z0-9-]{0,30}$/.test(name),
    );
    folder.value = "";
    list.value = nothing;
    file.value = nothing;
    place.value = { machine: peer.name, repository: null, handle, at: null };
  });
  if (handle !== null) void openFolder("");
}

/** Closes the viewer; nothing of the peer's files is kept. */
export function closeFiles(): void {
  batch(() => {
    tab.value = cameFrom;
    place.value = null;
    list.value = nothing;
    file.value = nothing;
  });
}

/** Reads another repository, or another commit of it. */
export function openPlace(chosen: Place): void {
  place.value = chosen;
  file.value = nothing;
  void openFolder("");
}

/** Lists a folder. */
export function openFolder(path: string): Promise<void> {
  folder.value = path;
  return begin(list, { op: "glob", pattern: patternOf(path), cursor: null });
}

/** Searches a fixed text in every file of the folder. */
export function search(pattern: string): Promise<void> {
  const glob = folder.value === "" ? null : patternOf(folder.value);
  return begin(list, { op: "grep", pattern, regexp: false, glob, context: 0, cursor: null });
}

/** Opens a file; at a line where a search led to one. */
export function openFile(path: string, line: number | null = null): Promise<void> {
  chosenLine.value = line;
  const from = line === null || line <= linesFromStart ? null : line - linesBefore;
  const lines = from === null ? null : { from, to: 1e9 };
  return begin(file, { op: "file", path, lines, cursor: null });
}

/** Closes the file. */
export function closeFile(): void {
  file.value = nothing;
}

type Shown = typeof list;

const begin = (pane: Shown, operation: Operation): Promise<void> =>
  read(pane, { ...nothing, operation, isBusy: true });

/** Reads the page after the last; of the same commit, or the daemon says that it moved on. */
export async function readMore(pane: Shown): Promise<void> {
  if (!pane.value.isBusy) await read(pane, { ...pane.value, error: null, isBusy: true });
}

async function read(pane: Shown, asked: Pane): Promise<void> {
  const from = place.value;
  const { operation, shown } = asked;
  if (from === null || operation === null) return;
  pane.value = asked;
  const input = {
    ...from,
    sha: shown?.sha ?? null,
    operation: { ...operation, cursor: shown?.answer.cursor ?? null },
  };
  const reply = await call("read", input);
  // The person has gone on meanwhile.
  if (pane.value !== asked) return;
  pane.value = reply.ok
    ? { ...asked, shown: joined(shown, reply.value), isBusy: false }
    : { ...asked, error: reply.error, isBusy: false };
}
