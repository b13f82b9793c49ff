/** `peernet task approve`, `refuse`, `show` and `tasks`: what a person decides by. */

import { describe, expect, test } from "bun:test";
import { PeernetError } from "../../../src/contract/errors.ts";
import { failed, run, text } from "../support.ts";
import { held, id, task } from "./samples.ts";

const agent = {
  requirePerson: async () => {
    throw new PeernetError("not_a_person");
  },
};

const terminal = { stdin: true };

describe("task approve", () => {
  test("shows everything that the approval binds, and sends both digests", async () => {
    const answers = {
      "tasks/show": async () => held(),
      "tasks/approve": async () => ({ task: task({ direction: "in", state: "accepted" }) }),
    };
    const done = await run("task approve 4c1e", { answers, lines: ["y"], terminal });
    expect(done.exit).toBe(0);
    for (const shown of [
      ...["laptop: retry, a person", "/home/ada/src/hydrate", "91c0d7e", "claude-code 2.1.329"],
      ...["claude -p --restricted", "20 min · 2.00 USD", "the model only", "laptop-hydrate"],
      ...["Port the loader", "nothing else", "/opt/claude sha256:abababababab…"],
    ]) {
      expect(done.err).toContain(shown);
    }
    expect(done.err).not.toContain("\x1b");
    expect(done.calls[1]).toEqual([
      "tasks/approve",
      { task: id, document_sha256: "cd".repeat(32), decision_sha256: "ef".repeat(32) },
    ]);
  });

  test("leaves it as it is without a clear yes", async () => {
    for (const lines of [[], [""], ["n"], ["yes please"]]) {
      const answers = { "tasks/show": async () => held() };
      const done = await run("task approve 4c1e", { answers, lines, terminal });
      expect([done.exit, done.calls.map(([path]) => path)]).toEqual([1, ["tasks/show"]]);
    }
  });

  test("approves nothing without a terminal, as over ssh, and says how to get one", async () => {
    const answers = { "tasks/show": async () => held() };
    const done = await run("task approve 4c1e", { answers, lines: ["y"] });
    expect([done.exit, done.calls.map(([path]) => path)]).toEqual([4, ["tasks/show"]]);
    expect(done.err).toEndWith(
      failed(
        "without a terminal nobody can approve a task",
        "type it in a terminal; over ssh: ssh -t MACHINE peernet task approve 4c1e",
      ),
    );
  });

  test("refuses a task that waits for nobody here", async () => {
    const running = task({ direction: "in", state: "running" });
    const answers = { "tasks/show": async () => held({ task: running }) };
    const done = await run("task approve 4c1e", { answers, lines: ["y"] });
    expect([done.exit, done.err]).toEqual([
      1,
      failed("loader waits for nobody here: running", "peernet tasks"),
    ]);
  });

  test("is refused below a coding agent, before anything is asked", async () => {
    const done = await run("task approve 4c1e", agent);
    expect([done.exit, done.calls]).toEqual([4, []]);
  });
});

test("task show keeps a held prompt from a coding agent", async () => {
  const answers = { "tasks/show": async () => held() };
  for (const line of ["task show loader", "task show loader --json"]) {
    const person = await run(line, { answers });
    expect(person.out).toContain("Port the loader");
    expect((await run(line, { answers, ...agent })).out).not.toContain("Port the loader");
  }
});

test("tasks lists those that wait for a person here first, and how to end that", async () => {
  const waiting = task({ direction: "in", peer: "laptop", state: "held", task_id: id });
  const answers = { tasks: async () => ({ tasks: [task(), waiting], more: false }) };
  const [, first = "", second = ""] = (await run("tasks", { answers })).out.split("\n");
  expect(first).toContain("held: waits for a person at this machine");
  expect(first).toContain("peernet task approve 4c1e");
  expect(second).toContain("known 12 s ago");
  expect((await run("tasks", { answers, ...agent })).out).not.toContain("approve");
});

test("tasks starts a keeper where a task of a peer goes on", async () => {
  for (const [direction, state, started] of [
    ["in", "running", 1],
    ["in", "completed", 0],
    ["out", "running", 0],
  ] as const) {
    let count = 0;
    const ensureKeeper = async () => {
      count += 1;
    };
    const answers = {
      tasks: async () => ({ tasks: [task({ direction, state })], more: false }),
    };
    await run("tasks --all", { answers, ensureKeeper });
    expect(count).toBe(started);
  }
});

test("tasks says how one begins when there is none", async () => {
  const answers = { tasks: async () => ({ tasks: [], more: false }) };
  expect((await run("tasks", { answers })).err).toBe(
    text("no task goes on; those that have ended: peernet tasks --all"),
  );
  expect((await run("tasks --all", { answers })).err).toBe(
    text("no task here; one begins with: peernet run MACHINE:REPOSITORY"),
  );
});
