import { expect, test } from "bun:test";
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GitFacts } from "../../src/contract/lease.ts";
import { Project } from "../../src/contract/terms.ts";
import { describe } from "../../src/session/describe.ts";
import { describing, type Repository, repository, temporaryFolder } from "../support/repository.ts";

const describeIn = (folder: string, home: string) => describe(folder, describing(home));

async function factsOf(repo: Repository): Promise<GitFacts> {
  const { git } = await describeIn(repo.tree, repo.path);
  if (git === null) throw new Error("git was not read");
  return GitFacts.parse(git);
}

test("describe() tells project, commit, subject, branch and number of changed files", async () => {
  using repo = repository();
  repo.write("hydrate/a.txt", "wine\n");
  repo.write("hydrate/new/b.txt", "");
  repo.write("hydrate/new/c.txt", "");
  repo.write("hydrate/staged.txt", "");
  repo.git("add", "staged.txt");
  expect(await describeIn(repo.tree, repo.path)).toMatchObject({
    root: repo.tree,
    project: "hydrate",
    git: {
      sha: repo.git("rev-parse", "HEAD"),
      subject: "Add water",
      branch: "main",
      dirty: 3,
      ahead: null,
      behind: null,
      why: { ahead: "no_upstream" },
    },
    why: null,
  });
});

test("describe() counts a staged rename, a deletion and a conflict", async () => {
  using repo = repository();
  repo.write("hydrate/d.txt", "d\n");
  repo.write("hydrate/k.txt", "k\n");
  repo.git("add", ".");
  repo.git("commit", "-qm", "Add more");
  repo.git("checkout", "-qb", "other");
  repo.write("hydrate/k.txt", "other\n");
  repo.git("commit", "-qam", "Other");
  repo.git("checkout", "-q", "main");
  repo.write("hydrate/k.txt", "main\n");
  repo.git("commit", "-qam", "Main");
  repo.tryGit("merge", "-q", "other");
  repo.git("mv", "a.txt", "moved.txt");
  rmSync(join(repo.tree, "d.txt"));
  // The conflict, the deletion, and a rename as the file that went and the one that came.
  expect((await factsOf(repo)).dirty).toBe(4);
});

test("describe() finds the work tree from a folder inside it and through a link", async () => {
  using repo = repository();
  mkdirSync(join(repo.tree, "deep/er"), { recursive: true });
  symlinkSync(join(repo.tree, "deep"), join(repo.path, "link"));
  // A .git that is no repository is passed over, as git does.
  mkdirSync(join(repo.tree, "deep/er/.git"));
  for (const folder of [
    join(repo.tree, "deep/er"),
    join(repo.path, "link/er"),
    join(repo.tree, ".git"),
  ]) {
    const { root, project, git } = await describeIn(folder, repo.path);
    expect([root, project, git?.subject]).toEqual([repo.tree, "hydrate", "Add water"]);
  }
});

test("describe() names a linked work tree by its own folder and branch", async () => {
  using repo = repository();
  const tree = join(repo.path, "fix-leak");
  repo.git("worktree", "add", "-qb", "leak", tree);
  const { root, project, git } = await describeIn(tree, repo.path);
  expect([root, project, git?.branch]).toEqual([tree, "fix-leak", "leak"]);
  expect([git?.repository, git?.worktree]).toEqual(["hydrate", "fix-leak"]);
});

test("describe() says null for sha and subject before the first commit", async () => {
  using repo = repository("fresh");
  repo.write("hydrate/a.txt", "");
  expect(await factsOf(repo)).toEqual({
    ...{ sha: null, subject: null, branch: "main", dirty: 1, ahead: null, behind: null },
    why: { sha: "no_commit", ahead: "no_upstream" },
  });
});

test("describe() says null for the branch when HEAD is detached", async () => {
  using repo = repository();
  repo.git("checkout", "-q", "--detach");
  expect(await factsOf(repo)).toMatchObject({
    ...{ branch: null, subject: "Add water", dirty: 0 },
    why: { branch: "detached", ahead: "no_upstream" },
  });
});

test("describe() reads a repository of SHA-256", async () => {
  using folder = repository();
  rmSync(join(folder.tree, ".git"), { recursive: true });
  folder.git("init", "-q", "--object-format=sha256");
  folder.git("commit", "-qm", "Longer", "--allow-empty");
  expect((await factsOf(folder)).sha).toMatch(/^[0-9a-f]{64}$/);
});

test("describe() says git null outside a work tree, and names the folder", async () => {
  using folder = temporaryFolder();
  mkdirSync(join(folder.path, "notes"));
  const root = join(folder.path, "notes");
  const nothing = { root, project: "notes", git: null, why: "no_repository", recent: [] } as const;
  expect(await describeIn(root, folder.path)).toEqual(nothing);
});

