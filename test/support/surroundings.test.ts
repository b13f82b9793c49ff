/** The run's own guard against a test file that changes the files after it. */

import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { machine } from "./daemon.ts";
import { differences, restore, surroundings } from "./surroundings.ts";
import { daemonUmask } from "./umask.ts";

const preload = join(import.meta.dir, "preload.ts");

/** Runs one planted test file under the preload, in a process of its own. */
function ran(body: string): { readonly code: number; readonly printed: string } {
  const folder = mkdtempSync(join(tmpdir(), "peernet-planted-"));
  try {
    writeFileSync(
      join(folder, "planted.test.ts"),
      `import { afterAll, beforeAll, test } from "bun:test";\n${body}\n`,
    );
    const { exitCode, stderr } = Bun.spawnSync(
      [process.execPath, "test", `--preload=${preload}`, "./planted.test.ts"],
      { cwd: folder, stdout: "ignore", stderr: "pipe" },
    );
    return { code: exitCode, printed: stderr.toString() };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const [what, change] of [
  ["umask", "process.umask(0o071)"],
  ["working folder", 'process.chdir("/")'],
  ["$LEFT", 'process.env.LEFT = "1"'],
  ["$PATH", "delete process.env.PATH"],
] as const) {
  test(`the preload fails a test that leaves another ${what}, and puts it back`, () => {
    const { code, printed } = ran(`
      const shared = () => [process.umask(), process.cwd(), process.env.PATH].join();
      const before = shared();
      test("one", () => { ${change}; });
      test("next", () => { if (shared() !== before) throw new Error("changed"); });`);
    expect(printed).toContain(`this test does not put back: ${what}`);
    expect(printed).toContain("(pass) next");
    expect(code).toBe(1);
  });
}

test("the preload fails a file whose hook leaves another umask", () => {
  const { code, printed } = ran('beforeAll(() => process.umask(0o071)); test("one", () => {});');
  expect(printed).toContain("a hook of a test file does not put back: umask");
  expect(code).toBe(1);
});

test("the preload passes tests and hooks that put everything back", () => {
  const { code, printed } = ran(`
    let before = 0;
    beforeAll(() => { before = process.umask(0o071); });
    afterAll(() => { process.umask(before); });
    test("one", () => { process.env.LEFT = "1"; delete process.env.LEFT; });`);
  expect([code, printed]).toEqual([0, expect.stringContaining("1 pass")]);
});

test("differences() names each part that restore() then puts back", () => {
  const before = surroundings();
  process.umask(0o071);
  process.chdir("/");
  process.env.LEFT = "1";
  expect(differences(before, surroundings())).toEqual(["umask", "working folder", "$LEFT"]);
  restore(before);
  expect(differences(before, surroundings())).toEqual([]);
});

test("machine() puts the umask back when the last of two daemons has stopped", async () => {
  const before = process.umask();
  {
    await using first = await machine("first");
    expect(process.umask()).toBe(0o077);
    {
      await using _second = await machine("second");
    }
    expect(process.umask()).toBe(0o077);
    await using again = await first.restart();
    expect([again.name, process.umask()]).toEqual(["first", 0o077]);
  }
  expect(process.umask()).toBe(before);
});

test("daemonUmask() gives back one hold when it is disposed of twice", () => {
  const before = process.umask();
  using _held = daemonUmask();
  const other = daemonUmask();
  other[Symbol.dispose]();
  other[Symbol.dispose]();
  expect([before === 0o077, process.umask()]).toEqual([false, 0o077]);
});
