/** Fixed commands on a repository: their tree, their changes, and the commit that these become. */

import { afterAll, beforeAll, describe, expect } from "bun:test";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TaskPlace } from "../../../src/contract/tasks/errands.ts";
import { canDelegate, cannotDelegate, type Delegated, delegated } from "../../support/delegated.ts";
import { giveTo } from "../../support/ordinary.ts";
import { skipUnless } from "../../support/skip.ts";

const test = skipUnless(canDelegate, cannotDelegate);
let user: Delegated;
let clone: string;
let base: string;
let place: TaskPlace;
const git = (...words: readonly string[]): string => user.run(["git", ...words], clone).trim();
beforeAll(() => {
  if (!canDelegate) return;
  user = delegated();
  clone = join(user.folder, "clone");
  mkdirSync(clone);
  giveTo(clone);
  git("init", "-q", "-b", "main");
  user.write(join(clone, "old.txt"), "a deleted secret\n");
  git("add", "-A");
  git("commit", "-qm", "first");
  git("rm", "-q", "old.txt");
  user.write(join(clone, "a.txt"), "one\ntwo\n");
  user.write(join(clone, "run.sh"), "#!/bin/sh\necho ran\n", 0o755);
  git("add", "-A");
  git("commit", "-qm", "second");
  base = git("rev-parse", "HEAD");
  place = { kind: "repository", name: "clone", path: "~/clone", clone: null };
});
afterAll(async () => {
  if (canDelegate) await user[Symbol.asyncDispose]();
});
const shell = (script: string) => ["sh", "-c", script];

/** Runs a command to its end on the base. */
async function ended(command: readonly string[]) {
  const order = await user.begin({ place, base, command });
  const { result } = await user.awaited(order, ["ended"]);
  if (result === null) throw new Error("it has no result");
  return { order, ...result.short, folder: user.round(order), log: user.log(order) };
}

/** The whole result with its files. */
const wholeOf = (folder: string) => JSON.parse(readFileSync(join(folder, "result.json"), "utf8"));

describe("collectChanges()", () => {
  test("makes one commit on the base of all that a run changed", async () => {
    const script =
      "echo three >> a.txt; printf 'b\\0b' > b.bin; mkdir d; echo x > d/x; chmod +x d/x; " +
      "ln -s a.txt link; rm run.sh; git -C . status --short | wc -l";
    const { state, reason, measured, folder } = await ended(shell(script));
    expect([state, reason]).toEqual(["completed", null]);
    expect(measured).toMatchObject({ base, files: [], files_count: 5, added: 3, deleted: 2 });
    expect(wholeOf(folder).measured.files).toEqual([
      { path: "a.txt", added: 1, deleted: 0, mode: "100644" },
      { path: "b.bin", added: null, deleted: null, mode: "100644" },
      { path: "d/x", added: 1, deleted: 0, mode: "100755" },
      { path: "link", added: 1, deleted: 0, mode: "120000" },
      { path: "run.sh", added: 0, deleted: 2, mode: "100755" },
    ]);
    const bundle = join(folder, "tree.bundle");
    git("bundle", "verify", "-q", bundle);
    git("fetch", "-q", bundle, "refs/heads/task:refs/heads/result");
    expect(git("rev-parse", "result")).toBe(measured.commit ?? "");
    expect(git("rev-parse", "result^")).toBe(base);
    expect(git("show", "result:a.txt")).toBe("one\ntwo\nthree");
    expect(git("status", "--short", "--untracked-files=no")).toBe("");
  });

  test("makes no commit when nothing changed", async () => {
    const { state, measured, log } = await ended(["./run.sh"]);
    expect(log).toBe("ran\n");
    expect(state).toBe("completed");
    expect(measured).toMatchObject({ commit: null, bundle: null, files_count: 0 });
  });

  test("shows a run its base alone, and keeps it from the repository", async () => {
    const script =
      "exec 2>&1; git log --oneline | wc -l; git show HEAD~1:old.txt; " +
      "git cat-file --batch-all-objects " +
      "--batch-check | grep -c commit; touch .git/hooks/x /task/git/x; rm .git; " +
      "echo x > .git; git commit -qam x";
    const { log, measured } = await ended(shell(script));
    expect(log).toContain("1\nfatal: invalid object name 'HEAD~1'.\n1\n");
    expect(log).toContain("Not a directory");
    expect(log.match(/Read-only file system/g)?.length).toBeGreaterThanOrEqual(2);
    expect(log).toContain("rm: cannot remove '.git': Device or resource busy");
    expect(measured.commit).toBeNull();
  });

  test("goes on in the same tree in a later round, and commits on the base again", async () => {
    const first = await user.begin({ place, base, command: shell("echo 1 > n; echo h > ~/h") });
    await user.awaited(first, ["ended"]);
    const { task_id } = first;
    const next = { place, base, task_id, round: 2, command: shell("cat n ~/h; echo 2 >> n") };
    const second = await user.begin(next);
    const { result } = await user.awaited(second, ["ended"]);
    expect(user.log(second)).toBe("1\nh\n");
    expect(result?.short.measured).toMatchObject({ base, files_count: 1, added: 2 });
  });

  test("ends cancelled when it is stopped while its changes are collected", async () => {
    const script = "seq 4000 | xargs touch";
    const order = await user.begin({ place, base, command: shell(script) });
    await user.awaited(order, ["collecting", "ended"]);
    user.write(join(user.round(order), "stop"), "");
    const { result } = await user.awaited(order, ["ended"]);
    expect(["completed", "cancelled"]).toContain(result?.short.state ?? "none");
  });

  test("weighs a program of the tree in a later round, by the base of the first one", async () => {
    const order = await user.begin({ place, base, command: ["./run.sh"] });
    await user.awaited(order, ["ended"]);
    const { task_id } = order;
    const weighed = await user.errand("task_weigh", {
      ...{ task_id, round: 2, place, base: null, bases: null, bundled: false, profile: "test" },
      ...{ runner: null, command: ["./run.sh"], network: "none", usd: null },
    });
    expect([weighed.gates, weighed.program]).toEqual([[], order.decision.program]);
  });

  test("ends without a run when its base has gone meanwhile", async () => {
    const order = await user.begin({ place, base, command: shell("true") });
    await user.awaited(order, ["ended"]);
    const task_id = Bun.randomUUIDv7();
    const gone = { ...order, task_id, decision: { ...order.decision, base: "a".repeat(40) } };
    expect(await user.errand("task_start", { order: gone })).toEqual({ started: true });
    const { result } = await user.awaited(gone, ["ended"]);
    expect(result?.short).toMatchObject({ state: "failed", reason: "base_missing" });
    expect(existsSync(join(user.round(gone), "log"))).toBe(false);
  });
});

