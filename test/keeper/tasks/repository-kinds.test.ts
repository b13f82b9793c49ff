/** Repositories that are not plain clones: each runs on its commit, or its gate is named. */

import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { TaskPlace } from "../../../src/contract/tasks/errands.ts";
import { canDelegate, cannotDelegate, type Delegated, delegated } from "../../support/delegated.ts";
import { giveTo } from "../../support/ordinary.ts";
import { skipUnless } from "../../support/skip.ts";

const test = skipUnless(canDelegate, cannotDelegate);
let user: Delegated;
let source: string;
let base: string;
beforeAll(() => {
  if (!canDelegate) return;
  user = delegated();
  source = made("source");
  user.write(join(source, "a.txt"), "one\n");
  base = committed(source, "first");
  user.write(join(source, "a.txt"), "two\n");
  base = committed(source, "second");
  user.run(["git", "-C", source, "config", "uploadpack.allowFilter", "true"]);
});
afterAll(async () => {
  if (canDelegate) await user[Symbol.asyncDispose]();
});

/** Makes an empty repository in the user's home. */
function made(name: string, ...more: readonly string[]): string {
  const path = join(user.folder, name);
  mkdirSync(path);
  giveTo(path);
  user.run(["git", "init", "-q", "-b", "main", ...more, path]);
  return path;
}

function committed(path: string, subject: string): string {
  user.run(["git", "-C", path, "add", "-A"]);
  user.run(["git", "-C", path, "commit", "-qm", subject]);
  return user.run(["git", "-C", path, "rev-parse", "HEAD"]).trim();
}

const placeOf = (name: string): TaskPlace => ({
  ...{ kind: "repository", name: "hydrate", path: `~/${name}`, clone: null },
});

async function gates(name: string, at: string) {
  const weighed = await user.errand("task_weigh", {
    ...{ task_id: Bun.randomUUIDv7(), round: 1, place: placeOf(name), base: at, bases: ["main"] },
    ...{ bundled: false, profile: "test", runner: null, command: ["true"], network: "none" },
    usd: null,
  });
  return weighed.gates.map(({ gate, why }) => `${gate}: ${why}`);
}

/** Runs a script on a commit to its end. */
async function ran(name: string, at: string, script: string) {
  const order = await user.begin({ place: placeOf(name), base: at, command: ["sh", "-c", script] });
  const { result } = await user.awaited(order, ["ended", "lost"]);
  const { state, reason, measured } = result?.short ?? {};
  return { state, reason, files: measured?.files_count, log: user.log(order) };
}

const script = "cat a.txt; echo three >> a.txt";
const done = { state: "completed", reason: null, files: 1, log: "two\n" } as const;

describe("a task on", () => {
  test("a bare repository has its gate", async () => {
    user.run(["git", "clone", "-q", "--bare", source, join(user.folder, "bare.git")]);
    expect(await gates("bare.git", base)).toEqual(["repository: no_repository"]);
  });

  test("a shallow clone runs on the commit that it has, and not on one before", async () => {
    const path = join(user.folder, "shallow");
    user.run(["git", "clone", "-q", "--depth", "1", `file://${source}`, path]);
    expect(await ran("shallow", base, script)).toEqual(done);
    const before = user.run(["git", "-C", source, "rev-parse", "HEAD~1"]).trim();
    expect(await gates("shallow", before)).toEqual(["base: missing"]);
  });

  test("a linked work tree runs", async () => {
    const tree = join(user.folder, "linked");
    user.run(["git", "-C", source, "worktree", "add", "-q", "--detach", tree]);
    expect(await ran("linked", base, script)).toEqual(done);
  });

  test("a partial clone that lacks a file ends before anything runs", async () => {
    const path = join(user.folder, "partial");
    const filter = ["--filter=blob:none", "--no-checkout"];
    user.run(["git", "clone", "-q", ...filter, `file://${source}`, path]);
    const order = await user.begin({
      ...{ place: placeOf("partial"), base, command: ["sh", "-c", script] },
    });
    const { result } = await user.awaited(order, ["ended", "lost"]);
    expect(result?.short).toMatchObject({ state: "failed", reason: "objects_missing" });
    expect(result?.short.measured.sandbox).toBeNull();
  });

  test("a repository of SHA-256 objects runs", async () => {
    const path = made("sha256", "--object-format=sha256");
    user.write(join(path, "a.txt"), "two\n");
    expect(await ran("sha256", committed(path, "first"), script)).toEqual(done);
  });

  test("a repository with a submodule leaves it empty and unchanged", async () => {
    const path = made("outer");
    user.write(join(path, "a.txt"), "two\n");
    const allow = ["-c", "protocol.file.allow=always"];
    user.run(["git", "-C", path, ...allow, "submodule", "--quiet", "add", source, "inner"]);
    const at = committed(path, "with a submodule");
    const { log, ...ended } = await ran("outer", at, `${script}; ls inner | wc -l`);
    expect(ended).toEqual({ state: "completed", reason: null, files: 1 });
    expect(log).toBe("two\n0\n");
  });

  test("a repository of large files shows the pointer, and runs no filter", async () => {
    const path = made("large");
    const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n";
    user.write(join(path, "a.txt"), pointer);
    const smudge = join(user.folder, "smudged");
    user.run(["git", "-C", path, "config", "filter.lfs.smudge", `touch ${smudge}`]);
    const plain = committed(path, "pointer");
    user.write(join(path, ".gitattributes"), "*.txt filter=lfs diff=lfs merge=lfs -text\n");
    user.run(["git", "-C", path, "add", ".gitattributes"]);
    const at = committed(path, "attributes");
    expect(at).not.toBe(plain);
    expect((await ran("large", at, script)).log).toBe(pointer);
    expect(await Bun.file(smudge).exists()).toBe(false);
  });

  test("a repository without a commit, or one that moved, has its gate", async () => {
    made("unborn");
    expect(await gates("unborn", base)).toEqual(["base: no_ref"]);
    expect(await gates("moved", base)).toEqual(["repository: gone"]);
    mkdirSync(join(user.folder, "empty"));
    giveTo(join(user.folder, "empty"));
    expect((await gates("empty", base)).join()).toStartWith("repository: ");
  });
});
