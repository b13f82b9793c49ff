/**
 * Repositories that keep their refs in a reftable, which git 2.45 and later can. A git on PATH that
 * cannot skips these; one that can is used as the program too.
 */

import { expect, test } from "bun:test";
import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe } from "../../../src/session/describe.ts";
import { describing, type Repository, repository } from "../../support/repository.ts";
import { skipUnless } from "../../support/skip.ts";

const program = Bun.which("git") ?? "git";

/** Begins the repository again, with a reftable and one commit; false where git cannot. */
function hasTables(repo: Repository, ...options: readonly string[]): boolean {
  rmSync(join(repo.tree, ".git"), { recursive: true, force: true });
  repo.tryGit("init", "-q", "--initial-branch=main", "--ref-format=reftable", ...options);
  repo.tryGit("add", ".");
  repo.tryGit("commit", "-qm", "Add tables");
  return Bun.spawnSync(["ls", join(repo.tree, ".git/reftable")]).exitCode === 0;
}

function canReftable(): boolean {
  using repo = repository();
  return hasTables(repo);
}

const withReftable = skipUnless(canReftable(), "git knows no reftable");

async function factsOf(repo: Repository, folder = repo.tree) {
  const { git, why } = await describe(folder, describing(repo.path, program));
  return { git, why };
}

withReftable("describe() reads a repository that keeps its refs in a reftable", async () => {
  using repo = repository();
  for (const options of [[], ["--object-format=sha256"]]) {
    hasTables(repo, ...options);
    const sha = repo.git("rev-parse", "HEAD");
    const { git } = await factsOf(repo);
    expect(git).toMatchObject({ sha, subject: "Add tables", branch: "main", dirty: 0 });
  }
  repo.git("checkout", "-q", "--detach");
  const { git } = await factsOf(repo);
  expect(git).toMatchObject({ subject: "Add tables", branch: null });
  repo.git("checkout", "-q", "--orphan", "fresh");
  const fresh = await factsOf(repo);
  expect(fresh.git).toMatchObject({ sha: null, branch: "fresh", why: { sha: "no_commit" } });
});

withReftable("describe() reads a linked work tree and an upstream in a reftable", async () => {
  using repo = repository();
  hasTables(repo);
  const tree = join(repo.path, "fix");
  repo.git("worktree", "add", "-qb", "fix", tree);
  repo.git("config", "branch.fix.remote", ".");
  repo.git("config", "branch.fix.merge", "refs/heads/main");
  repo.git("-C", tree, "commit", "-q", "--allow-empty", "-m", "Fix");
  const { git } = await factsOf(repo, tree);
  expect(git).toMatchObject({
    subject: "Fix",
    branch: "fix",
    worktree: "fix",
    ahead: 1,
    behind: 0,
  });
});

withReftable("describe() tells nothing of a reftable that is another repository's", async () => {
  using repo = repository();
  hasTables(repo);
  renameSync(repo.tree, join(repo.path, "secret"));
  mkdirSync(repo.tree);
  repo.write("hydrate/a.txt", "a\n");
  hasTables(repo);
  const tables = join(repo.tree, ".git/reftable");
  rmSync(tables, { recursive: true });
  symlinkSync(join(repo.path, "secret/.git/reftable"), tables);
  expect(await factsOf(repo)).toEqual({ git: null, why: "foreign" });
});

test("describe() says that it does not read a reftable whose git knows none", async () => {
  using repo = repository();
  repo.git("config", "core.repositoryFormatVersion", "1");
  repo.git("config", "-f", join(repo.tree, ".git/config"), "extensions.refStorage", "reftable");
  mkdirSync(join(repo.tree, ".git/reftable"));
  const { git, why } = await factsOf(repo);
  expect([git, why]).toEqual([null, "odd_layout"]);
});
