import { expect, test } from "bun:test";
import { chmodSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { GitFacts } from "../../../src/contract/lease.ts";
import { describe, sinceStart } from "../../../src/session/describe.ts";
import {
  describing,
  plainEnvironment,
  type Repository,
  repository,
} from "../../support/repository.ts";

const describeIn = (folder: string, home: string) => describe(folder, describing(home));

async function factsOf(repo: Repository): Promise<GitFacts> {
  const { git } = await describeIn(repo.tree, repo.path);
  return GitFacts.parse(git);
}

test("describe() tells the same facts however a config has git show them", async () => {
  using repo = repository();
  const shown = "[log]\n date = no-such-format\n[status]\n showUntrackedFiles = no\n";
  repo.configure(`${shown}[core]\n abbrev = 7\n quotePath = true\n[color]\n ui = always`);
  repo.write("hydrate/new.txt", "");
  expect(await factsOf(repo)).toMatchObject({ subject: "Add water", dirty: 1 });
});

test("describe() reads files under the settings that decide whether they changed", async () => {
  using repo = repository();
  const changed = async (): Promise<unknown> => (await factsOf(repo)).dirty;
  repo.write("hydrate/crlf.txt", "a\nb\n");
  repo.git("add", ".");
  repo.git("commit", "-qm", "Add lines");
  repo.git("config", "core.autocrlf", "true");
  rmSync(join(repo.tree, "crlf.txt"));
  repo.git("checkout", "-q", "crlf.txt");
  // Another time than the index has: now the content is compared, with its line ends.
  utimesSync(join(repo.tree, "crlf.txt"), 1, 1);
  expect([readFileSync(join(repo.tree, "crlf.txt"), "utf8"), await changed()]).toEqual([
    "a\r\nb\r\n",
    0,
  ]);
  chmodSync(join(repo.tree, "a.txt"), 0o755);
  expect(await changed()).toBe(1);
  repo.git("config", "core.fileMode", "false");
  expect(await changed()).toBe(0);
});

test("describe() passes over what the user and the repository exclude", async () => {
  using repo = repository();
  const changed = async (): Promise<unknown> => (await factsOf(repo)).dirty;
  for (const name of ["user", "info", "own"]) repo.write(`hydrate/new.${name}`, "");
  expect(await changed()).toBe(3);
  repo.write(".config/git/ignore", "*.user\n");
  expect(await changed()).toBe(2);
  repo.write("hydrate/.git/info/exclude", "*.info\n");
  expect(await changed()).toBe(1);
  repo.write("hydrate/.git/more", "*.own\n*.user\n");
  repo.git("config", "core.excludesFile", ".git/more");
  expect(await changed()).toBe(0);
  repo.git("config", "--unset", "core.excludesFile");
  repo.git("config", "--global", "core.excludesFile", "~/mine");
  repo.write("mine", "*.own\n*.user\n");
  expect(await changed()).toBe(0);
});

test("describe() reads a sparse, a shallow and a split-index repository", async () => {
  using repo = repository();
  repo.write("hydrate/deep/b.txt", "b\n");
  repo.write("hydrate/other/c.txt", "c\n");
  repo.git("add", ".");
  repo.git("commit", "-qm", "Add more");
  repo.git("sparse-checkout", "set", "--cone", "--sparse-index", "deep");
  expect(await factsOf(repo)).toMatchObject({ subject: "Add more", dirty: 0 });
  repo.git("sparse-checkout", "disable");
  repo.git("update-index", "--split-index");
  repo.write("hydrate/a.txt", "wine\n");
  repo.git("add", ".");
  expect(await factsOf(repo)).toMatchObject({ subject: "Add more", dirty: 1 });
  const shallow = join(repo.path, "shallow");
  repo.git("clone", "-q", "--depth=1", `file://${repo.tree}`, shallow);
  const { git } = await describeIn(shallow, repo.path);
  expect(git).toMatchObject({ subject: "Add more", dirty: 0, ahead: 0, behind: 0 });
});

test("describe() counts commits ahead of and behind the upstream, by local refs", async () => {
  using repo = repository();
  const clone = join(repo.path, "clone");
  repo.git("clone", "-q", repo.tree, clone);
  const apart = async (): Promise<unknown> => {
    const { git } = await describeIn(clone, repo.path);
    return [git?.ahead, git?.behind, git?.why];
  };
  expect(await apart()).toEqual([0, 0, undefined]);
  const inClone = (...words: string[]): string => repo.git("-C", clone, ...words);
  inClone("commit", "-q", "--allow-empty", "-m", "One");
  inClone("commit", "-q", "--allow-empty", "-m", "Two");
  repo.git("commit", "-q", "--allow-empty", "-m", "Theirs");
  expect(await apart()).toEqual([2, 0, undefined]);
  inClone("fetch", "-q");
  expect(await apart()).toEqual([2, 1, undefined]);
  inClone("pack-refs", "--all");
  expect(await apart()).toEqual([2, 1, undefined]);
  inClone("update-ref", "-d", "refs/remotes/origin/main");
  expect(await apart()).toEqual([null, null, { ahead: "no_upstream" }]);
});

test("describe() tells when the newest commits of the branch were made", async () => {
  using repo = repository();
  for (const at of [100, 200]) {
    const env = `GIT_COMMITTER_DATE=@${at} +0000`;
    const words = ["git", "commit", "-q", "--allow-empty", "-m", `At ${at}`];
    const given = { ...plainEnvironment(repo.path), [env.slice(0, 18)]: env.slice(19) };
    Bun.spawnSync(words, { cwd: repo.tree, env: given });
  }
  const { recent } = await describeIn(repo.tree, repo.path);
  expect(recent.slice(0, 2)).toEqual([
    { committedAtMs: 200_000, subject: "At 200" },
    { committedAtMs: 100_000, subject: "At 100" },
  ]);
});

test("sinceStart() counts from the newest commit down to the first that is older", () => {
  const recent = [5_000, 4_000, 3_000, 2_000, 9_000].map((committedAtMs) => ({
    committedAtMs,
    subject: `at ${committedAtMs}`,
  }));
  const subjects = ["at 5000", "at 4000", "at 3000"];
  expect(sinceStart(recent, 2_000)).toEqual({ count: 5, subjects });
  expect(sinceStart(recent, 2_001)).toEqual({ count: 3, subjects });
  expect(sinceStart(recent, 5_001)).toEqual({ count: 0, subjects: [] });
  expect(sinceStart([], 0)).toEqual({ count: 0, subjects: [] });
});
