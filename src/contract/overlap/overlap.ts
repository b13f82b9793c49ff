/**
 * Messages about changed files that several sessions have in common. No path is in any of them:
 * only digests, of which the ones on the wire are keyed by their connection.
 */

import { z } from "zod";
import { FactGroup } from "../grants.ts";
import { Selector } from "../lease.ts";
import { Base64url, Branch, Duration, Fingerprint, Handle, Name, Path } from "../terms.ts";
import { Identity, PathDigest } from "./files.ts";
import {
  askedPathsMax,
  editedPathsMax,
  overlapPathsMax,
  overlapRepositoriesMax,
  overlapSessionsMax,
} from "./limits.ts";

/** A digest of 8 bytes, keyed by the exporter of the connection that carries it. */
const ShortDigest = Base64url.length(11);
const RepositoryDigest = Base64url.length(43);

export const WireOverlapInput = z.object({
  /** The caller's own repositories, keyed by the exporter of this connection. */
  repositories: z.array(RepositoryDigest).max(overlapRepositoriesMax),
});
export const WireOverlapOutput = z.object({
  sessions: z
    .array(
      z.object({
        repository: RepositoryDigest,
        /** Null when the grant hides the session. */
        name: Name.nullable(),
        branch: Branch.nullable(),
        /** True when the grant hides the branch; absent from an earlier version. */
        branch_hidden: z.boolean().optional(),
        digests: z.array(ShortDigest).max(overlapPathsMax),
        more: z.boolean(),
      }),
    )
    .max(overlapSessionsMax),
  /** True when there are more sessions. */
  more: z.boolean(),
});
export type WireOverlapOutput = z.infer<typeof WireOverlapOutput>;

export const WhoHasInput = z.object({
  identity: Identity,
  paths: z.array(PathDigest).min(1).max(askedPathsMax),
  /** Leaves out the caller's own session. */
  except: Selector.optional(),
});
/** The reason why a machine's files were not compared, or not all. */
export const NotCompared = z.enum([
  "not_granted",
  "not_reached",
  "no_answer",
  "no_session",
  "more_sessions",
]);
export type NotCompared = z.infer<typeof NotCompared>;

export const WhoHasOutput = z.object({
  sessions: z.array(
    z.object({
      /** This machine's name for the session's machine. */
      machine: Name,
      /** Null when that machine hides the session. */
      handle: Handle.nullable(),
      branch: Branch.nullable(),
      /** The groups of facts that the machine hides; absent when it does not say. */
      hidden: z.array(FactGroup).optional(),
      /** Places of the changed files in the question. */
      paths: z.array(z.int().min(0)),
      /** True when the session has changed so much that its files are unknown. */
      more: z.boolean(),
      /** The time since its machine last said so; of a session here, since its last reading. */
      age_ms: Duration,
    }),
  ),
  /** Paired machines whose sessions may have changed the files too. */
  not_compared: z.array(
    z.object({
      machine: Name,
      why: NotCompared,
      /** The time since it was last heard; null when it never was. */
      last_seen_age_ms: Duration.nullable(),
    }),
  ),
});
export type WhoHasOutput = z.infer<typeof WhoHasOutput>;

/** An edit that a session is about to make; without paths it asks for the session's work tree. */
export const EditInput = z.object({
  session: Selector,
  paths: z.array(PathDigest).max(editedPathsMax),
});
export const EditOutput = z.object({
  /** The session's work tree; null when its files are not compared. */
  tree: z.object({ root: Path, identity: Identity }).nullable(),
  /** A warning: another session has changed one of the files. */
  warning: z
    .object({
      /** The other machine, when a person named it; null for this one and for any other. */
      machine: Name.nullable(),
      here: z.boolean(),
      fingerprint: Fingerprint.nullable(),
    })
    .nullable(),
});
export type EditOutput = z.infer<typeof EditOutput>;
