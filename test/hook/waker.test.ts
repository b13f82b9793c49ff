/** The hook that waits to wake its session: real processes, and a stand-in for the agent. */

import { expect } from "bun:test";
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { wakeNotice } from "../../src/contract/delivery/notices.ts";
import { modeOf } from "../platform/folders.ts";
import { type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import { configure, everywhere } from "../support/hooks.ts";
import type { Ran } from "../support/ran.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { type Agent, agent, unattended, type Waiting, workTree } from "./agent.ts";

const test = skipUnless(
  isBuilt && process.platform === "linux",
  isBuilt ? "a stand-in for an agent needs /proc" : notBuilt,
);

const silent: Ran = { code: 0, out: "", err: "" };

/** The memory of a shell that waits, with room for other shells: this program has 42 MB. */
const waitingKbMax = 6_000;

async function running(settings = everywhere): Promise<Home> {
  const mini = home("mini");
  configure(mini.folder, settings);
  await mini.json(["start"]);
  return mini;
}

const pipesOf = (mini: Home): readonly string[] =>
  existsSync(join(mini.folder, "wakers")) ? readdirSync(join(mini.folder, "wakers")) : [];

/** The pipe of a waker, once it waits there as a shell. */
async function armed(mini: Home, waker: Waiting): Promise<string> {
  let held: string | undefined;
  await until("it waits as a shell", () => {
    const pid = waker.pid() ?? 0;
    const paths = pipesOf(mini).map((name) => join(mini.folder, "wakers", name));
    held = paths.find((path) => openOf(pid).includes(path));
    // The shell that starts the hook has no pipe, and the hook itself is no shell.
    return held !== undefined && /\/(da|ba|busybox|)sh$/.test(exeOf(pid));
  });
  return held ?? "";
}

const exeOf = (pid: number): string => {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return "";
  }
};

const openOf = (pid: number): readonly string[] => {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((number) =>
      readlinkSync(`/proc/${pid}/fd/${number}`),
    );
  } catch {
    return [];
  }
};

const kbOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);

async function started(mini: Home): Promise<Agent> {
  const claude = agent({ home: mini, cwd: workTree(mini, "hydrate") });
  await claude.on("SessionStart", { source: "startup" });
  return claude;
}

test("a waker is a small shell at a pipe, and wakes with one fixed sentence", async () => {
  await using mini = await running();
  await using claude = await started(mini);
  const waker = claude.waits("SessionStart", { source: "startup" });
  const pipe = await armed(mini, waker);
  const pid = waker.pid() ?? 0;
  expect([modeOf(pipe), modeOf(join(mini.folder, "wakers"))]).toEqual(["0600", "0700"]);
  const kb = kbOf(pid);
  console.log(`a waker takes ${kb} kB`);
  expect(kb).toBeLessThan(waitingKbMax);
  expect(readFileSync(`/proc/${pid}/environ`, "utf8")).toBe("PATH=/usr/bin:/bin\0");
  writeFileSync(pipe, "wake\n");
  expect(await waker.ended).toEqual({ code: 2, out: "", err: `${wakeNotice}\n` });
  expect(pipesOf(mini)).toEqual([]);
});

test("M9: another process of the user can ring a waker, and says nothing by it", async () => {
  await using mini = await running();
  await using claude = await started(mini);
  for (const line of ["end", "wake now", "wakeup", "", "$(touch x)", "x".repeat(4_000)]) {
    const waker = claude.waits("UserPromptSubmit");
    const pipe = await armed(mini, waker);
    writeFileSync(pipe, `${line}\n`);
    expect([line, await waker.ended]).toEqual([line, silent]);
  }
});

test("a waker waits beside the hook that takes its session's handle", async () => {
  await using mini = await running();
  await using claude = agent({ home: mini, cwd: workTree(mini, "hydrate") });
  const waker = claude.waits("SessionStart", { source: "startup" });
  await claude.on("SessionStart", { source: "startup" });
  writeFileSync(await armed(mini, waker), "wake\n");
  expect((await waker.ended).code).toBe(2);
});

