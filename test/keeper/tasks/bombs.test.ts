/** Runs that take too much: each ends within its bound and two seconds, and leaves no process. */

import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { TaskPlace } from "../../../src/contract/tasks/errands.ts";
import { canDelegate, cannotDelegate, type Delegated, delegated } from "../../support/delegated.ts";
import { giveTo } from "../../support/ordinary.ts";
import { longWanted, skipUnless } from "../../support/skip.ts";

const test = skipUnless(canDelegate, cannotDelegate);
const long = skipUnless(canDelegate && longWanted, "takes gigabytes: PEERNET_TEST_LONG=1");
let user: Delegated;
const place: TaskPlace = { kind: "folder", name: "app", path: "~/app" };
beforeAll(() => {
  if (!canDelegate) return;
  user = delegated();
  mkdirSync(join(user.folder, "app"));
  giveTo(join(user.folder, "app"));
});
afterAll(async () => {
  if (canDelegate) await user[Symbol.asyncDispose]();
});

/** Runs a script to its end, and measures the time of it all. */
async function ended(script: string, wallMs = 30_000) {
  const order = await user.begin({ place, command: ["bash", "-c", script], wallMs });
  const begunMs = performance.now();
  const { result } = await user.awaited(order, ["ended"]);
  if (result === null) throw new Error("it has no result");
  return { ...result.short, folder: user.round(order), tookMs: performance.now() - begunMs };
}

describe("a run", () => {
  test("D9: is ended when it writes without end, and its log is as long as allowed", async () => {
    const { state, reason, measured, folder } = await ended("yes");
    expect([state, reason]).toEqual(["failed", "output"]);
    expect(measured.output_capped).toBe(true);
    expect(statSync(join(folder, "log")).size).toBe(16_777_216);
  });

  test("D9: may write one line of any length", async () => {
    const { state, measured } = await ended("head -c 15000000 /dev/zero | tr '\\0' a");
    expect([state, measured.output_bytes]).toEqual(["completed", 15_000_000]);
  });

  test("D9: is ended at its wall time when it never ends, deaf to the request", async () => {
    const { state, reason, tookMs } = await ended("trap '' TERM; while :; do sleep 1; done", 1_000);
    expect([state, reason]).toEqual(["timed_out", "wall"]);
    expect(tookMs).toBeLessThan(1_000 + 2_000 + 2_000);
  });

  test("D9: has so many processes and no more, and none is left of a fork bomb", async () => {
    const mark = `${20_000 + Math.floor(Math.random() * 9_999)}`;
    const bomb = `f() { sleep ${mark} & f & f; }; f 2>/dev/null; sleep ${mark}`;
    const { state, reason } = await ended(bomb, 1_500);
    expect([state, reason]).toEqual(["timed_out", "wall"]);
    expect(user.run(["ps", "-eo", "args"])).not.toContain(`sleep ${mark}`);
  });

  test("D9: is refused a file that is too large, and ended when all of them are", async () => {
    const { state, reason, tookMs } = await ended(
      "cd; fallocate -l 3G big && exit 9; for n in 1 2 3; do fallocate -l 1G $n; done; sleep 60",
    );
    expect([state, reason]).toEqual(["failed", "disk"]);
    expect(tookMs).toBeLessThan(10_000);
  });

  long("D9: is ended when its processes take too much memory together", async () => {
    const { state, reason } = await ended("for n in 1 2 3; do tail /dev/zero & done; wait");
    expect([state, reason]).toEqual(["failed", "memory"]);
  });

  test("ends with its program, whatever holds its output open", async () => {
    const { state, measured, tookMs } = await ended("(setsid sleep 600 &); echo on");
    expect([state, measured.exit]).toEqual(["completed", 0]);
    expect(tookMs).toBeLessThan(10_000);
  });
});