test("describe() says git null in a folder that does not exist, and at the root", async () => {
  const nowhere = "/nonexistent/peernet/notes";
  const nothing = { root: nowhere, project: "notes", git: null, why: "gone", recent: [] } as const;
  expect(await describeIn(nowhere, "/nonexistent")).toEqual(nothing);
  expect(await describeIn("/", "/nonexistent")).toMatchObject({ root: "/", project: "/" });
});

test("describe() says git null in a bare repository", async () => {
  using repo = repository();
  const bare = join(repo.path, "bare.git");
  repo.git("clone", "-q", "--bare", ".", bare);
  expect(await describeIn(bare, repo.path)).toMatchObject({ project: "bare.git", git: null });
  repo.git("config", "core.bare", "true");
  expect(await describeIn(repo.tree, repo.path)).toMatchObject({
    ...{ project: "hydrate", git: null, why: "odd_layout" },
  });
});

test("describe() says git null when HEAD names a commit that is not there", async () => {
  using repo = repository();
  repo.write("hydrate/.git/refs/heads/main", `${"1".repeat(40)}\n`);
  expect(await describeIn(repo.tree, repo.path)).toMatchObject({ git: null, why: "broken" });
});

test("describe() says git null when the repository's config cannot be read", async () => {
  using repo = repository();
  repo.configure("[filter");
  expect(await describeIn(repo.tree, repo.path)).toMatchObject({ git: null, why: "broken" });
});

test("describe() cuts a subject over 120 characters, the last one being an ellipsis", async () => {
  using repo = repository();
  const commit = async (subject: string): Promise<string | null> => {
    repo.git("commit", "-q", "--allow-empty", `--message=${subject}`);
    return (await factsOf(repo)).subject;
  };
  expect(await commit("é".repeat(120))).toBe("é".repeat(120));
  expect(await commit("é".repeat(121))).toBe(`${"é".repeat(119)}…`);
  expect(await commit("🚰".repeat(121))).toBe(`${"🚰".repeat(119)}…`);
});

test("describe() makes a subject well-formed and free of NUL whatever its bytes", async () => {
  using repo = repository();
  const commit = (message: string, encoding = ""): void => {
    const head = `tree ${repo.git("write-tree")}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000`;
    const raw = repo.write("raw", "");
    writeFileSync(raw, Buffer.from(`${head}${encoding}\n\n${message}\n`, "latin1"));
    repo.git(
      "update-ref",
      "HEAD",
      repo.git("hash-object", "-t", "commit", "-w", "--literally", raw),
    );
  };
  commit("a\xff\xfeb\xed\xa0\x80");
  expect((await factsOf(repo)).subject).toBe("a\ufffd\ufffdb\ufffd\ufffd\ufffd");
  commit("a\0b");
  expect((await factsOf(repo)).subject).toBe("a");
  commit("caf\xe9", "\nencoding ISO-8859-1");
  expect((await factsOf(repo)).subject).toBe("café");
});

test("describe() reads a subject as UTF-8 whatever encoding the user's log has", async () => {
  using repo = repository();
  repo.git("commit", "-q", "--allow-empty", "--message=Café");
  repo.configure("[i18n]\n logOutputEncoding = UTF-16");
  expect((await factsOf(repo)).subject).toBe("Café");
});

test("describe() tells an empty subject", async () => {
  using repo = repository();
  repo.git("commit", "-q", "--allow-empty", "--allow-empty-message", "--message=");
  expect((await factsOf(repo)).subject).toBe("");
});

test("describe() cuts a branch over 128 bytes between two characters", async () => {
  using repo = repository();
  const on = async (branch: string): Promise<string | null> => {
    repo.git("checkout", "-qb", branch);
    return (await factsOf(repo)).branch;
  };
  expect(await on("b".repeat(128))).toBe("b".repeat(128));
  expect(await on("b".repeat(129))).toBe("b".repeat(128));
  expect(await on(`b${"é".repeat(64)}`)).toBe(`b${"é".repeat(63)}`);
});

test("describe() cuts a project over 64 bytes between two characters", async () => {
  using repo = repository();
  const called = async (name: string): Promise<string> => {
    const tree = join(repo.path, name);
    renameSync(repo.tree, tree);
    const { project } = await describeIn(tree, repo.path);
    renameSync(tree, repo.tree);
    return Project.parse(project);
  };
  expect(await called("p".repeat(64))).toBe("p".repeat(64));
  expect(await called("p".repeat(65))).toBe("p".repeat(64));
  expect(await called(`p${"🚰".repeat(16)}`)).toBe(`p${"🚰".repeat(15)}`);
});
