/** A fixed command in a folder without a repository, from its weighing to its result. */

import { afterAll, beforeAll, describe, expect } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TaskPlace } from "../../../src/contract/tasks/errands.ts";
import { canDelegate, cannotDelegate, type Delegated, delegated } from "../../support/delegated.ts";
import { giveTo } from "../../support/ordinary.ts";
import { skipUnless } from "../../support/skip.ts";

const test = skipUnless(canDelegate, cannotDelegate);
let user: Delegated;
let place: TaskPlace;
beforeAll(() => {
  if (!canDelegate) return;
  user = delegated();
  const path = join(user.folder, "app");
  mkdirSync(path);
  giveTo(path);
  place = { kind: "folder", name: "app", path: "~/app" };
  user.write(join(path, "notes.txt"), "some notes\n");
});
afterAll(async () => {
  if (canDelegate) await user[Symbol.asyncDispose]();
});
const shell = (script: string) => ["sh", "-c", script];

describe("supervise()", () => {
  test("runs a fixed command and measures its end", async () => {
    const order = await user.begin({ place, command: shell("cat notes.txt; exit 3") });
    const { result, log_bytes } = await user.awaited(order, ["ended"]);
    expect(user.log(order)).toBe("some notes\n");
    expect(log_bytes).toBe(11);
    expect(result?.short).toMatchObject({
      ...{ version: 1, task_id: order.task_id, round: 1, state: "failed", reason: "exit" },
      measured: {
        ...{ exit: 3, signal: null, output_bytes: 11, output_capped: false },
        ...{ sandbox: { wall: "bwrap", canaries: "passed" }, processes: "namespace" },
        ...{ base: null, commit: null, profile: "test" },
      },
      claims: { text: null },
    });
  });

  test("completes with an exit of 0", async () => {
    const order = await user.begin({ place, command: shell("true") });
    const { result } = await user.awaited(order, ["ended"]);
    expect(result?.short).toMatchObject({ state: "completed", reason: null });
  });

  test("shows a run nothing of the user, and lets it write only measured files", async () => {
    const secret = join(user.folder, "secret");
    user.write(secret, "secret", 0o600);
    const script =
      `exec 2>&1; cat ${secret}; ls ${user.folder} ${user.state}; cat /etc/passwd; ` +
      "touch notes.txt /x /dev/x; " +
      'echo a > /tmp/a && echo b > /dev/shm/b && echo c > "$HOME/c" && echo wrote; env | sort; ' +
      "cat /proc/net/dev | wc -l; ls /proc | grep -c '^[0-9]'; umask";
    const order = await user.begin({ place, command: shell(script) });
    await user.awaited(order, ["ended"]);
    const log = user.log(order);
    expect(log).not.toContain("secret\n");
    expect(log.match(/No such file or directory/g)?.length).toBe(4);
    expect(log.match(/Read-only file system/g)?.length).toBe(3);
    expect(log).toContain("wrote\n");
    expect(log).toEndWith(
      "CI=1\nHOME=/task/home\nLANG=C.UTF-8\nPATH=/usr/local/bin:/usr/bin:/bin\n" +
        "PWD=/task/tree\nTMPDIR=/tmp\n3\n4\n0022\n",
    );
  });

  test("names no path of this machine in the words and variables of any process", async () => {
    const script =
      "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>&1 | tr '\\0' '\\n'; " +
      "ls /proc/self/fd; echo over";
    const order = await user.begin({ place, command: shell(script) });
    await user.awaited(order, ["ended"]);
    const log = user.log(order);
    expect(log).toContain("bwrap\n--args\n");
    expect(log).not.toContain(user.folder);
    expect(log).not.toContain(order.task_id);
    // The last one is that of ls, which reads the folder.
    expect(log).toEndWith("\n0\n1\n2\n3\nover\n");
    expect(readdirSync(user.round(order))).not.toContain("room.given");
  });

  test("stops a run within a second of the request", async () => {
    const order = await user.begin({ place, command: shell("trap '' TERM; echo on; sleep 300") });
    await user.awaited(order, ["running"]);
    const begunMs = performance.now();
    writeFileSync(join(user.round(order), "stop"), "");
    const { result } = await user.awaited(order, ["ended"]);
    expect(performance.now() - begunMs).toBeLessThan(1_500);
    expect(result?.short).toMatchObject({ state: "cancelled", reason: "stopped" });
  });

  test("asks a run to end before it ends it, and passes its exit on", async () => {
    const script = "trap 'echo asked; exit 7' TERM; echo on; while :; do sleep 0.05; done";
    const order = await user.begin({ place, command: shell(script), wallMs: 600 });
    const { result } = await user.awaited(order, ["ended"]);
    expect(user.log(order)).toBe("on\nasked\n");
    expect(result?.short).toMatchObject({ state: "timed_out", reason: "wall" });
    expect(result?.short.measured.exit).toBe(7);
  });

  test("runs nothing of a round that was asked to stop before its start", async () => {
    const order = await user.begin({ place, command: shell("true") });
    await user.awaited(order, ["ended"]);
    const next = { ...order, round: 2 };
    mkdirSync(user.round(next));
    giveTo(user.round(next));
    user.write(join(user.round(next), "stop"), "");
    expect(await user.errand("task_start", { order: next })).toEqual({ started: true });
    const { result } = await user.awaited(next, ["ended"]);
    expect(result?.short).toMatchObject({ state: "cancelled", measured: { sandbox: null } });
    expect(existsSync(join(user.round(next), "started"))).toBe(false);
  });

  test("runs a round once when its start is repeated", async () => {
    const order = await user.begin({ place, command: shell("echo on; sleep 0.3") });
    const again = await Promise.all(
      Array.from({ length: 4 }, () => user.errand("task_start", { order })),
    );
    expect(again).toEqual(Array.from({ length: 4 }, () => ({ started: true })));
    await user.awaited(order, ["ended"]);
    expect(user.log(order)).toBe("on\n");
  });

  test("goes on when its keeper is killed", async () => {
    const order = await user.begin({ place, command: shell("echo on; sleep 0.5; echo off") });
    await user.restart();
    const { result } = await user.awaited(order, ["ended"]);
    expect(user.log(order)).toBe("on\noff\n");
    expect(result?.short.state).toBe("completed");
  });

  test("leaves a round lost when it is killed, and no process of it", async () => {
    const mark = `${20_000 + Math.floor(Math.random() * 9_999)}`;
    const script = `echo on; (setsid sleep ${mark} &) ; sleep ${mark}`;
    const order = await user.begin({ place, command: shell(script) });
    await user.awaited(order, ["running"]);
    const running = () => user.run(["ps", "-eo", "args"]).split("\n");
    const sleeping = () => running().filter((line) => line === `sleep ${mark}`).length;
    while (sleeping() < 2) await Bun.sleep(10);
    const { pid } = JSON.parse(readFileSync(join(user.round(order), "started"), "utf8"));
    user.run(["kill", "-9", String(pid)]);
    expect((await user.awaited(order, ["lost"])).result).toBeNull();
    const endMs = performance.now() + 3_000;
    while (sleeping() > 0 && performance.now() < endMs) await Bun.sleep(10);
    expect(sleeping()).toBe(0);
    expect(await user.errand("task_start", { order })).toEqual({ started: true });
    expect((await user.awaited(order, ["lost"])).result).toBeNull();
    expect(user.log(order)).toBe("on\n");
  });
});
