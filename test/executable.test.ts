/** The built executable in dist/: the settings that it obeys, and the files beside it. */

import { afterAll, beforeAll, expect } from "bun:test";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import manifest from "../package.json";
import { executable, isBuilt, notBuilt } from "./support/executable.ts";
import { skipUnless } from "./support/skip.ts";

const test = skipUnless(isBuilt, notBuilt);

let hostile = "";
beforeAll(() => {
  hostile = mkdtempSync(join(tmpdir(), "peernet-hostile-"));
  mkdirSync(join(hostile, "home"));
  writeFileSync(join(hostile, "bunfig.toml"), 'preload = ["./planted.ts"]\n');
  writeFileSync(join(hostile, "planted.ts"), 'console.log("PLANTED");\n');
  // Obeyed, it would make every command fail with another error than the one expected here.
  writeFileSync(join(hostile, ".env"), "PEERNET_HOME=not-absolute\n");
});
afterAll(() => rmSync(hostile, { recursive: true }));

function run(...words: string[]) {
  const { exitCode, stdout, stderr } = Bun.spawnSync([executable, ...words], {
    cwd: hostile,
    env: { HOME: join(hostile, "home") },
  });
  return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
}

test("peernet runs no code and reads no setting of the folder it is started in", () => {
  expect(run("status")).toEqual({
    exitCode: 3,
    stdout: "",
    stderr: "peernet: error: the daemon is not running\n" + "peernet: hint: peernet setup\n",
  });
});

test("peernet runs in a folder that was removed, and says where it needs one", () => {
  const { folder, home } = { folder: join(hostile, "gone"), home: join(hostile, "home") };
  const inGone = (words: string) => {
    mkdirSync(folder);
    const script = `cd ${folder} && rmdir ${folder} && exec ${executable} ${words}`;
    const env = { HOME: home, PATH: process.env.PATH ?? "" };
    const { exitCode, stdout, stderr } = Bun.spawnSync(["sh", "-c", script], { env });
    return { exitCode, out: stdout.toString(), err: stderr.toString() };
  };
  expect(inGone("version")).toMatchObject({ exitCode: 0, err: "" });
  expect(inGone("status")).toMatchObject({
    exitCode: 3,
    err: "peernet: error: the daemon is not running\npeernet: hint: peernet setup\n",
  });
  expect(inGone(`activate x --pid ${process.pid}`)).toMatchObject({
    exitCode: 2,
    err:
      "peernet: error: the folder that this shell stands in was removed\n" +
      "peernet: hint: cd to another folder, then run it again\n",
  });
});

test("peernet version names the version and the commit it was built from", () => {
  const { exitCode, stdout } = run("version");
  expect(exitCode).toBe(0);
  expect(stdout).toStartWith(`peernet ${manifest.version} `);
  expect(stdout).toMatch(/commit ([0-9a-f]{40}(-dirty)?|unknown)/);
  expect(stdout).toContain(manifest.devDependencies.bun);
});

test("peernet ends with a code and a reason when nothing takes its output", () => {
  const full = openSync("/dev/full", "w");
  const { exitCode, stderr } = Bun.spawnSync([executable, "version"], { stdout: full });
  closeSync(full);
  expect(exitCode).toBe(70);
  expect(stderr.toString()).toBe(
    "peernet: error: the output could not be written: ENOSPC\n" +
      "peernet: hint: write it to a place that has room, and run the command again\n",
  );
});

test("dist holds no source map and nothing half built", () => {
  const left = readdirSync(dirname(executable)).filter((name) =>
    /\.map$|^\.build-|\.bun-build$/.test(name),
  );
  expect(left).toEqual([]);
});
