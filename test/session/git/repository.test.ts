import { expect, test } from "bun:test";
import { chownSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe } from "../../../src/session/describe.ts";
import { describing, type Repository, repository } from "../../support/repository.ts";
import { skipUnless } from "../../support/skip.ts";
import { foreign, linkedInside, lureBeside, odd, otherFiles, submoduleInside } from "./lures.ts";

const promise =
  "P31: A folder tells git facts of its own repository or none, " +
  "and reading them runs nothing of it, also while another program changes it.";

/** The subject, the count of changed files and the reason for a folder. */
async function tells(repo: Repository, folder: string) {
  const { git, why } = await describe(folder, describing(repo.path));
  return { subject: git?.subject ?? null, dirty: git?.dirty ?? null, why: why ?? git?.why?.dirty };
}

const own = { subject: "Add water", dirty: 0, why: undefined };

test("a plain repository, a linked work tree and a submodule are a folder's own", async () => {
  using repo = repository();
  expect(await tells(repo, repo.tree)).toEqual(own);
  const linked = join(repo.path, "linked");
  repo.git("worktree", "add", "-qb", "linked", linked);
  expect(await tells(repo, linked)).toEqual(own);
  const other = join(repo.path, "other");
  repo.git("clone", "-q", repo.tree, other);
  repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", other, "sub");
  expect(await tells(repo, join(repo.tree, "sub"))).toEqual(own);
  repo.git("clone", "-q", "--bare", repo.tree, join(repo.path, "web", ".bare"));
  const bare = ["--git-dir", join(repo.path, "web", ".bare")];
  repo.git(...bare, "worktree", "add", "-q", join(repo.path, "web", "main"), "main");
  const { git } = await describe(join(repo.path, "web", "main"), describing(repo.path));
  expect([git?.subject, git?.repository, git?.worktree]).toEqual(["Add water", "web", "main"]);
});

for (const [name, plant] of Object.entries(foreign)) {
  test(`37: ${promise} Not where ${name}`, async () => {
    using repo = repository();
    const lure = lureBeside(repo);
    plant(lure);
    const nothing = { subject: null, dirty: null, why: "foreign" };
    expect(await tells(repo, lure.folder)).toEqual(nothing);
  });
}

for (const [name, plant] of Object.entries(odd)) {
  test(`37: ${promise} It tells nothing where ${name}`, async () => {
    using repo = repository();
    const lure = lureBeside(repo);
    plant(lure);
    const { subject, dirty, why } = await tells(repo, lure.folder);
    expect([subject, dirty]).toEqual([null, null]);
    expect(["odd_layout", "unproven", "broken"]).toContain(why ?? "");
  });
}

test("a folder whose repository lies in itself tells of that one", async () => {
  for (const make of [linkedInside, submoduleInside]) {
    using repo = repository();
    const lure = lureBeside(repo);
    make(lure);
    rmSync(join(lure.folder, "fake/index"));
    expect((await tells(repo, lure.folder)).subject).toBe("Lure");
  }
});

for (const [name, plant] of Object.entries(otherFiles)) {
  test(`37: ${promise} It counts no files where ${name}`, async () => {
    using repo = repository();
    const lure = lureBeside(repo);
    plant(lure);
    const { subject, dirty, why } = await tells(repo, lure.folder);
    expect([subject, dirty]).toEqual(["Lure", null]);
    expect(["foreign", "odd_layout"]).toContain(why ?? "");
  });
}

test("a folder tells nothing of other files by the count of its own", async () => {
  using repo = repository();
  repo.write("private/env", "token=abc\n");
  const counts: unknown[] = [];
  for (const guess of ["token=abc\n", "token=zzz\n"]) {
    const lure = lureBeside(repo);
    lure.write("env", guess);
    repo.git("-C", lure.folder, "add", "env");
    repo.git("-C", lure.folder, "commit", "-qm", "Guess");
    rmSync(join(lure.folder, "env"));
    // Through a link in the work tree, which git takes for a file that went.
    lure.link("env", join(repo.path, "private", "env"));
    counts.push((await tells(repo, lure.folder)).dirty);
    rmSync(lure.folder, { recursive: true });
  }
  expect(counts).toEqual([1, 1]);
});

test("a config that another includes is not read", async () => {
  using repo = repository();
  const lure = lureBeside(repo);
  repo.write("private.conf", `[core]\n\tworktree = ${repo.tree}\n\tautocrlf = true\n`);
  lure.set("include.path", join(repo.path, "private.conf"));
  expect(await tells(repo, lure.folder)).toEqual({ subject: "Lure", dirty: 0, why: undefined });
});

test("a repository that names its own objects as its alternates is read", async () => {
  using repo = repository();
  const lure = lureBeside(repo);
  lure.write(".git/objects/info/alternates", "../objects\n");
  expect((await tells(repo, lure.folder)).subject).toBe("Lure");
});

const asRoot = skipUnless(process.geteuid?.() === 0, "only root gives a folder to another user");

asRoot("another user's work tree is refused, unless the user's own config names it", async () => {
  using repo = repository();
  const nobody = 65_534;
  const refused = { subject: null, dirty: null, why: "refused" };
  for (const part of [".", ".git"]) {
    chownSync(join(repo.tree, part), nobody, nobody);
    expect(await tells(repo, repo.tree)).toEqual(refused);
    // The repository cannot say it of itself.
    repo.git("config", "-f", ".git/config", "safe.directory", "*");
    expect(await tells(repo, repo.tree)).toEqual(refused);
    repo.write(".gitconfig", `[safe]\n\tdirectory = ${repo.tree}\n`);
    expect(await tells(repo, repo.tree)).toEqual(own);
    rmSync(join(repo.path, ".gitconfig"));
    chownSync(join(repo.tree, part), 0, 0);
  }
  expect(existsSync(join(repo.tree, ".git"))).toBe(true);
  expect(readFileSync(join(repo.tree, "a.txt"), "utf8")).toBe("water\n");
});