test("a waker ends at once where nobody could be woken, and leaves nothing", async () => {
  await using mini = await running();
  const cwd = workTree(mini, "hydrate");
  await using claude = await started(mini);
  const start = { source: "startup" };
  await using headless = agent({ home: mini, cwd, environment: unattended });
  expect(await headless.waits("SessionStart", start).ended).toEqual(silent);
  await using stranger = agent({ home: mini, cwd: mini.folder, session: "session-z" });
  expect(await stranger.waits("SessionStart", start).ended).toEqual(silent);
  expect(await stranger.waits("UserPromptSubmit").ended).toEqual(silent);
  expect(pipesOf(mini)).toEqual([]);
  await mini.run(["stop"]);
  expect(await claude.waits("UserPromptSubmit").ended).toEqual(silent);
  await using empty = home("empty");
  await using lone = agent({ home: empty, cwd });
  expect(await lone.waits("SessionStart", start).ended).toEqual(silent);
  expect(readdirSync(empty.folder)).toEqual([]);
});

test("a waker ends at once when messages.wake is never", async () => {
  await using mini = await running(`${everywhere}\nmessages.wake = "never"`);
  await using claude = await started(mini);
  expect(await claude.waits("UserPromptSubmit").ended).toEqual(silent);
  expect(pipesOf(mini)).toEqual([]);
});

test("the newest waker stays, also of a session that began again in its process", async () => {
  await using mini = await running();
  await using claude = await started(mini);
  const first = claude.waits("SessionStart", { source: "startup" });
  await armed(mini, first);
  const second = claude.waits("UserPromptSubmit");
  await armed(mini, second);
  expect(await first.ended).toEqual(silent);
  await claude.on("SessionEnd", { reason: "clear" });
  const cleared = { source: "clear", session_id: "session-b" };
  await claude.on("SessionStart", cleared);
  const third = claude.waits("SessionStart", cleared);
  await armed(mini, third);
  expect(await second.ended).toEqual(silent);
  expect(pipesOf(mini)).toHaveLength(1);
  await claude.on("SessionEnd", { session_id: "session-b", reason: "other" });
  expect(await third.ended).toEqual(silent);
  await until("no pipe is left", () => pipesOf(mini).length === 0);
});

test("a waker ends when its agent was killed, and when its handle is released", async () => {
  await using mini = await running();
  await using killed = await started(mini);
  const orphan = killed.waits("SessionStart", { source: "startup" });
  const pid = await armed(mini, orphan).then(() => orphan.pid() ?? 0);
  killed.kill();
  await until("the keeper ends it", () => exeOf(pid) === "");
  await using released = await started(mini);
  const waker = released.waits("UserPromptSubmit");
  await armed(mini, waker);
  await mini.run(["deactivate", "hydrate"]);
  expect(await waker.ended).toEqual(silent);
});

test("a waker ends on the signal by which its agent leaves", async () => {
  await using mini = await running();
  await using claude = await started(mini);
  for (const [name, code] of [
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGINT", 130],
  ] as const) {
    const waker = claude.waits("UserPromptSubmit");
    await armed(mini, waker);
    process.kill(waker.pid() ?? 0, name);
    expect([name, (await waker.ended).code]).toEqual([name, code]);
  }
});

test("a waker waits through a restart of the daemon, which knows it", async () => {
  await using mini = await running();
  await using claude = await started(mini);
  const waker = claude.waits("SessionStart", { source: "startup" });
  await armed(mini, waker);
  await mini.run(["stop"]);
  await mini.json(["start"]);
  await claude.on("UserPromptSubmit");
  const next = claude.waits("UserPromptSubmit");
  await armed(mini, next);
  expect(await waker.ended).toEqual(silent);
});