describe("weighTask()", () => {
  const gates = async (more: object) => {
    const weighed = await user.errand("task_weigh", {
      ...{ task_id: Bun.randomUUIDv7(), round: 1, place, base, bases: null, bundled: false },
      ...{ profile: "test", runner: null, command: ["true"], network: "none", usd: null, ...more },
    });
    return weighed.gates.map(({ gate, why }) => `${gate}: ${why}`);
  };

  test("takes a base that a named ref reaches", async () => {
    expect(await gates({ bases: ["main"] })).toEqual([]);
    expect(await gates({ bases: ["ma*"], base: git("rev-parse", "HEAD~1") })).toEqual([]);
    expect(await gates({ bases: ["refs/heads/main"] })).toEqual([]);
  });

  test("names the gate of a base that is absent, unreached or of no named ref", async () => {
    expect(await gates({ base: "a".repeat(40) })).toEqual(["base: missing"]);
    expect(await gates({ base: git("rev-parse", "HEAD:a.txt") })).toEqual(["base: missing"]);
    expect(await gates({ bases: ["release"] })).toEqual(["base: no_ref"]);
    git("checkout", "-q", "--detach");
    git("commit", "-qm", "of no branch", "--allow-empty");
    const unreached = git("rev-parse", "HEAD");
    git("checkout", "-q", "main");
    expect(await gates({ base: unreached })).toEqual(["base: unreached"]);
  });

  test("clones a repository that the policy names by its source, and fetches into it", async () => {
    const source = join(user.folder, "source.git");
    user.run(["git", "clone", "-q", "--bare", clone, source]);
    const cloned: TaskPlace = { kind: "repository", name: "copy", path: null, clone: source };
    const order = await user.begin({ place: cloned, base, command: ["./run.sh"] });
    await user.awaited(order, ["ended"]);
    expect(user.log(order)).toBe("ran\n");
    git("commit", "-qm", "third", "--allow-empty");
    const newer = git("rev-parse", "HEAD");
    git("push", "-q", source, "main");
    expect(await gates({ place: cloned, base: newer, bases: ["main"] })).toEqual([]);
    const away = { ...cloned, clone: "ext::sh -c 'touch /tmp/x'" };
    expect(await gates({ place: away })).toEqual(["repository: no_clone"]);
  });

  test("names the gate of a place or a program that is not there", async () => {
    const none = { kind: "folder", name: "x", path: "~/nothing" };
    expect(await gates({ place: none })).toEqual(["repository: gone"]);
    expect(await gates({ place: { ...none, path: "~/" } })).toEqual(["repository: too_wide"]);
    expect(await gates({ place: { ...none, path: user.state } })).toEqual(["repository: too_wide"]);
    expect(await gates({ command: ["no-such-program"] })).toEqual(["runner: program_missing"]);
    const file = join(user.folder, "open.sh");
    user.write(file, "#!/bin/sh\n", 0o755);
    expect(await gates({ command: { file } })).toEqual([]);
    user.run(["chmod", "777", file]);
    expect(await gates({ command: { file } })).toEqual(["runner: program_missing"]);
  });
});
