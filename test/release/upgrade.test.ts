/** A newer command meets the daemon of the release before: it says so, and names the restart. */

import { expect } from "bun:test";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import manifest from "../../package.json";
import { home, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";

const test = skipUnless(isBuilt, notBuilt);
const root = join(import.meta.dir, "../..");

/** This source as another version, and how it is run. */
function another(version: string): Disposable & { readonly command: readonly string[] } {
  const folder = mkdtempSync(join(tmpdir(), "peernet-version-"));
  cpSync(join(root, "src"), join(folder, "src"), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ ...manifest, version }));
  return {
    command: [process.execPath, join(folder, "src/main.ts")],
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

test("a daemon older than the command is named, with the restart, and answers", async () => {
  await using mini = home("mini");
  expect((await mini.run(["start"])).code).toBe(0);
  using newer = another("99.0.0");
  const run = async (...words: readonly string[]) => {
    const child = Bun.spawn([...newer.command, ...words], {
      cwd: mini.folder,
      env: { ...mini.environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const texts = [new Response(child.stdout).text(), new Response(child.stderr).text()] as const;
    const [out, err] = await Promise.all(texts);
    return { code: await child.exited, out, err };
  };
  expect((await run("version")).out).toStartWith("peernet 99.0.0 (");
  const named = `the daemon is ${manifest.version}, this command 99.0.0`;
  const restart = `${named}\nto restart it: peernet stop && peernet start\n`;
  const status = await run("status");
  expect([status.code, status.err]).toEqual([0, restart]);
  expect(status.out).toContain("mini   running");
  const start = await run("start");
  expect([start.code, start.err]).toEqual([0, restart]);
  expect(start.out).toContain("mini already runs");
  const doctor = await run("doctor");
  expect(doctor.out).toContain(named);
  expect(doctor.out).toContain("fix: peernet stop, then peernet start");
  // The restart that was named is one.
  expect((await run("stop")).code).toBe(0);
  expect((await run("start")).code).toBe(0);
  expect(await run("status")).toMatchObject({ code: 0, err: "" });
  expect((await mini.run(["status"])).err).toStartWith("the daemon is 99.0.0, this command ");
});
