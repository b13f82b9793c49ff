/** Commits that go to another machine, and come home from it: packed, moved in pieces, imported. */

import { afterAll, beforeAll, describe, expect } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TaskOrder, TaskPlace } from "../../../src/contract/tasks/errands.ts";
import type { BlobPart } from "../../../src/contract/tasks/task.ts";
import { canDelegate, cannotDelegate, type Delegated, delegated } from "../../support/delegated.ts";
import { giveTo } from "../../support/ordinary.ts";
import { skipUnless } from "../../support/skip.ts";

const test = skipUnless(canDelegate, cannotDelegate);
/** The machine that asks, and the one that runs. */
let laptop: Delegated;
let mini: Delegated;
const place: TaskPlace = { kind: "repository", name: "clone", path: "~/clone", clone: null };
const gitOf = (user: Delegated, ...words: readonly string[]): string =>
  user.run(["git", ...words], join(user.folder, "clone")).trim();

beforeAll(() => {
  if (!canDelegate) return;
  mini = delegated();
  laptop = delegated();
  const origin = join(mini.folder, "clone");
  mkdirSync(origin);
  giveTo(origin);
  gitOf(mini, "init", "-q", "-b", "main");
  mini.write(join(origin, "a.txt"), "one\n");
  gitOf(mini, "add", "-A");
  gitOf(mini, "commit", "-qm", "first");
  laptop.run(["git", "clone", "-q", origin, "clone"]);
});
afterAll(async () => {
  if (!canDelegate) return;
  await laptop[Symbol.asyncDispose]();
  await mini[Symbol.asyncDispose]();
});

const fresh = () => ({ task_id: Bun.randomUUIDv7(), round: 1 });
type Id = ReturnType<typeof fresh>;

/** Moves a part from one machine to the other, in pieces. */
async function moved(
  part: BlobPart,
  { task_id, round }: Pick<TaskOrder, "task_id" | "round">,
  way: {
    from: Delegated;
    isFromOurs: boolean;
    to: Delegated;
    whole: { bytes: number; sha256: string };
  },
): Promise<string> {
  const { from, isFromOurs, to, whole } = way;
  const blob = { task_id, round, part };
  for (let offset = 0; ; ) {
    const { piece } = await from.errand("task_get", { blob, ours: isFromOurs, offset });
    if (piece === null) throw new Error("no such part");
    const { data } = piece;
    const put = await to.errand("task_put", { blob, ours: !isFromOurs, offset, data, whole });
    if (put.put !== "more") return put.put;
    offset = put.have;
  }
}

/** Runs a command on a base at mini, and returns what the laptop needs to bring it home. */
async function ranAt(
  id: Id,
  base: string,
  { command, bundled = false }: { readonly command: string; readonly bundled?: boolean },
) {
  const order = await mini.begin({ place, base, bundled, command: ["sh", "-c", command], ...id });
  const { result } = await mini.awaited(order, ["ended"]);
  const { measured } = result?.short ?? {};
  if (measured?.commit == null || measured.bundle === null) throw new Error(JSON.stringify(result));
  const way = { from: mini, isFromOurs: false, to: laptop, whole: measured.bundle };
  expect(await moved("tree", id, way)).toBe("whole");
  const root = join(laptop.folder, "clone");
  const { commit, bundle } = measured;
  return { ...id, root, machine: "mini", name: "loader", base, commit, bundle };
}

const pack = (id: Id, more: object = {}) =>
  laptop.errand("task_pack", {
    ...{ ...id, folder: join(laptop.folder, "clone"), at: null, wip: false, bundle: true, ...more },
  });

describe("packBase()", () => {
  test("sends nothing when a remote has the base", async () => {
    const packed = await pack(fresh());
    const base = gitOf(laptop, "rev-parse", "HEAD");
    const root = join(laptop.folder, "clone");
    expect(packed).toEqual({ packed: true, root, base, bundle: null, left_out: 0 });
  });

  test("resolves a ref, and names what is none", async () => {
    expect(await pack(fresh(), { at: "origin/main" })).toMatchObject({ packed: true });
    expect(await pack(fresh(), { at: "main~0" })).toMatchObject({ packed: true });
    expect(await pack(fresh(), { at: "nothing" })).toMatchObject({ packed: false, why: "ref" });
    expect(await pack(fresh(), { at: "--all" })).toMatchObject({ packed: false, why: "ref" });
    const away = { folder: laptop.state };
    expect(await pack(fresh(), away)).toMatchObject({ packed: false, why: "not_a_clone" });
  });
});

