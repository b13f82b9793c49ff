/** Waking Codex by its own command: the session's own program, and one fixed sentence. */

import { expect, test } from "bun:test";
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wakeNotice } from "../../src/contract/delivery/notices.ts";
import { programOf, queueTurn, type Seen, terminals } from "../../src/keeper/codex-queue.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";

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

const cwd = "/home/ada/src";

const seen = (path: string, more: Partial<Seen> = {}): Seen => ({
  isAlive: () => true,
  terminals: () => [{ cwd, words: ["codex"] }],
  programOf: () => ({ path, environment: { HOME: "/home/ada", PATH: "/usr/bin:/bin" } }),
  ...more,
});

test("queueTurn() hands the session's program one fixed sentence", async () => {
  using at = codex();
  expect(await queueTurn({ thread, process: known, cwd }, seen(at.path), never())).toEqual({
    queued: true,
  });
  expect(at.read("words")).toBe(`queue\n--thread=${thread}\n--message=${wakeNotice}\n`);
  expect(at.read("env")).toContain("HOME=/home/ada\n");
});

test("queueTurn() takes a thread that looks like an option for a thread", async () => {
  using at = codex();
  await queueTurn({ thread: "--remote=ws://x", process: known, cwd }, seen(at.path), never());
  expect(at.read("words").split("\n")[1]).toBe("--thread=--remote=ws://x");
});

test("queueTurn() starts nothing for a process that ended, or that no terminal shows", async () => {
  using at = codex();
  const elsewhere = { cwd: "/home/ada/other", words: ["codex", "resume", "another"] };
  for (const more of [
    { isAlive: () => false },
    { terminals: () => [] },
    { terminals: () => [elsewhere] },
  ]) {
    const none = await queueTurn({ thread, process: known, cwd }, seen(at.path, more), never());
    expect(none).toEqual({ queued: false });
    expect(() => at.read("words")).toThrow();
  }
  const resumed = { cwd: "/home/ada/other", words: ["codex", "resume", thread] };
  const shown = seen(at.path, { terminals: () => [elsewhere, resumed] });
  expect(await queueTurn({ thread, process: known, cwd }, shown, never())).toEqual({
    queued: true,
  });
});

test("queueTurn() is not supported where the program is not visible, or is another", async () => {
  for (const programOf of [() => null, () => ({ path: "/bin/sh", environment: {} })]) {
    const of = seen("/bin/sh", { programOf });
    expect(await queueTurn({ thread, process: known, cwd }, of, never())).toBeNull();
  }
});

test("queueTurn() fails when the program does", async () => {
  using at = codex(3);
  const queued = queueTurn({ thread, process: known, cwd }, seen(at.path), never());
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

onLinux("terminals() finds Codex in a terminal, and no server of it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "peernet-codex-"));
  const path = join(folder, "codex");
  copyFileSync("/bin/sleep", path);
  chmodSync(path, 0o755);
  const here = (): number => terminals().filter((each) => each.cwd === folder).length;
  const server = Bun.spawn([path, "60"], { cwd: folder, stdin: "ignore" });
  expect(here()).toBe(0);
  const shown = Bun.spawn([path, "61"], { cwd: folder, terminal: { cols: 80, rows: 24 } });
  await until("it is seen", () => here() === 1);
  for (const child of [server, shown]) child.kill("SIGKILL");
  await Promise.all([server.exited, shown.exited]);
  expect(here()).toBe(0);
  rmSync(folder, { recursive: true, force: true });
});
