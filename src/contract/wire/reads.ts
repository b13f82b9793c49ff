/** Rows of the wire table by which a peer reads a repository at one commit. */

import { z } from "zod";
import {
  FileInput,
  FileOutput,
  GlobInput,
  GlobOutput,
  GrepInput,
  GrepOutput,
  OpenInput,
  OpenOutput,
} from "../reads/reads.ts";
import { ToldRepositories } from "../reads/told.ts";
import { Id } from "../terms.ts";
import type { WireTable } from "./rows.ts";

const reading = { reading_id: Id };
const shared = { kind: "call", surfaces: [], caller: "peer", rate: "pieces" } as const;
const errors = [
  "bad_request",
  "unauthenticated",
  "scope_denied",
  "repository_unknown",
  "policy_refused",
  "reading_gone",
  "not_ready",
  "rate_limited",
  "storage_full",
] as const;

/** Rows by which a peer reads. */
export const readRows = {
  "read/repositories": {
    ...shared,
    recorded: true,
    summary: "The repositories that this machine's policy lets the peer read, and their refs.",
    input: z.object(reading),
    output: ToldRepositories,
    errors: ["bad_request", "unauthenticated", "scope_denied", "rate_limited", "storage_full"],
  },
  "read/open": {
    ...shared,
    recorded: true,
    summary: "Open a commit of a repository that this machine's policy lets the peer read.",
    input: OpenInput,
    output: OpenOutput,
    errors: [...errors, "sandbox_unsafe", "too_large"],
  },
  "read/file": {
    ...shared,
    recorded: true,
    summary: "The lines of one file of the open commit.",
    input: FileInput.extend(reading),
    output: FileOutput,
    errors: [...errors, "path_unknown", "too_large"],
  },
  "read/glob": {
    ...shared,
    recorded: true,
    summary: "The paths of the open commit that match a pattern.",
    input: GlobInput.extend(reading),
    output: GlobOutput,
    errors,
  },
  "read/grep": {
    ...shared,
    recorded: true,
    summary: "The lines of the open commit that hold a text, or match an expression.",
    input: GrepInput.extend(reading),
    output: GrepOutput,
    errors,
  },
  "read/close": {
    ...shared,
    recorded: false,
    summary: "End a reading.",
    input: z.object(reading),
    output: z.object({}),
    errors: ["bad_request", "unauthenticated", "rate_limited", "storage_full"],
  },
} as const satisfies WireTable;
