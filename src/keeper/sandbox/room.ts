/** The room of a reader: the paths that it may use, and the targets of its canaries. Types only. */

import type { Wall } from "../../contract/reads/sandbox.ts";

/** A reader's room, as its starter describes it in one environment variable. */
export interface Room {
  readonly wall: Wall;
  /** The build of the starter: a reader of another build ends itself. */
  readonly build: string;
  /** A value that only the starter knows before the reader reports. */
  readonly nonce: string;
  /** The process whose end ends the reader. */
  readonly parent: number;
  /** The starter, as other processes see it. */
  readonly starter: number;
  /** Folders of git objects. */
  readonly objects: readonly string[];
  /** An empty git folder of ours. */
  readonly shell: string;
  /** The real path of git; null for a reader that only proves its walls. */
  readonly git: string | null;
  /** Folders of the system's libraries. */
  readonly libraries: readonly string[];
  /** A file of ours outside the room. */
  readonly planted: string;
  /** A folder outside the room: the user's home. */
  readonly home: string;
}

/** The environment variable that holds a room as JSON. */
export const roomVariable = "PEERNET_READER";
/** The environment variable that is set once the walls around a reader stand. */
export const insideVariable = "PEERNET_READER_INSIDE";
