/**
 * The canaries of a reader, tried by an ordinary user: all are shut behind all guards, and each
 * guard that is taken away opens canaries of its own. A canary that no missing guard opens would
 * prove nothing.
 */

import { afterAll, describe, expect } from "bun:test";
import { cpSync, existsSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { canaryCount, type Tried } from "../../../src/keeper/sandbox/canaries.ts";
import { allGuards, type Guards } from "../../../src/keeper/sandbox/enclose.ts";
import { makePlace } from "../../../src/keeper/sandbox/place.ts";
import { type Room, roomVariable } from "../../../src/keeper/sandbox/room.ts";
import {
  canBeOrdinary,
  giveTo,
  ordinarily,
  ordinaryFolder,
  ordinaryRuntime,
} from "../../support/ordinary.ts";
import { skipUnless } from "../../support/skip.ts";

const test = skipUnless(canBeOrdinary, "the sandbox needs Linux, and setpriv under root");
const root = join(import.meta.dir, "../../..");
const folder = ordinaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));
// The user may not enter this checkout.
for (const name of ["src", "test", "package.json"]) {
  cpSync(join(root, name), join(folder, name), { recursive: true });
}
/** A process of the same user, as the keeper is to a reader. */
const other = Bun.spawn([...ordinarily, "sleep", "600"], { cwd: "/" });
afterAll(() => other.kill());
const script = join(folder, "test/keeper/sandbox/caught.ts");

/** Tries every canary behind some guards. */
async function tried(without: readonly (keyof Guards)[]): Promise<readonly Tried[]> {
  const { shell, planted, remove } = await makePlace(folder, "sha1");
  for (const path of [shell, planted, `${planted}.second`, join(planted, "..")]) giveTo(path);
  const runtime = realpathSync(ordinaryRuntime);
  const libraries = ["/usr/lib", "/usr/lib64", "/lib", "/lib64", runtime].filter(existsSync);
  const room: Omit<Room, "parent" | "build"> & { readonly without: readonly string[] } = {
    ...{ wall: "landlock", nonce: "n", starter: other.pid, git: null, shell, planted, without },
    objects: [join(folder, "src"), join(folder, "test"), join(folder, "package.json")],
    libraries: libraries.map((path) => realpathSync(path)),
    home: folder,
  };
  const child = Bun.spawn([...ordinarily, ordinaryRuntime, script], {
    cwd: "/",
    env: { PATH: "/usr/bin:/bin", [roomVariable]: JSON.stringify(room) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const text = await new Response(child.stdout).text();
  remove();
  return JSON.parse(text);
}

const open = (all: readonly Tried[]): readonly string[] =>
  all.filter(({ isExpected }) => !isExpected).map(({ name }) => name);

describe("tryCanaries()", () => {
  const promise =
    "P46: A reader serves only after every way out was found shut from inside the walls of this very " +
    "start.";
  test(promise, async () => {
    const all = await tried([]);
    expect(all.length).toBe(canaryCount);
    expect(open(all)).toEqual([]);
    expect(all.find(({ name }) => name === "test a name outside")?.result).toBe("open");
  });

  const names = Object.keys(allGuards) as (keyof Guards)[];
  for (const guard of names) {
    test(`finds a way out when the guard of ${guard} is missing`, async () => {
      expect(open(await tried([guard])).length).toBeGreaterThan(0);
    });
  }

  test("finds every way out open when all guards are missing", async () => {
    const shut = (await tried(names)).filter(({ result }) => !result.startsWith("open"));
    expect(shut.map(({ name, result }) => `${name}: ${result}`)).toEqual([]);
  });
});
