/** The identity of a repository, and the changed files that can be compared within it. */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { overlapPathsMax } from "../../../src/contract/overlap/limits.ts";
import { describe } from "../../../src/session/describe.ts";
import { pathDigest } from "../../../src/session/overlap.ts";
import { describing, type Repository, repository } from "../../support/repository.ts";

const readIn = (repo: Repository, tree = repo.tree) =>
  describe(tree, { ...describing(repo.path), compares: "files" });

const changedIn = async (repo: Repository, tree = repo.tree) => (await readIn(repo, tree)).changed;

/** The reason why changed files cannot be compared; they are not told then. */
async function whyNotIn(repo: Repository, tree = repo.tree) {
  const { changed, changedWhy } = await readIn(repo, tree);
  return changed === undefined ? changedWhy : "compared";
}

const rootOf = (repo: Repository): string =>
  repo.git("rev-list", "--max-parents=0", "--first-parent", "HEAD").trim();

test("describe() names the changed tracked files, and no other", async () => {
  using repo = repository();
  repo.write("hydrate/a.txt", "changed");
  repo.write("hydrate/new.txt", "not tracked");
  repo.write("hydrate/src/späte datei.ts", "added");
  repo.git("add", "src");
  expect(await changedIn(repo)).toEqual({
    identity: rootOf(repo),
    paths: ["a.txt", "src/späte datei.ts"],
    more: false,
  });
  // Nobody else asks for them.
  expect((await describe(repo.tree, describing(repo.path))).changed).toBeUndefined();
});

test("describe() finds the identity alone without a look at the files", async () => {
  using repo = repository();
  repo.write("hydrate/a.txt", "changed");
  const brief = await describe(repo.tree, { ...describing(repo.path), compares: "identity" });
  expect([brief.identity, brief.changed, brief.git?.dirty]).toEqual([
    rootOf(repo),
    undefined,
    null,
  ]);
});

test("describe() finds one identity in a clone, a work tree and after a merge", async () => {
  using repo = repository();
  const root = rootOf(repo);
  const clone = join(repo.path, "clone");
  repo.git("clone", "-q", repo.tree, clone);
  expect((await changedIn(repo, clone))?.identity).toBe(root);
  repo.git("worktree", "add", "-q", join(repo.path, "fix"));
  expect((await changedIn(repo, join(repo.path, "fix")))?.identity).toBe(root);
  repo.git("checkout", "-q", "--orphan", "other");
  repo.git("commit", "-qm", "Another beginning");
  repo.git("checkout", "-q", "main");
  repo.git("merge", "-q", "--allow-unrelated-histories", "-m", "Both", "other");
  expect((await changedIn(repo))?.identity).toBe(root);
});

test("describe() has no identity for a history without its root or a commit", async () => {
  using repo = repository();
  repo.write("hydrate/a.txt", "once more");
  repo.git("commit", "-qam", "Second");
  const shallow = join(repo.path, "shallow");
  repo.git("clone", "-q", "--depth=1", `file://${repo.tree}`, shallow);
  expect(await whyNotIn(repo, shallow)).toBe("shallow");
  repo.git("config", "remote.origin.promisor", "true");
  expect(await whyNotIn(repo)).toBe("partial");
  repo.git("config", "--unset", "remote.origin.promisor");
  expect(await whyNotIn(repo)).toBe("compared");
  repo.write("hydrate/.git/info/grafts", "");
  expect(await whyNotIn(repo)).toBe("grafted");
  // The remedies that doctor names.
  repo.git("-C", shallow, "fetch", "-q", "--unshallow");
  expect((await changedIn(repo, shallow))?.identity).toBe(rootOf(repo));
  repo.git("replace", "--convert-graft-file");
  expect(await whyNotIn(repo)).toBe("compared");
  using unborn = repository("fresh");
  expect(await whyNotIn(unborn)).toBe("no_commit");
});

test("describe() stops at a bound where too many files are changed", async () => {
  using repo = repository();
  const names = Array.from({ length: 2_000 }, (_, at) => `many/${at}.txt`);
  for (const name of names) repo.write(`hydrate/${name}`, "x");
  repo.git("add", "many");
  const changed = await changedIn(repo);
  expect(changed?.more).toBe(true);
  expect(changed?.paths.length).toBe(overlapPathsMax);
});

test("pathDigest() differs by repository and by path", () => {
  const digests = [
    pathDigest("a".repeat(40), "src/a.ts"),
    pathDigest("b".repeat(40), "src/a.ts"),
    pathDigest("a".repeat(40), "src/b.ts"),
  ];
  expect(new Set(digests).size).toBe(3);
  expect(digests[0]).toMatch(/^[A-Za-z0-9_-]{43}$/);
});
