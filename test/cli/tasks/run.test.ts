/** `peernet run` and `task say`: what they hand over, print, and end with. */

import { describe, expect, test } from "bun:test";
import { main } from "../../../src/cli/cli.ts";
import type { TaskState } from "../../../src/contract/tasks/task.ts";
import { failed, run, stage, text } from "../support.ts";
import { base, result, task, taskReport } from "./samples.ts";

const submitted = async () => ({ task: task(), base, left_out: 0, sent_bytes: 0 });

describe("run", () => {
  test("hands over a prompt with the folder and the caller, and says where it starts", async () => {
    const answers = { "tasks/run": submitted };
    const line = "run mini:hydrate --profile edit --name loader --wall 20m --usd 1.50 Port it";
    const done = await run(line, { answers, cwd: "/home/ada/hydrate" });
    expect(done.exit).toBe(0);
    expect(done.out).toBe(text("task loader (4c1e) · from 91c0d7e · running"));
    expect(done.calls[0]).toMatchObject([
      "tasks/run",
      {
        ...{ machine: "mini", repository: "hydrate", profile: "edit", prompt: "Port it" },
        ...{ folder: "/home/ada/hydrate", name: "loader", wall_ms: 1_200_000, usd: 1.5 },
        ...{ wip: false, send: false, from: { by: "person" }, task_id: expect.any(String) },
      },
    ]);
  });

  test("says what the task does not see, and what was sent", async () => {
    const answers = {
      "tasks/run": async () => ({ ...(await submitted()), left_out: 2, sent_bytes: 3_000 }),
    };
    expect((await run("run mini:hydrate look", { answers })).err).toBe(
      text(
        "changes in 2 files are in no commit: the task does not see them (--wip)",
        "3 KiB of commits were sent",
      ),
    );
  });

  test("--wip sends the commits that it makes", async () => {
    const done = await run("run mini:hydrate --wip look", { answers: { "tasks/run": submitted } });
    expect(done.calls[0]?.[1]).toMatchObject({ wip: true, send: true });
  });

  test("refuses what is no target, no amount, no prompt, and a prompt for a command", async () => {
    for (const [line, message] of [
      ["run mini look", "a task needs MACHINE:REPOSITORY, and this is none: mini"],
      ["run mini:a:b look", "a task needs MACHINE:REPOSITORY, and this is none: mini:a:b"],
      ["run mini:hydrate --usd none look", "--usd takes an amount of dollars"],
      ["run mini:hydrate", "there is no text"],
      ["run mini:hydrate --profile test look", "test is a command there, and takes no prompt"],
    ] as const) {
      const done = await run(line);
      expect([done.exit, done.err.split("\n")[0]]).toEqual([2, `peernet: error: ${message}`]);
      expect(done.calls).toEqual([]);
    }
  });

  test("a command of the other machine's policy takes no prompt", async () => {
    const answers = { "tasks/run": submitted };
    const done = await run("run mini:hydrate --profile test", { answers });
    expect(done.calls[0]?.[1]).toMatchObject({ prompt: null, profile: "test" });
  });

  test("--check lists each gate with its fix and runs nothing", async () => {
    const gate = (name: "rule" | "credential", passed: boolean) => ({
      ...{ gate: name, passed, says: `${name} says` },
      fix: passed ? null : { on: "mini", line: "peernet runner add claude-code" },
    });
    const gates = [gate("rule", true), gate("credential", false)];
    const answers = { "tasks/check": async () => ({ gates }) };
    const done = await run("run --check mini:hydrate", { answers });
    expect(done.exit).toBe(4);
    expect(done.out).toContain("on mini: peernet runner add claude-code");
    expect(done.calls.map(([path]) => path)).toEqual(["tasks/check"]);
  });

  test("--follow prints each state once, then what was measured apart from claims", async () => {
    const states: TaskState[] = ["held", "claimed", "running", "running", "completed"];
    let at = 0;
    const answers = {
      "tasks/run": async () => ({ ...(await submitted()), task: task({ state: "held" }) }),
      "tasks/get": async () => {
        const state = states[Math.min(at++, states.length - 1)] ?? "completed";
        const isEnded = state === "completed";
        const home = { result: result(), ref: "refs/peernet/mini/loader", root: "/home/ada/h" };
        return taskReport({ task: task({ state }), ...(isEnded ? home : {}) });
      },
    };
    const done = stage({ answers });
    const ending = main(["run", "mini:hydrate", "--follow", "Port it"], done.io);
    await done.effects.timers.advance(10_000);
    expect(await ending).toBe(0);
    expect(done.err()).toContain("on mini a person types: peernet task approve 4c1e");
    const lines = done.out().split("\n");
    expect(lines.filter((line) => / (preparing|running|completed)$/.test(line))).toHaveLength(3);
    expect(done.out()).toContain(
      "measured   exit 0 · commit 4be1f02 · 3 files, +88 −41 · 0.41 USD · api.anthropic.com",
    );
    expect(done.out()).toMatch(/claims +Loader ported\./);
    expect(done.out()).not.toContain("\x1b");
    expect(done.out()).toContain("git diff HEAD...refs/peernet/mini/loader");
  });

  test("--follow ends with the code of the task's end", async () => {
    for (const [state, exit] of [
      ["failed", 1],
      ["lost", 1],
      ["cancelled", 1],
      ["refused", 4],
      ["expired", 5],
      ["timed_out", 5],
    ] as const) {
      const answers = {
        "tasks/run": submitted,
        "tasks/get": async () => taskReport({ task: task({ state }) }),
      };
      expect((await run("run mini:hydrate --follow x", { answers })).exit).toBe(exit);
    }
  });
});

test("task say starts another round of a task", async () => {
  const answers = { "tasks/say": submitted };
  const done = await run("task say loader Now add tests", { answers });
  expect(done.calls[0]).toMatchObject([
    "tasks/say",
    { task: "loader", prompt: "Now add tests", from: { by: "person" } },
  ]);
  expect((await run("task say loader")).err).toBe(
    failed("there is no text", "peernet task say loader - reads it from standard input"),
  );
});
