/** The tools by which a model reads a repository of a peer. Each result is one bounded page. */

import { z } from "zod";
import { Commit, Name } from "../terms.ts";
import { searchContextMax } from "./limits.ts";
import { At, Cursor, FileOutput, Glob, GrepInput, Incomplete, RepositoryPath } from "./reads.ts";

/** `mini:hydrate`, or `mini/hydrate` for the repository of a session. */
export const ReadTarget = z.string().regex(/^[a-z0-9][a-z0-9-]{0,30}[:/][a-z0-9][a-z0-9-]{0,30}$/, {
  error: "a target is machine:repository, or machine/handle",
});

const target = ReadTarget.describe(
  "the repository as its machine names it, mini:hydrate; or a live handle in it, mini/hydrate",
);
const at = At.describe("a branch, a tag or a whole commit that may be read").optional();
const cursor = Cursor.describe("the cursor of the answer before, to go on with it").optional();

/** The target of a list: `mini:` stands for all repositories of a machine. */
const ListTarget = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,30}(:|[:/][a-z0-9][a-z0-9-]{0,30})$/, {
    error: "a target is machine:repository, machine/handle, or machine: for its repositories",
  })
  .describe("as of read_peer_file; or mini: for the repositories that mini lets this machine read");

/** The fields of these results that hold text of another machine. */
export const untrustedReadFields = ["path", "lines"] as const;

const answered = {
  message: z.string(),
  machine: Name,
  repository: Name,
  commit: Commit,
  /** The content, a line each. */
  lines: z.array(z.string()),
  /** The number of lines, paths or matches; null when it is not known. */
  total: z.int().min(0).nullable(),
  /** The reason why the answer is not whole; null for a whole one. */
  incomplete: Incomplete.nullable(),
  cursor: Cursor.nullable(),
  untrusted: z.array(z.enum(untrustedReadFields)),
  notice: z.string(),
};

const errors = [
  "bad_request",
  "peer_unknown",
  "peer_unreachable",
  "peer_timeout",
  "peer_refused",
  "scope_denied",
  "repository_unknown",
  "policy_refused",
  "path_unknown",
  "too_large",
  "reading_gone",
  "not_ready",
  "sandbox_unsafe",
  "version_unsupported",
  "rate_limited",
  "daemon_not_running",
  "daemon_silent",
] as const;

const shared = {
  kind: "call",
  surfaces: ["mcp"],
  errors,
  annotations: {
    ...{ readOnlyHint: true, destructiveHint: false, idempotentHint: true },
    openWorldHint: true,
  },
} as const;

/** The tools that read. */
export const readTools = {
  read_peer_file: {
    ...shared,
    title: "Read a file of a repository on a paired machine",
    summary:
      "Lines of a file, as committed there, where that machine's policy lets this one read. " +
      "Changed files are not in it: the message says how many there are.",
    input: z.object({
      target,
      path: RepositoryPath.describe("the path inside the repository"),
      from_line: z.int().min(1).max(1e9).describe("the first line; 1 unless given").optional(),
      to_line: z.int().min(1).max(1e9).describe("the last line").optional(),
      ...{ at, cursor },
    }),
    output: z.object({
      ...answered,
      path: z.string(),
      kind: FileOutput.shape.kind,
      first_line: z.int().min(1),
    }),
  },
  search_peer_files: {
    ...shared,
    title: "Search a repository on a paired machine",
    summary:
      "Lines that hold a text, as path:line:text, in the files committed there. A regular " +
      "expression is tried line by line; an answer that is not whole says so.",
    input: z.object({
      target,
      text: GrepInput.shape.pattern.describe("the text to find"),
      regexp: z.boolean().describe("true to take it as a regular expression").optional(),
      glob: Glob.describe("only in these files: src/**").optional(),
      context: z
        .int()
        .min(0)
        .max(searchContextMax)
        .describe("lines around each match; none unless given")
        .optional(),
      ...{ at, cursor },
    }),
    output: z.object(answered),
  },
  list_peer_files: {
    ...shared,
    title: "List the files of a repository on a paired machine",
    summary:
      "Paths that match a pattern, of the files committed there; or a machine's readable " +
      "repositories.",
    input: z.object({
      target: ListTarget,
      glob: Glob.describe("a pattern of paths: src/**; all unless given").optional(),
      ...{ at, cursor },
    }),
    output: z.object({
      ...answered,
      /** Null in a list of repositories. */
      repository: Name.nullable(),
      commit: Commit.nullable(),
    }),
  },
} as const;
