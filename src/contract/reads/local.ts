/** Messages by which a session of this machine reads a repository of a peer. */

import { z } from "zod";
import { Commit, Duration, Name } from "../terms.ts";
import { At, FileOutput, GlobOutput, GrepOutput, Operation } from "./reads.ts";
import { Wall } from "./sandbox.ts";
import { ToldRepositories } from "./told.ts";

export const ReadInput = z.object({
  machine: Name,
  /** A repository of that machine's policy; null when a session's handle names it. */
  repository: Name.nullable(),
  handle: Name.nullable(),
  at: At.nullable(),
  /** The commit of the page before: a reading of another commit does not continue it. */
  sha: Commit.nullable().default(null),
  operation: Operation,
});
export type ReadInput = z.infer<typeof ReadInput>;

export const RepositoriesInput = z.object({ machine: Name });
export const RepositoriesOutput = ToldRepositories.extend({ machine: Name });
export type RepositoriesOutput = z.infer<typeof RepositoriesOutput>;

/** A session there whose changes are in no commit yet. */
export const Uncommitted = z.object({ handle: z.string(), files: z.int().min(1) });

export const ReadOutput = z.object({
  machine: Name,
  repository: Name,
  sha: Commit,
  ref: z.string().nullable(),
  age_ms: Duration,
  wall: Wall,
  /** Sessions in that repository with changed files, as last told. */
  uncommitted: z.array(Uncommitted),
  answer: z.discriminatedUnion("op", [
    FileOutput.extend({ op: z.literal("file") }),
    GlobOutput.extend({ op: z.literal("glob") }),
    GrepOutput.extend({ op: z.literal("grep") }),
  ]),
});
export type ReadOutput = z.infer<typeof ReadOutput>;
