/** The changed files of a session, as the keeper hands them to the daemon of its machine. */

import { z } from "zod";
import { Base64url, Path } from "../terms.ts";
import { overlapPathsMax } from "./limits.ts";

/** The identity of a repository: the root commit of its first-parent chain. */
export const Identity = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/);

/** The digest of a path in a repository. */
export const PathDigest = Base64url.length(43);

/** The changed tracked files of a session's work tree, as the keeper read them. */
export const ChangedFiles = z.object({
  identity: Identity,
  /** The work tree's folder; it never leaves this machine. */
  root: Path,
  paths: z.array(PathDigest).max(overlapPathsMax),
  /** True when there are more: then nothing is said about this session. */
  more: z.boolean(),
});
export type ChangedFiles = z.infer<typeof ChangedFiles>;
