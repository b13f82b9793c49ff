/** Removes from an answer the facts that a grant hides. */

import type { WireAnswer } from "../contract/ask.ts";
import { hiddenOf, lets, type Shown } from "./grants.ts";

type Git = NonNullable<WireAnswer["git"]>;

/** An answer without the facts that a grant hides; `hidden` names the groups of these nulls. */
export function shownFacts(answer: WireAnswer, shown: Shown): WireAnswer {
  const { session, lease } = answer;
  const state = lets(shown, "state")
    ? {}
    : { state: null, state_for_ms: null, age_ms: lease.renewed_age_ms };
  return {
    ...answer,
    project: lets(shown, "project") ? answer.project : null,
    git: answer.git === null ? null : shownGit(answer.git, shown),
    summary: lets(shown, "summary") ? answer.summary : null,
    session: { ...session, ...state, harness: lets(shown, "harness") ? session.harness : null },
    hidden: hiddenOf(shown),
  };
}

function shownGit(git: Git, shown: Shown): Git {
  const { ahead, behind, since_start, worktree, repository, why, ...rest } = git;
  const counts = { ahead, behind };
  const place = { worktree, repository };
  const since =
    since_start === undefined || lets(shown, "subject")
      ? since_start
      : { ...since_start, subjects: [] };
  return {
    ...rest,
    subject: lets(shown, "subject") ? rest.subject : null,
    branch: lets(shown, "branch") ? rest.branch : null,
    dirty: lets(shown, "counts") ? rest.dirty : null,
    ...(lets(shown, "counts") ? { ...defined(counts), ...defined({ since_start: since }) } : {}),
    ...(lets(shown, "project") ? defined(place) : {}),
    ...defined({ why: why === undefined ? undefined : shownReasons(why, shown) }),
  };
}

/** The reasons of visible facts: the reason of a hidden one would reveal it. */
function shownReasons({ sha, branch, dirty, ahead }: NonNullable<Git["why"]>, shown: Shown) {
  return {
    ...defined({ sha }),
    ...(lets(shown, "branch") ? defined({ branch }) : {}),
    ...(lets(shown, "counts") ? defined({ dirty, ahead }) : {}),
  };
}

/** The fields that have a value. */
const defined = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  // Each kept field has the type it had, less undefined.
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
