/** Two machines compare changed files: who learns of what, and who learns nothing. */

import { describe, expect, test } from "bun:test";
import { overlapPathsMax, warningsPerHourMax } from "../../../src/contract/overlap/limits.ts";
import { pathDigest } from "../../../src/session/overlap.ts";
import { machine } from "../../support/daemon.ts";
import { greeted, identity, two, whoHas, works } from "./two.ts";

const other = "b".repeat(40);

describe("overlap", () => {
  test("names the session of a machine of one's own that has changed the same file", async () => {
    const { mini, laptop } = await two("mine");
    await using _mini = mini;
    await using _laptop = laptop;
    await works(mini, "hydrate", ["src/sync.ts", "src/a.ts"]);
    await works(laptop, "api", ["src/sync.ts"]);
    await greeted(laptop, "laptop knows", async () => {
      return (await whoHas(laptop, ["src/sync.ts"])).some(({ machine }) => machine === "mini");
    });
    const found = (await whoHas(laptop, ["none", "src/a.ts", "src/sync.ts"])).filter(
      ({ machine }) => machine === "mini",
    );
    expect(found).toEqual([
      {
        machine: "mini",
        handle: "mini/hydrate",
        branch: "main",
        hidden: [],
        paths: [1, 2],
        more: false,
        age_ms: expect.any(Number) as number,
      },
    ]);
    // The same in the list of peers, for the map, and in the answer of an ask.
    const [peer] = (await laptop.calls.peers({})).peers;
    const overlaps = [{ name: "api", files: 1 }];
    expect(peer?.handles[0]?.overlaps).toEqual(overlaps);
    const asked = { handle: "mini/hydrate", question: null, thread_id: null };
    expect(await laptop.calls.ask(asked)).toMatchObject({ overlaps });
  });

  test("P66: A peer compares changed files only in a repository that both machines have and that its grant admits, and each is on record before it learns of it.", async () => {
    const { mini, laptop } = await two("mine");
    await using _mini = mini;
    await using _laptop = laptop;
    await works(mini, "hydrate", ["src/sync.ts"]);
    await works(mini, "secret", ["src/sync.ts"], { of: other });
    await works(laptop, "api", ["src/sync.ts"]);
    await greeted(laptop, "laptop knows", async () => {
      return (await whoHas(laptop, ["src/sync.ts"])).length === 2;
    });
    expect(await whoHas(laptop, ["src/sync.ts"], other)).toEqual([]);
  });

  test("needs the names of repositories for another person's machine", async () => {
    const { mini, laptop } = await two(["another"]);
    await using _mini = mini;
    await using _laptop = laptop;
    const open = { name: "laptop", entries: [{ scope: "overlap" as const, names: null }] };
    await expect(mini.calls["peers/grant"](open)).rejects.toMatchObject({
      code: "bad_request",
      hint: "peernet peers grant laptop overlap:REPOSITORY",
    });
    await works(mini, "hydrate", ["src/sync.ts"]);
    await works(laptop, "api", ["src/sync.ts"]);
    const named = { name: "laptop", entries: [{ scope: "overlap" as const, names: ["hydrate"] }] };
    await greeted(laptop, "laptop may compare", async () => {
      const [peer] = (await laptop.calls.peers({})).peers;
      return peer?.grants.ours.includes("overlap") === true;
    });
    expect((await whoHas(laptop, ["src/sync.ts"])).map(({ machine }) => machine)).toEqual([
      "laptop",
    ]);
    await mini.calls["peers/grant"](named);
    await greeted(laptop, "laptop knows", async () => {
      return (await whoHas(laptop, ["src/sync.ts"])).length === 2;
    });
    const records = (await mini.calls.audit({ verb: "overlap" })).records;
    expect(records.map(({ direction, details }) => [direction, details])).toEqual([
      ["in", JSON.stringify({ repository: "hydrate" })],
    ]);
    await mini.calls["peers/revoke"]({ name: "laptop", scopes: ["overlap"] });
    await greeted(laptop, "laptop forgets", async () => {
      return (await whoHas(laptop, ["src/sync.ts"])).length === 1;
    });
  });

  test("hides the name of a session from a machine that may not ask", async () => {
    const { mini, laptop } = await two("mine");
    await using _mini = mini;
    await using _laptop = laptop;
    await mini.calls["peers/grant"]({
      name: "laptop",
      entries: [
        { scope: "ask", names: ["other"] },
        { scope: "overlap", names: ["hydrate"] },
      ],
    });
    await works(mini, "hydrate", ["src/sync.ts"]);
    await works(laptop, "api", ["src/sync.ts"]);
    await greeted(laptop, "laptop knows", async () => {
      return (await whoHas(laptop, ["src/sync.ts"])).length === 2;
    });
    expect((await whoHas(laptop, ["src/sync.ts"]))[1]).toEqual({
      machine: "mini",
      handle: null,
      branch: null,
      hidden: ["branch"],
      paths: [0],
      more: false,
      age_ms: expect.any(Number) as number,
    });
  });

  test("says nothing of the files of a session that has changed too many", async () => {
    const { mini, laptop } = await two("mine");
    await using _mini = mini;
    await using _laptop = laptop;
    const many = Array.from({ length: overlapPathsMax }, (_, at) => `src/${at}.ts`);
    await works(mini, "hydrate", many, { more: true });
    await works(laptop, "api", ["src/0.ts"]);
    await greeted(laptop, "laptop knows", async () => {
      return (await whoHas(laptop, ["src/0.ts"])).some(({ more }) => more);
    });
    const paths = [pathDigest(identity, "src/0.ts")];
    const edit = { session: { session_id: "api" }, paths };
    expect((await laptop.calls["overlap/edit"](edit)).warning).toBeNull();
  });
});

