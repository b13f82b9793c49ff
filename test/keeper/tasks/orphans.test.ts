/**
 * Processes that try to outlive their task, and supervisors and keepers that are killed at any
 * moment: nothing is left, and each round has one end.
 */

import { afterAll, beforeAll, describe, expect } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Seen, TaskOrder, TaskPlace } from "../../../src/contract/tasks/errands.ts";
import { canDelegate, cannotDelegate, type Delegated, delegated } from "../../support/delegated.ts";
import { giveTo } from "../../support/ordinary.ts";
import { faultsWanted, skipUnless } from "../../support/skip.ts";
import { until } from "../../support/until.ts";

const test = skipUnless(canDelegate, cannotDelegate);
const rounds = faultsWanted ? 200 : 10;
const timeoutMs = rounds * 10_000;
let user: Delegated;
let base: string;
const place: TaskPlace = { kind: "repository", name: "clone", path: "~/clone", clone: null };
beforeAll(() => {
  if (!canDelegate) return;
  user = delegated();
  const clone = join(user.folder, "clone");
  mkdirSync(clone);
  giveTo(clone);
  const git = (...words: readonly string[]): string => user.run(["git", ...words], clone).trim();
  git("init", "-q", "-b", "main");
  user.write(join(clone, "a.txt"), "one\n");
  git("add", "-A");
  git("commit", "-qm", "first");
  base = git("rev-parse", "HEAD");
});
afterAll(async () => {
  if (canDelegate) await user[Symbol.asyncDispose]();
});

const newMark = (): string => `${20_000 + Math.floor(Math.random() * 79_999)}`;

/** Deaf processes in sessions of their own, with names and environments of their own. */
const evil = (mark: string, last: string): string =>
  "trap '' TERM HUP INT; echo x >> a.txt; " +
  `(setsid sh -c "trap '' TERM; exec env -i sleep ${mark}" &); ` +
  `(setsid setsid sleep ${mark} >/dev/null 2>&1 </dev/null &); sleep ${mark} & ${last}`;

const marked = (mark: string): number =>
  user
    .run(["ps", "-eo", "stat=,args="])
    .split("\n")
    .filter((line) => line.endsWith(`sleep ${mark}`) && !line.startsWith("Z")).length;

/** Every process of the user that belongs to a task: supervisors, walls, runs. */
const ofTask = (taskId: string): readonly string[] =>
  user
    .run(["ps", "-eo", "stat=,args="])
    .split("\n")
    .filter((line) => line.includes(taskId) && !line.startsWith("Z"));

const supervisorOf = (order: TaskOrder): number =>
  JSON.parse(readFileSync(join(user.round(order), "started"), "utf8")).pid;

const command = (script: string) => ["sh", "-c", script];

type Way = (order: TaskOrder) => Promise<void> | void;
const ways: Readonly<
  Record<string, { last: string; wallMs: number; end: Way; seen: Seen["seen"] }>
> = {
  exit: { last: "sleep 0.05", wallMs: 30_000, end: () => {}, seen: "ended" },
  wall: { last: "wait", wallMs: 400, end: () => {}, seen: "ended" },
  stop: {
    ...{ last: "wait", wallMs: 30_000, seen: "ended" },
    end: (order) => writeFileSync(join(user.round(order), "stop"), ""),
  },
  "the death of its supervisor": {
    ...{ last: "wait", wallMs: 30_000, seen: "lost" },
    end: (order) => void user.run(["kill", "-9", String(supervisorOf(order))]),
  },
  "the death of its keeper, then a stop": {
    ...{ last: "wait", wallMs: 30_000, seen: "ended" },
    end: async (order) => {
      await user.restart();
      writeFileSync(join(user.round(order), "stop"), "");
    },
  },
};

describe("a task", () => {
  const promise =
    "P74: No process of a task outlives the task, its stop or its supervisor, and a task whose " +
    "supervisor died never runs again.";
  for (const [name, { last, wallMs, end, seen }] of Object.entries(ways)) {
    const body = async (): Promise<void> => {
      for (let round = 0; round < rounds; round += 1) {
        const mark = newMark();
        const order = await user.begin({ place, base, wallMs, command: command(evil(mark, last)) });
        // A run that never started would leave nothing either.
        if (name !== "exit") await until("it runs", () => marked(mark) === 3 || wallMs < 1_000);
        await end(order);
        expect((await user.awaited(order, ["ended", "lost"])).seen).toBe(seen);
        await until("nothing of it is left", () => marked(mark) === 0, 3_000);
        expect(existsSync(join(user.round(order), "result.json"))).toBe(seen === "ended");
      }
    };
    test(`${promise} (${name})`, body, timeoutMs);
  }
});

describe("supervise()", () => {
  const states: readonly Seen["seen"][] = ["preparing", "running", "collecting"];
  for (const state of states) {
    const body = async (): Promise<void> => {
      for (let round = 0; round < rounds; round += 1) {
        const mark = newMark();
        // Many files make each state long enough to be met.
        const script = `seq 300 | xargs touch; sleep 0.1; (setsid sleep ${mark} &); sleep 0.1`;
        const order = await user.begin({ place, base, command: command(script) });
        const met = await user.awaited(order, [state, "ended"]);
        user.run(["sh", "-c", `kill -9 ${supervisorOf(order)} 2>/dev/null; true`]);
        const { seen } = await user.awaited(order, ["ended", "lost"]);
        const hasResult = existsSync(join(user.round(order), "result.json"));
        expect(seen).toBe(hasResult ? "ended" : "lost");
        if (met.seen === state && !hasResult) expect(seen).toBe("lost");
        await until("its walls are gone", () => marked(mark) === 0, 3_000);
        await until("its git is gone", () => ofTask(order.task_id).length === 0, 3_000);
        // It is never run again: a second start finds the first one's folder.
        expect(await user.errand("task_start", { order })).toEqual({ started: true });
        expect((await user.awaited(order, ["ended", "lost"])).seen).toBe(seen);
      }
    };
    test(`D17: leaves one result or a lost round when it dies while ${state}`, body, timeoutMs);
  }
});

describe("discardTask()", () => {
  test(
    "D20: gives the disk back while the task runs",
    async () => {
      const script = "mkdir many; cd many; seq 50000 | xargs touch; echo made; sleep 600";
      const order = await user.begin({ place, base, command: command(script), wallMs: 120_000 });
      await user.awaited(order, ["running"]);
      await until("its files are there", () => user.log(order).includes("made"), 60_000);
      const { task_id } = order;
      await user.errand("task_discard", { task_id, ours: false });
      expect(existsSync(join(user.state, "tasks", task_id))).toBe(false);
      const left = () => user.run(["find", join(user.state, "tasks"), "-name", ".gone-*"]);
      await until("its folder is gone", () => left() === "", 60_000);
      expect(ofTask(task_id)).toEqual([]);
    },
    timeoutMs + 120_000,
  );
});
