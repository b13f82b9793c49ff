/** Checks of what git told for the live handles of this machine. */

import type { Check } from "../../contract/doctor.ts";
import type { LocalHandle } from "../../contract/lease.ts";
import { gitReasonFix, gitReasonText, isGitFault } from "../../contract/text/git-reasons.ts";

/** One check for each handle of whose git something is not known that could be. */
export function gitChecks(handles: readonly LocalHandle[]): readonly Check[] {
  return handles.flatMap(({ handle, git, git_why }) => {
    const reason = git === null ? git_why : git.why?.dirty;
    if (reason === undefined || !isGitFault(reason)) return [];
    const unknown = git === null ? "not read" : "changes unknown";
    const detail = `${handle}: ${unknown}: ${gitReasonText(reason)}`;
    return [{ name: "git", state: "warning", detail, fix: gitReasonFix(reason) }];
  });
}