describe("edit", () => {
  test("P67: A warning about an edit holds no name that another machine chose, and a peer that claims every file causes three an hour at most.", async () => {
    const { mini, laptop } = await two("mine");
    await using _mini = mini;
    await using _laptop = laptop;
    // A peer that claims every file of the tree.
    const all = Array.from({ length: 100 }, (_, at) => `src/${at}.ts`);
    await works(mini, "hydrate", all);
    await works(laptop, "api", ["src/0.ts"]);
    await greeted(laptop, "laptop knows", async () => {
      return (await whoHas(laptop, ["src/0.ts"])).length === 2;
    });
    const edit = async (file: string | null) =>
      laptop.calls["overlap/edit"]({
        session: { session_id: "api" },
        paths: file === null ? [] : [pathDigest(identity, file)],
      });
    expect(await edit(null)).toEqual({ tree: { root: "/home/ada/api", identity }, warning: null });
    const told = { machine: null, here: false, fingerprint: mini.daemon.fingerprint };
    expect((await edit("src/1.ts")).warning).toEqual(told);
    expect((await edit("src/1.ts")).warning).toBeNull();
    await laptop.calls["peers/rename"]({ name: "mini", to: "mini" });
    expect((await edit("src/2.ts")).warning).toEqual({ ...told, machine: "mini" });
    expect((await edit("other.ts")).warning).toBeNull();
    const warned = [];
    for (const file of all) warned.push((await edit(file)).warning);
    expect(warned.filter((warning) => warning !== null).length).toBe(warningsPerHourMax - 2);
  });

  test("warns of another session of this machine, in another work tree alone", async () => {
    await using laptop = await machine("laptop");
    await works(laptop, "api", ["src/0.ts"]);
    await works(laptop, "same", ["src/1.ts"], { root: "/home/ada/api" });
    await works(laptop, "fix", ["src/2.ts"], { root: "/home/ada/fix" });
    const edit = async (file: string) =>
      laptop.calls["overlap/edit"]({
        session: { session_id: "api" },
        paths: [pathDigest(identity, file)],
      });
    expect((await edit("src/1.ts")).warning).toBeNull();
    expect((await edit("src/2.ts")).warning).toEqual({
      machine: null,
      here: true,
      fingerprint: null,
    });
  });
});
