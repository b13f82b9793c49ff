/** Rings at named pipes: whole lines to a reader of ours, and nothing to anything else. */

import { expect, test } from "bun:test";
import { chmodSync, chownSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stateFiles } from "../../src/platform/files.ts";
import { skipUnless } from "../support/skip.ts";
import { folder, isRoot, notRoot, otherUser, refusal } from "./folders.ts";

const asRoot = skipUnless(isRoot, notRoot);

const pipeIn = (folder: string, name: string): string => {
  const path = join(folder, name);
  if (Bun.spawnSync(["mkfifo", "-m", "600", path]).exitCode !== 0) throw new Error("no mkfifo");
  return path;
};

/** A process that reads one line from a pipe, which it holds open from its start. */
async function reader(path: string) {
  const script = 'exec 3<>"$1"; echo ready; read -r line <&3; printf "%s" "$line"';
  const child = Bun.spawn(["/bin/sh", "-c", script, "sh", path], { stdout: "pipe" });
  const stream = child.stdout.getReader();
  await stream.read();
  return { child, line: async () => new TextDecoder().decode((await stream.read()).value) };
}

test("ring() hands a whole line to the process that reads the pipe", async () => {
  using at = folder();
  const files = stateFiles(at.path);
  const path = pipeIn(at.path, "pipe");
  const waiting = await reader(path);
  expect(files.ring("pipe", "wake")).toBe(true);
  expect(await waiting.line()).toBe("wake");
  expect(await waiting.child.exited).toBe(0);
  expect(files.ring("pipe", "wake")).toBe(false);
});

test("ring() says false, and makes nothing, when there is no pipe and no reader", () => {
  using at = folder();
  const files = stateFiles(at.path);
  pipeIn(at.path, "pipe");
  expect([files.ring("pipe", "wake"), files.ring("none", "wake")]).toEqual([false, false]);
  expect(files.names()).toEqual(["pipe"]);
});

test("ring() says false for a pipe whose reader never reads on", async () => {
  using at = folder();
  const files = stateFiles(at.path);
  const path = pipeIn(at.path, "pipe");
  const held = Bun.spawn(["/bin/sh", "-c", 'exec 3<>"$1"; echo ready; sleep 60', "sh", path], {
    stdout: "pipe",
  });
  await held.stdout.getReader().read();
  const line = "x".repeat(511);
  let rung = 0;
  while (rung < 1_000 && files.ring("pipe", line)) rung += 1;
  held.kill("SIGKILL");
  await held.exited;
  expect(rung).toBeGreaterThan(0);
  expect(rung).toBeLessThan(1_000);
});

test("ring() refuses a line that another writer could cut in two", () => {
  using at = folder();
  const files = stateFiles(at.path);
  pipeIn(at.path, "pipe");
  expect(refusal(() => files.ring("pipe", "x".repeat(512))).code).toBe("internal");
});

test("ring() refuses a file, a folder and a link, and writes nothing", () => {
  using at = folder();
  const files = stateFiles(at.path);
  const plain = join(at.path, "plain");
  writeFileSync(plain, "kept", { mode: 0o600 });
  symlinkSync(pipeIn(at.path, "pipe"), join(at.path, "link"));
  mkdirSync(join(at.path, "folder"), { mode: 0o700 });
  for (const [name, message] of [
    ["plain", "is not a pipe"],
    ["link", "is a symbolic link"],
    ["folder", "cannot be opened (EISDIR)"],
  ] as const) {
    const { code, message: told } = refusal(() => files.ring(name, "wake"));
    expect([name, code, told.includes(message)]).toEqual([name, "state_unsafe", true]);
  }
  expect(readFileSync(plain, "utf8")).toBe("kept");
});

test("ring() refuses a pipe that others may write to", async () => {
  using at = folder();
  const files = stateFiles(at.path);
  const path = pipeIn(at.path, "pipe");
  const waiting = await reader(path);
  chmodSync(path, 0o622);
  expect(refusal(() => files.ring("pipe", "wake")).message).toContain("open to others");
  waiting.child.kill("SIGKILL");
  await waiting.child.exited;
});

asRoot("ring() refuses another user's pipe", async () => {
  using at = folder();
  const files = stateFiles(at.path);
  const path = pipeIn(at.path, "pipe");
  const waiting = await reader(path);
  chownSync(path, otherUser, otherUser);
  expect(refusal(() => files.ring("pipe", "wake")).message).toContain("another user");
  waiting.child.kill("SIGKILL");
  await waiting.child.exited;
});
