/** Waking Codex by its own command: the session's own program, and one fixed sentence. */

import { expect, test } from "bun:test";
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wakeNotice } from "../../src/contract/delivery/notices.ts";
import { programOf, queueTurn, type Seen } from "../../src/keeper/codex-queue.ts";
import { skipUnless } from "../support/skip.ts";

const onLinux = skipUnless(process.platform === "linux", "a program is found in /proc");
const thread = "01a20fe8-2d64-77d1-bda2-3b7b50bdd0ec";
const known = { pid: 42, start_time: "7" };
const never = (): AbortSignal => new AbortController().signal;

/** A folder with a program called codex, which notes its arguments and variables. */
function codex(exit = 0) {
  const folder = mkdtempSync(join(tmpdir(), "peernet-codex-"));
  const path = join(folder, "codex");
  writeFileSync(
    path,
    `#!/bin/sh\nprintf '%s\\n' "$@" > ${folder}/words\nenv > ${folder}/env\nexit ${exit}\n`,
  );
  chmodSync(path, 0o755);
  return {
    path,
    read: (name: string) => readFileSync(join(folder, name), "utf8"),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const seen = (path: string, more: Partial<Seen> = {}): Seen => ({
  isAlive: () => true,
  programOf: () => ({ path, environment: { HOME: "/home/ada", PATH: "/usr/bin:/bin" } }),
  ...more,
});

test("queueTurn() hands the session's program one fixed sentence", async () => {
  using at = codex();
  expect(await queueTurn({ thread, process: known }, seen(at.path), never())).toEqual({});
  expect(at.read("words")).toBe(`queue\n--thread=${thread}\n--message=${wakeNotice}\n`);
  expect(at.read("env")).toContain("HOME=/home/ada\n");
});

test("queueTurn() takes a thread that looks like an option for a thread", async () => {
  using at = codex();
  await queueTurn({ thread: "--remote=ws://x", process: known }, seen(at.path), never());
  expect(at.read("words").split("\n")[1]).toBe("--thread=--remote=ws://x");
});

test("queueTurn() starts nothing for a process that ended", async () => {
  using at = codex();
  const gone = seen(at.path, { isAlive: () => false });
  const queued = queueTurn({ thread, process: known }, gone, never());
  await expect(queued).rejects.toThrow("process has ended");
  expect(() => at.read("words")).toThrow();
});

test("queueTurn() is not supported where the program is not visible, or is another", async () => {
  for (const programOf of [() => null, () => ({ path: "/bin/sh", environment: {} })]) {
    const of = seen("/bin/sh", { programOf });
    expect(await queueTurn({ thread, process: known }, of, never())).toBeNull();
  }
});

test("queueTurn() fails when the program does", async () => {
  using at = codex(3);
  const queued = queueTurn({ thread, process: known }, seen(at.path), never());
  await expect(queued).rejects.toThrow("codex queue ended with 3");
});

onLinux("programOf() tells a process's program, and the variables of its home alone", async () => {
  const folder = mkdtempSync(join(tmpdir(), "peernet-codex-"));
  const path = join(folder, "codex");
  copyFileSync("/bin/sleep", path);
  chmodSync(path, 0o755);
  const environment = { HOME: "/home/ada", CODEX_HOME: "/x=y", OPENAI_API_KEY: "secret" };
  const child = Bun.spawn([path, "60"], { env: environment });
  expect(programOf(child.pid)).toEqual({
    path,
    environment: { HOME: "/home/ada", CODEX_HOME: "/x=y" },
  });
  child.kill("SIGKILL");
  await child.exited;
  expect(programOf(child.pid)).toBeNull();
  rmSync(folder, { recursive: true, force: true });
});
