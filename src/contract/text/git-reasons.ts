/**
 * Reasons why a git fact is unknown, each with its words. Loads nothing, so that the fast paths of
 * the command line may import it.
 */

/** Every reason of this version, and the words for it. */
const words = {
  late: "git took too long",
  unread: "git was not read",
  no_git: "no git of this system was found",
  no_repository: "the folder is in no repository",
  gone: "the folder is gone",
  foreign: "the folder's .git leads to another repository",
  unproven: "the repository does not name this folder back",
  refused: "another user owns the folder, and safe.directory does not name it",
  odd_layout: "the repository has a form that peernet does not read",
  shallow: "the clone is shallow, so its first commit is unknown",
  grafted: "the history is grafted, so its first commit is unknown",
  partial: "the clone is partial, so its first commit may be elsewhere",
  broken: "git could not read the repository",
  filtered: "only a filter, which peernet does not run, could tell",
  no_commit: "no commit yet",
  detached: "on no branch",
  no_upstream: "the branch has no upstream",
} as const;

/** A reason why a git fact is unknown. */
export type Reason = keyof typeof words;

/** True for a reason of this version. */
export const isReason = (text: string): text is Reason => Object.hasOwn(words, text);

/** The reasons, as a list. */
export const gitReasons = Object.keys(words).filter(isReason);

/** The words for a reason; a reason of a later version is named as such. */
export const gitReasonText = (reason: string): string =>
  isReason(reason) ? words[reason] : `a reason of a later version: ${reason.replaceAll("_", " ")}`;

/** Reasons that are a folder's ordinary state, with nothing to mend. */
const ordinary: readonly Reason[] = [
  "unread",
  "no_repository",
  "no_commit",
  "detached",
  "no_upstream",
];

/** True for a reason that a person may want to mend. */
export const isGitFault = (reason: string): boolean => !ordinary.some((each) => each === reason);

const fixes: Partial<Readonly<Record<Reason, string>>> = {
  no_git: "install git by the system's package manager",
  refused: "if you trust its owner: git config --global --add safe.directory FOLDER",
  // It renews git's index, which peernet's own git leaves alone.
  late: "in the session's folder: git status",
  filtered: "in the session's folder: git status",
  shallow: "in the session's folder: git fetch --unshallow",
  grafted: "in the session's folder: git replace --convert-graft-file",
  partial: "work in a clone that was made without --filter",
  foreign: "work in a clone with commits of its own: git clone --no-local",
  unproven: "work in a clone of it: git clone",
  odd_layout: "work in a clone of it: git clone",
  broken: "in the session's folder: git fsck",
};

/** The one action that ends a reason; null when no action is sure to. */
export const gitReasonFix = (reason: string): string | null =>
  (isReason(reason) ? fixes[reason] : null) ?? null;
