/** The program of a runner: found away from PATH, judged by its file and its version. */

import { afterAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram, folderOf } from "../../../../src/keeper/tasks/runner/program.ts";

const home = realpathSync(mkdtempSync(join(tmpdir(), "peernet-program-")));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const { signal } = new AbortController();
mkdirSync(join(home, ".local/bin"), { recursive: true });

/** A program of this system that prints its words: here, a version. */
const echo = realpathSync("/bin/echo");
const range = ">=2.1.329 <3.0.0";
const naming = (version: string) => ({ argv: [version], range });

/** Puts a program into a folder of the home; returns its path. */
function put(name: string, folder = ".local/bin"): string {
  mkdirSync(join(home, folder), { recursive: true });
  const path = join(home, folder, name);
  copyFileSync(echo, path);
  chmodSync(path, 0o755);
  return path;
}

const find = (program: string, versions = naming("2.1.329 (X)")) =>
  findProgram({ program, versions }, home, signal);

describe("findProgram()", () => {
  test("finds a program in the home, links resolved, with its digest and version", async () => {
    const path = put("real", "share");
    symlinkSync(path, join(home, ".local/bin/linked"));
    const sha256 = new Bun.CryptoHasher("sha256").update(await Bun.file(path).bytes());
    expect(await find("linked")).toEqual({
      ...{ path, version: "2.1.329" },
      sha256: sha256.digest("hex"),
    });
  });

  test("refuses a version outside of its manifest's range, and one that is not named", async () => {
    put("versioned");
    for (const version of ["2.1.328", "3.0.0", "4.0.0 (too new)"]) {
      const found = await find("versioned", naming(version));
      expect(found).toMatchObject({ why: "version" });
      expect("detail" in found && found.detail).toContain(range);
    }
    expect(await find("versioned", naming("no version"))).toMatchObject({ why: "version" });
  });

  test("refuses a script, a program that others can write, and one in a work tree", async () => {
    writeFileSync(join(home, ".local/bin/script"), "#!/bin/sh\necho 2.1.329\n", { mode: 0o755 });
    expect(await find("script")).toMatchObject({ why: "script" });
    chmodSync(put("others-write"), 0o777);
    expect(await find("others-write")).toMatchObject({ why: "missing" });
    mkdirSync(join(home, "tree/.git"), { recursive: true });
    writeFileSync(join(home, "tree/.git/HEAD"), "ref: refs/heads/main\n");
    const inTree = put("planted", "tree/node_modules/.bin");
    expect(await find(inTree)).toMatchObject({ why: "missing" });
    expect(await find("nowhere-to-be-found")).toMatchObject({ why: "missing" });
  });

  test("reads the digest again once the file is another", async () => {
    const path = put("changing");
    const before = await find("changing");
    copyFileSync("/bin/true", path);
    const after = await findProgram(
      { program: "changing", versions: { argv: ["--version"], range: ">=0.0.0" } },
      home,
      signal,
    );
    const digests = [before, after].map((each) => ("sha256" in each ? each.sha256 : each.why));
    expect(digests[0]).not.toBe(digests[1]);
  });
});

describe("folderOf()", () => {
  test("names the folder with its marker, and none without", async () => {
    const path = put("codex", "codex/bin");
    const folder = { up: 2, marker: "codex-package.json" };
    expect(await folderOf({ folder }, path)).toBeNull();
    writeFileSync(join(home, "codex/codex-package.json"), "{}");
    expect(await folderOf({ folder }, path)).toBe(join(home, "codex"));
    expect(await folderOf({}, path)).toBeNull();
  });
});
