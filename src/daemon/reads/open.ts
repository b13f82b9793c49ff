/**
 * Decides which commit a peer may open: by the policy, read again, and by what the keeper finds.
 * Holds no reading.
 */

import { PeernetError } from "../../contract/errors.ts";
import type { InputOf } from "../../contract/operation/operation.ts";
import type { OpenEnd, OpenErrand } from "../../contract/reads/errands.ts";
import {
  listedBytesMax,
  listedRefsMax,
  listedRepositoriesMax,
} from "../../contract/reads/limits.ts";
import type { ToldRepositories } from "../../contract/reads/told.ts";
import type { Wire } from "../../contract/wire.ts";
import { decide, type ReadLimits, readableRefs, readLimits } from "../../core/policy/deciding.ts";
import { fullRef } from "../../core/policy/matching.ts";
import type { Policies, Undone } from "../context/ports.ts";

/** The refs of one repository that a peer may read, by the policy as it is now. */
export interface Readable {
  readonly repository: string;
  readonly path: string;
  /** Readable refs as the rules write them. */
  readonly refs: readonly string[];
}

type PolicyFor = NonNullable<ReturnType<Policies["of"]>>;

/** The repositories that a peer may read. */
export function readableBy({ document, peers }: PolicyFor): readonly Readable[] {
  return Object.entries(document.repositories).flatMap(([repository, { path }]) => {
    const refs = readableRefs(document, { peers, repository });
    return path === undefined || refs.length === 0 ? [] : [{ repository, path, refs }];
  });
}

/** The limits under which a peer may read a ref; null when no rule allows it now. */
export function limitsFor(
  { document, peers }: PolicyFor,
  repository: string,
  ref: string,
): ReadLimits | null {
  const decision = decide(document, { act: "read", peers, repository, ref });
  return decision.allowed ? readLimits(document, decision.rules) : null;
}

const commitForm = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

/** The list of those repositories, as the peer is told of them. */
export function listedFor(current: PolicyFor): ToldRepositories {
  const all = readableBy(current);
  const repositories: ToldRepositories["repositories"] = [];
  let bytes = 0;
  for (const { repository, refs } of all.slice(0, listedRepositoriesMax)) {
    const told = { name: repository, refs: refs.slice(0, listedRefsMax) };
    // Names and patterns are ASCII; a comma follows each.
    bytes += JSON.stringify(told).length + 1;
    if (bytes > listedBytesMax) break;
    repositories.push(told);
  }
  const isCut = all.some(({ refs }) => refs.length > listedRefsMax);
  return { repositories, more: isCut || all.length > repositories.length };
}

/** The limits of any ref that a commit of a reading may stand for: all of its refs together. */
export function limitsOf(
  current: PolicyFor,
  repository: string,
  refs: readonly string[],
): ReadLimits | null {
  const all = refs.flatMap((ref) => limitsFor(current, repository, ref) ?? []);
  if (all.length === 0) return null;
  return {
    denyPaths: [...new Set(all.flatMap(({ denyPaths }) => denyPaths))],
    history: all.every(({ history }) => history),
  };
}

/** The asked commit in the form of an errand. @throws {policy_refused} with the readable refs */
export function wanted(
  current: PolicyFor,
  { repository, path, refs }: Readable,
  { at }: Pick<InputOf<Wire["read/open"]>, "at">,
): Pick<OpenErrand, "path" | "refs" | "sha" | "history"> {
  const isCommit = at !== null && commitForm.test(at);
  if (at !== null && !isCommit) {
    if (limitsFor(current, repository, at) === null) throw otherRef(repository, refs);
    return { path, refs: [fullRef(at)], sha: null, history: false };
  }
  // A pattern names no tip by itself.
  const tips = refs.filter((ref) => !ref.includes("*")).map(fullRef);
  const history = limitsOf(current, repository, refs)?.history === true;
  return { path, refs: tips, sha: isCommit ? at : null, history };
}

/** The refusal of a ref, with those that may be read. */
export const otherRef = (repository: string, refs: readonly string[]): PeernetError =>
  new PeernetError("policy_refused", {
    message: `of ${repository} no such ref may be read`,
    hint: `read one of: ${refs.join(", ")}`,
    details: { refs },
  });

type Refused = Extract<OpenEnd, { readonly opened: false }>;

/** The refusal of a commit that the keeper did not open. */
export function unopened({ why, detail }: Refused, { repository, refs }: Readable): PeernetError {
  switch (why) {
    case "ref":
      return otherRef(repository, refs);
    case "repository":
      return new PeernetError("repository_unknown", {
        message: `${repository} cannot be read there: ${detail.replaceAll("_", " ")}`,
        hint: "on that machine run: peernet policy show",
      });
    case "missing":
      return new PeernetError("repository_unknown", {
        message: `${repository} lacks objects of that commit: a shallow or partial clone`,
        hint: "on that machine run: git fetch --unshallow --refetch",
      });
    case "too_many":
      return new PeernetError("too_large", {
        message: `that commit of ${repository} has too many files`,
        hint: "git fetch it instead",
      });
    case "sandbox":
      return new PeernetError("sandbox_unsafe");
    case "ended":
      return new PeernetError("not_ready", {
        message: "its reader ended before it answered",
        hint: "read again",
      });
    default:
      return why satisfies never;
  }
}

/** The refusal when the keeper carried out nothing. */
export function unready(why: Undone): PeernetError {
  const missing: Partial<Record<Undone, string>> = {
    no_keeper: "no keeper runs there",
    unsupported: "its keeper is of an older version",
    deadline: "its keeper did not answer in time",
    full: "its keeper has too much to do",
  };
  return new PeernetError("not_ready", {
    message: missing[why] ?? "its keeper ended meanwhile",
    hint: why === "no_keeper" ? "on that machine run: peernet start" : "read again",
    details: { missing: "keeper" },
  });
}
