import { expect, test } from "bun:test";
import { factRows, gitShort, projectShown } from "../../../src/cli/frame/facts.ts";
import { wireAnswer } from "../samples.ts";
import { stage } from "../support.ts";

const git = {
  sha: "91c0d7e000000000000000000000000000000000",
  subject: null,
  branch: "main",
  dirty: 3,
};

test("gitShort() tells changed files and how far the upstream is apart, and no zeros", () => {
  expect(gitShort(git, [])).toBe("main 91c0d7e +3");
  expect(gitShort({ ...git, ahead: 2, behind: 0 }, [])).toBe("main 91c0d7e +3 ↑2");
  expect(gitShort({ ...git, dirty: 0, ahead: 0, behind: 1 }, [])).toBe("main 91c0d7e ↓1");
  expect(gitShort({ ...git, dirty: null, ahead: null, behind: null }, [])).toBe("main 91c0d7e +?");
  expect(gitShort(null, [])).toBe("–");
});

test("projectShown() names a linked work tree with its repository", () => {
  const linked = { ...git, worktree: "web-fix", repository: "web" };
  expect(projectShown("web-fix", linked)).toBe("web (worktree web-fix)");
  expect([projectShown("web", git), projectShown("web", null)]).toEqual(["web", "web"]);
});

/** The cells of the rows about git, in one text. */
function shown(changed: Partial<typeof wireAnswer>): string {
  const rows = factRows(stage().io, { ...wireAnswer, summary: null, ...changed });
  return rows.map(({ cells }) => cells.join("|")).join("\n");
}

test("factRows() tells the reason beside a fact that is not known", () => {
  expect(shown({ git: null, git_why: "foreign" })).toContain(
    "git|– the folder's .git leads to another repository|",
  );
  expect(shown({ git: null })).toContain("git|–|");
  const late = { ...git, dirty: null, why: { dirty: "late" }, age_ms: 0 };
  expect(shown({ git: late })).toContain(
    "git|main 91c0d7e, changes unknown: git took too long|seen now",
  );
});

test("factRows() tells the commits since a session began, where there are some", () => {
  const since = (count: number, subjects: readonly string[]) =>
    shown({ git: { ...git, since_start: { count, subjects: [...subjects] }, age_ms: 0 } });
  expect(since(4, ["c", "b", "a"])).toContain('\n|4 commits since it began: "c", "b", "a"');
  expect(since(1, ["a"])).toContain('\n|1 commit since it began: "a"');
  expect(since(100, ["c"])).toContain('\n|100 commits or more since it began: "c"');
  expect(since(0, [])).not.toContain("began");
});
