/** A disk without space: the refusals, the working parts, and the recovery. */

import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { join } from "node:path";
import { type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { canMount, noDisk, type SmallDisk, smallDisk } from "../support/small-disk.ts";
import { until } from "../support/until.ts";
import { failed, trail } from "./failing.ts";
import { activate, pairTwo, type Session } from "./pairing.ts";

const test = isBuilt ? skipUnless(canMount, noDisk) : skipUnless(isBuilt, notBuilt);
setDefaultTimeout(30_000);

let disk: SmallDisk;
let mini: Home;
let laptop: Home;
let working: Session;

/** A home like another, in a folder of its own. */
function homeIn(folder: string, made: Home): Home {
  const environment = { PEERNET_HOME: folder };
  return {
    ...made,
    folder,
    environment: { ...made.environment, ...environment },
    run: (words, more) => made.run(words, { ...more, environment }),
    json: (words, more) => made.json(words, { ...more, environment }),
    [Symbol.asyncDispose]: async () => {
      await made.run(["stop"], { environment });
      await made[Symbol.asyncDispose]();
    },
  };
}

beforeAll(async () => {
  if (!isBuilt || !canMount) return;
  disk = smallDisk();
  mini = homeIn(disk.path, home("mini"));
  laptop = home("laptop");
  working = await activate(mini, "hydrate");
  await pairTwo(mini, laptop);
});

afterAll(async () => {
  if (!isBuilt || !canMount) return;
  disk.free();
  working[Symbol.dispose]();
  await laptop[Symbol.asyncDispose]();
  await mini[Symbol.asyncDispose]();
  disk[Symbol.dispose]();
});

const fullAt = (folder: string) =>
  failed(70, "no space is left on the disk", `free some space on the disk that holds ${folder}`);

test("nobody is answered while there is no space for the record of it", async () => {
  const before = (await trail(mini)).length;
  disk.fill();
  expect(await mini.run(["ask", "hydrate"])).toEqual(fullAt(mini.folder));
  const { code, out } = await laptop.run(["ask", "mini/hydrate", "--json"]);
  expect(code).toBe(70);
  expect(JSON.parse(out).error).toMatchObject({ code: "storage_full" });
  expect((await trail(mini)).length).toBe(before);
});

test("an ask that a peer had no space to record is on record where it was asked", async () => {
  const { err } = await laptop.run(["ask", "mini/hydrate"]);
  expect(err).toContain("mini");
  const asked = { direction: "out", verb: "ask", outcome: "storage_full" } as const;
  expect((await trail(laptop)).at(-1)).toMatchObject(asked);
});

test("what only reads goes on without space", async () => {
  expect((await mini.run(["status"])).code).toBe(0);
  expect((await mini.run(["peers"])).code).toBe(0);
  expect(await mini.json(["audit", "verify"])).toMatchObject({ ok: true });
});

test("no window opens without space for its record", async () => {
  expect(await mini.run(["pair", "--open"])).toEqual(fullAt(mini.folder));
  expect(await mini.json(["status"])).toMatchObject({ window: { open: false } });
});

test("a home that is made on a full disk is refused, and is made once there is space", async () => {
  const environment = { PEERNET_HOME: join(disk.path, "other") };
  expect(await laptop.run(["start"], { environment })).toEqual(fullAt(environment.PEERNET_HOME));
  disk.free();
  expect((await laptop.run(["start"], { environment })).code).toBe(0);
  expect((await laptop.run(["stop"], { environment })).code).toBe(0);
});

test("stop stops on a full disk, twice, and says that it was not noted", async () => {
  await using server = homeIn(join(disk.path, "server"), home("server"));
  expect((await server.run(["start"])).code).toBe(0);
  disk.fill();
  for (const _ of [1, 2]) {
    expect(await server.run(["stop"])).toEqual({
      code: 0,
      out: "the daemon is stopped\n",
      err:
        `that was not noted in ${server.folder} (no space is left on the disk): ` +
        "the next command may start it again\n",
    });
  }
  expect((await server.run(["status"])).code).toBe(3);
  disk.free();
  expect((await server.run(["start"])).code).toBe(0);
});

test("asks are answered within 5 s of space being there again, and the chain holds", async () => {
  disk.free();
  const startedMs = performance.now();
  await until("mini answers", async () => (await laptop.run(["ask", "mini/hydrate"])).code === 0);
  expect(performance.now() - startedMs).toBeLessThan(5_000);
  expect((await mini.run(["ask", "hydrate"])).code).toBe(0);
  expect(await mini.json(["audit", "verify"])).toMatchObject({ ok: true });
});