describe("importResult()", () => {
  test("brings a commit home into one ref, and nothing else", async () => {
    const id = fresh();
    const base = gitOf(laptop, "rev-parse", "HEAD");
    const errand = await ranAt(id, base, { command: "echo two >> a.txt" });
    const before = gitOf(laptop, "for-each-ref");
    const ref = "refs/peernet/mini/loader";
    expect(await laptop.errand("task_import", errand)).toEqual({ imported: true, ref });
    expect(await laptop.errand("task_import", errand)).toEqual({ imported: true, ref });
    expect(gitOf(laptop, "show", `${ref}:a.txt`)).toBe("one\ntwo");
    expect(gitOf(laptop, "for-each-ref").split("\n").length).toBe(before.split("\n").length + 1);
    expect(gitOf(laptop, "status", "--porcelain")).toBe("");
    gitOf(laptop, "fsck", "--strict");
  });

  test("brings home what was built on uncommitted changes", async () => {
    const id = fresh();
    const file = join(laptop.folder, "clone/a.txt");
    laptop.write(file, "one\nnot committed\n");
    laptop.write(join(laptop.folder, "clone/new.txt"), "untracked\n");
    const packed = await pack(id, { wip: true });
    if (!packed.packed || packed.bundle === null) throw new Error(JSON.stringify(packed));
    expect(packed.left_out).toBe(1);
    const way = { from: laptop, isFromOurs: true, to: mini, whole: packed.bundle };
    expect(await moved("bundle", id, way)).toBe("whole");
    const errand = await ranAt(id, packed.base, { command: "echo more >> a.txt", bundled: true });
    expect(await laptop.errand("task_import", errand)).toMatchObject({ imported: true });
    const ref = "refs/peernet/mini/loader";
    expect(gitOf(laptop, "show", `${ref}:a.txt`)).toBe("one\nnot committed\nmore");
    expect(gitOf(laptop, "rev-parse", `${ref}~2`)).toBe(gitOf(laptop, "rev-parse", "HEAD"));
    expect(readFileSync(file, "utf8")).toBe("one\nnot committed\n");
    expect(gitOf(laptop, "diff", "--cached")).toBe("");
  });

  test("refuses commits that are not those of the result", async () => {
    const id = fresh();
    const base = gitOf(laptop, "rev-parse", "HEAD");
    const errand = await ranAt(id, base, { command: "echo x >> a.txt" });
    const other = "b".repeat(40);
    const tried = (more: object) => laptop.errand("task_import", { ...errand, ...more });
    expect(await tried({ commit: other })).toMatchObject({ imported: false, why: "commit" });
    expect(await tried({ base: other })).toMatchObject({ imported: false, why: "base" });
    const wrong = { ...errand.bundle, sha256: "0".repeat(64) };
    expect(await tried({ bundle: wrong })).toMatchObject({ imported: false, why: "bundle" });
    expect(await tried({ round: 2 })).toMatchObject({ imported: false, why: "gone" });
  });
});

describe("putPiece()", () => {
  test("refuses bytes beyond the whole, and a whole of another digest", async () => {
    const blob = { ...fresh(), part: "bundle" as const };
    const whole = { bytes: 3, sha256: "0".repeat(64) };
    const put = (offset: number, text: string) =>
      mini.errand("task_put", { blob, ours: false, offset, data: btoa(text), whole });
    expect(await put(0, "ab")).toEqual({ put: "more", have: 2 });
    expect(await put(0, "ab")).toEqual({ put: "more", have: 2 });
    expect(await put(2, "cd")).toEqual({ put: "wrong", have: 0 });
    expect(await put(0, "abc")).toEqual({ put: "wrong", have: 0 });
    expect(readdirSync(mini.round(blob))).toEqual([]);
  });
});

describe("discardTask()", () => {
  test("removes a task while it runs, with folders that nobody may enter", async () => {
    const base = gitOf(mini, "rev-parse", "HEAD");
    const script = "mkdir -p d/e; touch d/e/f; chmod 0 d/e d; echo on; sleep 600";
    const order = await mini.begin({ place, base, command: ["sh", "-c", script] });
    await mini.awaited(order, ["running"]);
    const { task_id } = order;
    expect(await mini.errand("task_discard", { task_id, ours: false })).toEqual({});
    expect(await mini.errand("task_discard", { task_id, ours: false })).toEqual({});
    expect(existsSync(join(mini.state, "tasks", task_id))).toBe(false);
    const left = () =>
      readdirSync(join(mini.state, "tasks")).filter((name) => name.startsWith("."));
    while (left().length > 0) await Bun.sleep(10);
    const { seen } = await mini.errand("task_await", { task_id, round: 1, known: null });
    expect(seen).toBe("absent");
  });
});
