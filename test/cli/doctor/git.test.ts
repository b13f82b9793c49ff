import { expect, test } from "bun:test";
import { gitChecks } from "../../../src/cli/doctor/git.ts";
import type { LocalHandle } from "../../../src/contract/lease.ts";
import {
  gitReasonFix,
  gitReasons,
  gitReasonText,
  isGitFault,
} from "../../../src/contract/text/git-reasons.ts";
import { status } from "../samples.ts";

const git = { sha: null, subject: null, branch: "main", dirty: 0 };

/** A live handle with these facts of git. */
function handle(more: Pick<LocalHandle, "git" | "git_why">): LocalHandle {
  const [first] = status().handles;
  if (first === undefined) throw new Error("no sample");
  const { git: _git, git_why: _why, ...rest } = first;
  return { ...rest, ...more };
}

test("gitChecks() tells each handle of whose git something is not known, with its reason", () => {
  const checks = gitChecks([
    handle({ git }),
    handle({ git: null, git_why: "foreign" }),
    handle({ git: { ...git, dirty: null, why: { dirty: "filtered" } } }),
    handle({ git: null, git_why: "a_later_one" }),
  ]);
  expect(checks.map(({ state, detail, fix }) => [state, detail.replace(/^\S+ /, ""), fix])).toEqual(
    [
      ["warning", `not read: ${gitReasonText("foreign")}`, gitReasonFix("foreign")],
      [
        "warning",
        `changes unknown: ${gitReasonText("filtered")}`,
        "in the session's folder: git status",
      ],
      ["warning", "not read: a reason of a later version: a later one", null],
    ],
  );
});

test("gitChecks() says nothing of a folder that is as many are", () => {
  const why = { sha: "no_commit", branch: "detached", ahead: "no_upstream" };
  const ordinary = [
    handle({ git: null, git_why: "no_repository" }),
    handle({ git: null, git_why: "unread" }),
    handle({ git: null }),
    handle({ git: { ...git, why } }),
  ];
  expect(gitChecks(ordinary)).toEqual([]);
});

test("gitReasons each have words that follow a colon, and a fix that is one action", () => {
  for (const reason of gitReasons) {
    expect(gitReasonText(reason)).toMatch(/^[a-z].*[^.]$/);
    const fix = gitReasonFix(reason);
    if (fix !== null)
      expect([isGitFault(reason), fix]).toEqual([true, expect.not.stringMatching(/\.$/)]);
  }
});
