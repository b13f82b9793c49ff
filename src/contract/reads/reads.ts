/**
 * Messages of readings: a commit that a peer may read, and the operations on it. The same shapes
 * cross the wire, the control socket and the errands.
 */

import { z } from "zod";
import { Commit, Duration, Id, Name, text } from "../terms.ts";
import {
  listedPathsMax,
  patternCharactersMax,
  readPathBytesMax,
  readReplyBytesMax,
  searchContextMax,
  searchMatchesMax,
} from "./limits.ts";
import { Wall } from "./sandbox.ts";

/** A path inside a repository. */
export const RepositoryPath = text(readPathBytesMax).min(1);
/** A pattern of paths, such as `src/**`. */
export const Glob = text(patternCharactersMax).min(1);
/** A ref by its name, or a commit. */
export const At = text(256).regex(/^[A-Za-z0-9_][A-Za-z0-9_./+-]*$/, {
  error: "a ref is a branch's name, begins with refs/, or is a whole commit",
});
/** The place at which an answer goes on: a number that the answer before gave. */
export const Cursor = z.string().regex(/^[0-9]{1,9}$/, { error: "a cursor is the one given" });

/** The reason why an answer is not whole. */
export const Incomplete = z.enum([
  /** The reply is full: the cursor continues it. */
  "more",
  /** The time of one operation was up. */
  "deadline",
  /** The pattern was too expensive on some line: a missing match means nothing. */
  "pattern_too_expensive",
  /** More was searched than one operation may search. */
  "too_much",
]);
export type Incomplete = z.infer<typeof Incomplete>;

const answered = {
  incomplete: Incomplete.nullable(),
  /** The number of lines, paths or matches; null when it is not known. */
  total: z.int().min(0).nullable(),
  cursor: Cursor.nullable(),
};

export const FileInput = z.object({
  path: RepositoryPath,
  /** The first and the last line, from 1; null for all. */
  lines: z
    .object({ from: z.int().min(1).max(1e9), to: z.int().min(1).max(1e9) })
    .nullable()
    .default(null),
  cursor: Cursor.nullable().default(null),
});
export type FileInput = z.infer<typeof FileInput>;

export const FileOutput = z.object({
  path: z.string(),
  /** A link is told as its text and never followed; a submodule as its commit. */
  kind: z.enum(["text", "binary", "link", "submodule", "lfs"]),
  bytes: z.int().min(0),
  /** The number of the first line of `text`. */
  first_line: z.int().min(1),
  /** Null for a binary file. */
  text: z.string().max(readReplyBytesMax).nullable(),
  ...answered,
});
export type FileOutput = z.infer<typeof FileOutput>;

export const GlobInput = z.object({
  pattern: Glob,
  cursor: Cursor.nullable().default(null),
});
export type GlobInput = z.infer<typeof GlobInput>;

export const GlobOutput = z.object({
  paths: z.array(z.string().max(readPathBytesMax)).max(listedPathsMax),
  ...answered,
});
export type GlobOutput = z.infer<typeof GlobOutput>;

export const GrepInput = z.object({
  pattern: text(patternCharactersMax).min(1),
  /** False for a fixed text. */
  regexp: z.boolean().default(false),
  glob: Glob.nullable().default(null),
  /** Lines around each match. */
  context: z.int().min(0).max(searchContextMax).default(0),
  cursor: Cursor.nullable().default(null),
});
export type GrepInput = z.infer<typeof GrepInput>;

export const Match = z.object({
  path: z.string(),
  line: z.int().min(1),
  text: z.string(),
  before: z.array(z.string()).max(searchContextMax),
  after: z.array(z.string()).max(searchContextMax),
});
export type Match = z.infer<typeof Match>;

export const GrepOutput = z.object({
  matches: z.array(Match).max(searchMatchesMax),
  /** Files that were searched. */
  files: z.int().min(0),
  ...answered,
});
export type GrepOutput = z.infer<typeof GrepOutput>;

/** One operation on an open reading. */
export const Operation = z.discriminatedUnion("op", [
  FileInput.extend({ op: z.literal("file") }),
  GlobInput.extend({ op: z.literal("glob") }),
  GrepInput.extend({ op: z.literal("grep") }),
]);
export type Operation = z.infer<typeof Operation>;

/** The end of an operation inside the reader. */
export const OperationEnd = z.discriminatedUnion("end", [
  z.object({ end: z.literal("file"), value: FileOutput }),
  z.object({ end: z.literal("glob"), value: GlobOutput }),
  z.object({ end: z.literal("grep"), value: GrepOutput }),
  /** No such path, or one that is denied: `denied` tells them apart for the local record alone. */
  z.object({ end: z.literal("absent"), denied: z.boolean() }),
  z.object({ end: z.literal("too_large"), bytes: z.int().min(0) }),
  z.object({ end: z.literal("bad_pattern") }),
]);
export type OperationEnd = z.infer<typeof OperationEnd>;

export const OpenInput = z.object({
  reading_id: Id,
  /** A repository of the other machine's policy; null when a session's handle names it. */
  repository: Name.nullable(),
  handle: Name.nullable(),
  at: At.nullable(),
});
export type OpenInput = z.infer<typeof OpenInput>;

export const OpenOutput = z.object({
  sha: Commit,
  /** The ref that was read; null for a commit. */
  ref: z.string().nullable(),
  repository: Name,
  files: z.int().min(0),
  /** The commit's age. */
  age_ms: Duration,
  expires_in_ms: Duration,
  wall: Wall,
});
export type OpenOutput = z.infer<typeof OpenOutput>;
