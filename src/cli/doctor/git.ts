/** Checks of the git facts of this machine's live handles. */

import type { Check } from "../../contract/doctor.ts";
import type { LocalHandle } from "../../contract/lease.ts";
import { gitReasonFix, gitReasonText, isGitFault } from "../../contract/text/git-reasons.ts";

/** One check for each handle with an avoidable gap in its git facts. */
export function gitChecks(handles: readonly LocalHandle[]): readonly Check[] {
  return handles.flatMap(({ handle, git, git_why }) => {
    const reason = git === null ? git_why : git.why?.dirty;
    if (reason === undefined || !isGitFault(reason)) return [];
    const unknown = git === null ? "not read" : "changes unknown";
    const detail = `${handle}: ${unknown}: ${gitReasonText(reason)}`;
    return [{ name: "git", state: "warning", detail, fix: gitReasonFix(reason) }];
  });
}
