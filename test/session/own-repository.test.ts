import { expect, test } from "bun:test";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { timers } from "../../src/platform/clock/timers.ts";
import { describe } from "../../src/session/describe.ts";
import { isOwnRepository } from "../../src/session/own-repository.ts";
import { plainEnvironment, type Repository, repository } from "../support/repository.ts";

/** What a folder tells of git, and whether its repository is held to be its own. */
async function tells(repo: Repository, folder: string) {
  const { git } = await describe(folder, { environment: plainEnvironment(repo.path), timers });
  return { own: await isOwnRepository(folder), subject: git?.subject ?? null };
}

const nothing = { own: false, subject: null };

test("a plain repository, a linked work tree and a submodule are a folder's own", async () => {
  using repo = repository();
  expect(await tells(repo, repo.tree)).toEqual({ own: true, subject: "Add water" });
  const linked = join(repo.path, "linked");
  repo.git("worktree", "add", "-qb", "linked", linked);
  expect(await tells(repo, linked)).toEqual({ own: true, subject: "Add water" });
  const other = join(repo.path, "other");
  repo.git("clone", "-q", repo.tree, other);
  repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", other, "sub");
  expect(await tells(repo, join(repo.tree, "sub"))).toEqual({ own: true, subject: "Add water" });
});

test("P31: A folder tells git facts of its own repository, and reading them runs nothing of it. It names another's", async () => {
  using repo = repository();
  const secret = join(repo.tree, ".git");
  const lure = join(repo.path, "lure");
  mkdirSync(lure);
  const entry = join(lure, ".git");
  const pointing = (text: string): Promise<unknown> => {
    rmSync(entry, { recursive: true, force: true });
    writeFileSync(entry, text);
    return tells(repo, lure);
  };
  expect(await pointing(`gitdir: ${secret}\n`)).toEqual(nothing);
  expect(await pointing("gitdir: ../hydrate/.git\n")).toEqual(nothing);
  expect(await pointing("gitdir: nowhere\n")).toEqual(nothing);
  expect(await pointing("not a pointer")).toEqual(nothing);
  rmSync(entry);
  symlinkSync(secret, entry);
  expect(await tells(repo, lure)).toEqual(nothing);
});

test("a folder whose own .git shares another's history tells nothing of it", async () => {
  using repo = repository();
  const secret = join(repo.tree, ".git");
  const lure = join(repo.path, "lure");
  mkdirSync(join(lure, ".git"), { recursive: true });
  writeFileSync(join(lure, ".git", "HEAD"), "ref: refs/heads/main\n");
  writeFileSync(join(lure, ".git", "commondir"), `${secret}\n`);
  expect(await tells(repo, lure)).toEqual(nothing);
});

test("a folder whose own .git reaches for another's history by a link tells nothing", async () => {
  using repo = repository();
  const secret = join(repo.tree, ".git");
  const lure = join(repo.path, "lure");
  const reaching = (links: readonly string[]): Promise<unknown> => {
    rmSync(lure, { recursive: true, force: true });
    mkdirSync(join(lure, ".git", "refs", "heads"), { recursive: true });
    mkdirSync(join(lure, ".git", "objects", "info"), { recursive: true });
    writeFileSync(join(lure, ".git", "HEAD"), "ref: refs/heads/main\n");
    const alternates = join(lure, ".git", "objects", "info", "alternates");
    writeFileSync(alternates, `${join(secret, "objects")}\n`);
    for (const name of links) {
      rmSync(join(lure, ".git", name), { recursive: true, force: true });
      symlinkSync(join(secret, name), join(lure, ".git", name));
    }
    return tells(repo, lure);
  };
  const ways = [["objects", "refs"], ["refs"], ["refs/heads"], ["refs/heads/main"]];
  for (const links of ways) {
    expect([links, await reaching(links)]).toEqual([links, nothing]);
  }
  // Without a link it has no commit, and says so.
  expect(await reaching([])).toEqual({ own: true, subject: null });
});

test("a folder that says of itself that it is a linked work tree tells nothing", async () => {
  using repo = repository();
  const secret = join(repo.tree, ".git");
  const lure = join(repo.path, "lure");
  const forged = join(lure, "worktrees", "forged");
  mkdirSync(forged, { recursive: true });
  writeFileSync(join(lure, ".git"), `gitdir: ${forged}\n`);
  writeFileSync(join(forged, "HEAD"), "ref: refs/heads/main\n");
  writeFileSync(join(forged, "gitdir"), `${join(lure, ".git")}\n`);
  writeFileSync(join(forged, "commondir"), `${secret}\n`);
  expect(await tells(repo, lure)).toEqual(nothing);
  // As a submodule it names itself back, and shares the history all the same.
  writeFileSync(join(forged, "config"), `[core]\n\tworktree = ${lure}\n`);
  expect(await tells(repo, lure)).toEqual(nothing);
});
