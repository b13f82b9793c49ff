/**
 * Decides which of this machine's sessions a peer may compare its own changed files with, and in
 * which form. Pure.
 */

import type { ChangedFiles } from "../../contract/overlap/files.ts";
import { newRepositoriesMax, overlapSessionsMax } from "../../contract/overlap/limits.ts";
import type { WireOverlapOutput } from "../../contract/overlap/overlap.ts";
import { fittingName } from "../../contract/text/naming.ts";
import { type At, type Grants, lets, liveEntries, permits } from "../grants.ts";
import type { Lease } from "../sessions/lease.ts";
import { repositoryDigest, type Sha256, shortDigest } from "./digests.ts";

/** A live session, and its changed files. */
export interface Changed {
  readonly lease: Lease;
  readonly files: ChangedFiles;
}

/** The repository of a session, by the name that a grant uses. */
export const repositoryName = ({ git, project }: Lease): string =>
  fittingName(git?.repository ?? project);

/**
 * True when a peer may compare files of a repository. A machine that is not the person's own may
 * do so only in repositories that its grant names.
 */
export function mayCompare(grants: Grants, repository: string, at: At): boolean {
  const entry = liveEntries(grants, at).find(({ scope }) => scope === "overlap");
  if (entry === undefined) return false;
  return entry.names === null ? grants.mine : entry.names.includes(repository);
}

/** A peer's question. */
export interface Comparing {
  readonly sha256: Sha256;
  /** The exporter of its connection. */
  readonly key: Uint8Array;
  /** The repositories that it has, keyed by that. */
  readonly repositories: readonly string[];
  readonly grants: Grants;
  readonly at: At;
}

/** The sessions in repositories that the peer has too, and that its grant names. */
export function compared(all: readonly Changed[], comparing: Comparing): readonly Changed[] {
  const asked = new Set(comparing.repositories);
  const { sha256, key, grants, at } = comparing;
  const known = new Map<string, boolean>();
  return all.filter(({ lease, files: { identity } }) => {
    const isAsked = known.get(identity) ?? asked.has(repositoryDigest(sha256, key, identity));
    known.set(identity, isAsked);
    return isAsked && mayCompare(grants, repositoryName(lease), at);
  });
}

/** Sessions in the form for the peer: name and branch only as far as it may ask. */
export function toldSessions(
  sessions: readonly Changed[],
  { sha256, key, grants, at }: Comparing,
): Pick<WireOverlapOutput, "sessions" | "more"> {
  const told = sessions.slice(0, overlapSessionsMax).map(({ lease, files }) => {
    const asks = permits(grants, { scope: "ask", name: lease.name }, at);
    const showsBranch = asks.permitted && lets(asks.shown, "branch");
    return {
      repository: repositoryDigest(sha256, key, files.identity),
      name: asks.permitted ? lease.name : null,
      branch: showsBranch ? (lease.git?.branch ?? null) : null,
      branch_hidden: !showsBranch,
      digests: files.more
        ? []
        : files.paths.flatMap((path) => shortDigest(sha256, key, path) ?? []),
      more: files.more,
    };
  });
  return { sessions: told, more: sessions.length > overlapSessionsMax };
}

/** The repositories that a peer has learned of, in one day. */
export interface Learned {
  readonly all: ReadonlySet<string>;
  readonly dayMs: number;
  readonly today: number;
}

const dayMs = 86_400_000;

/** No repository yet. */
export const noneLearned: Learned = { all: new Set(), dayMs: Number.NEGATIVE_INFINITY, today: 0 };

/** The new repositories that a peer may learn of now, and its knowledge after that. */
export function learning(
  learned: Learned,
  identities: readonly string[],
  nowMs: number,
): { readonly fresh: readonly string[]; readonly after: Learned } {
  const isToday = nowMs - learned.dayMs < dayMs;
  const spent = isToday ? learned.today : 0;
  const unknown = [...new Set(identities)].filter((identity) => !learned.all.has(identity));
  const fresh = unknown.slice(0, newRepositoriesMax - spent);
  if (fresh.length === 0) return { fresh, after: learned };
  return {
    fresh,
    after: {
      all: new Set([...learned.all, ...fresh]),
      dayMs: isToday ? learned.dayMs : nowMs,
      today: spent + fresh.length,
    },
  };
}
