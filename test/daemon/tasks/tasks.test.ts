/** Tasks from their asker to their end, between two daemons over real TLS. */

import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { until } from "../../support/until.ts";
import { type Hosts, hosts, policyText } from "./hosts.ts";

setDefaultTimeout(60_000);

let two: Hosts;
beforeEach(async () => {
  two = await hosts();
});
afterEach(() => two[Symbol.asyncDispose]());

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "ok",
    (error: { code: string }) => error.code,
  );
const recordsOf = async (on: "mini" | "laptop", outcome: string) => {
  const { records } = await two[on].calls.audit({ verb: "task", all: true });
  return records.filter((record) => record.outcome === outcome);
};
const shownOn = (on: "mini" | "laptop", task: string) => two[on].calls["tasks/show"]({ task });
const digestsOf = async (task: string) => {
  const { document_sha256, decision_sha256 } = await shownOn("mini", task);
  return { task, document_sha256, decision_sha256: decision_sha256 ?? "" };
};
const inboxOf = async () => (await two.laptop.calls.inbox({ all: true })).messages;

test("tasks/run runs a query to its end, and both records hold one digest", async () => {
  const { task } = await two.run();
  expect(task.state).toBe("accepted");
  const order = await two.started(task.task_id);
  two.keeper.set(order, "running");
  await two.reached("laptop", task.task_id, "running");
  two.keeper.finish(order);
  await two.reached("laptop", task.task_id, "completed");
  expect(await two.states(task.task_id)).toEqual([
    ...["accepted", "claimed", "running", "completed"],
  ]);
  const [there] = await recordsOf("mini", "completed");
  const [here] = await recordsOf("laptop", "completed");
  expect(there?.content_sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(here?.content_sha256).toBe(there?.content_sha256 as string);
  const report = await two.laptop.calls["tasks/get"]({ task: task.task_id });
  expect(report.result?.claims.text).toBe("Loader ported.");
  await until("the asker was told", async () => (await inboxOf()).length > 0);
  expect((await inboxOf()).length).toBe(1);
});

test("tasks/run with one id is one task, and another document under it is refused", async () => {
  const task_id = Bun.randomUUIDv7();
  await two.run({ task_id });
  expect((await two.run({ task_id })).task.task_id).toBe(task_id);
  expect(await codeOf(two.run({ task_id, prompt: "something else" }))).toBe("id_conflict");
  const order = await two.started(task_id);
  two.keeper.finish(order);
  await two.reached("laptop", task_id, "completed");
  await two.run({ task_id });
  expect(two.keeper.rounds.size).toBe(1);
  expect([...two.keeper.rounds.values()].map(({ starts }) => starts)).toEqual([1]);
  const { tasks } = await two.mini.calls.tasks({ all: true });
  expect(tasks.length).toBe(1);
});

test("a task under way elsewhere wants a keeper here until its end has come", async () => {
  const isWanted = async () => (await two.laptop.calls.leases({})).wanted === true;
  expect(await isWanted()).toBe(false);
  const { task } = await two.run();
  expect(await isWanted()).toBe(true);
  two.keeper.finish(await two.started(task.task_id));
  await two.reached("laptop", task.task_id, "completed");
  await until("no keeper is wanted", async () => !(await isWanted()));
});

describe("approval", () => {
  test("an edit of one's own machine is held once, and a later one runs", async () => {
    const first = await two.run({ profile: "edit" });
    expect(first.task.state).toBe("held");
    expect(two.keeper.rounds.size).toBe(0);
    await two.mini.calls["tasks/approve"](await digestsOf(first.task.task_id));
    const order = await two.started(first.task.task_id);
    two.keeper.finish(order);
    await two.reached("laptop", first.task.task_id, "completed");
    const second = await two.run({ profile: "edit", prompt: "Now add tests" });
    expect(second.task.state).toBe("accepted");
  });

  test("an approval of other digests than the present ones lets nothing run", async () => {
    const { task } = await two.run({ profile: "edit" });
    const shown = await digestsOf(task.task_id);
    const other = { ...shown, decision_sha256: "0".repeat(64) };
    expect(await codeOf(two.mini.calls["tasks/approve"](other))).toBe("task_state");
    two.keeper.program = "7".repeat(64);
    expect(await codeOf(two.mini.calls["tasks/approve"](shown))).toBe("task_state");
    expect((await digestsOf(task.task_id)).decision_sha256).not.toBe(shown.decision_sha256);
    expect((await shownOn("mini", task.task_id)).task.state).toBe("held");
    expect(two.keeper.rounds.size).toBe(0);
  });

  for (const [what, change] of [
    [
      "a program",
      () => {
        two.keeper.program = "7".repeat(64);
      },
    ],
    [
      "its words",
      () => {
        two.keeper.argv = ["claude", "--dangerous"];
      },
    ],
    ["a limit of its rule", () => two.allow(policyText().replace("20m", "21m"))],
  ] as const)
    test(`an approved task is held again when ${what} changed before its start`, async () => {
      const first = await two.run({ profile: "edit" });
      const blocked = await two.run();
      await two.started(blocked.task.task_id);
      // One task of a machine runs at once: the approved one waits.
      await two.mini.calls["tasks/approve"](await digestsOf(first.task.task_id));
      await change();
      two.keeper.finish(await two.started(blocked.task.task_id));
      await two.reached("mini", first.task.task_id, "held");
      expect([...two.keeper.rounds.values()].length).toBe(1);
      const { states } = await shownOn("mini", first.task.task_id);
      expect(states.at(-1)?.reason).toBe("changed");
    });

  test("a refused task ends at its asker, and runs never", async () => {
    const { task } = await two.run({ profile: "edit" });
    await two.mini.calls["tasks/refuse"]({ task: task.task_id });
    await two.reached("laptop", task.task_id, "refused");
    const shown = await digestsOf(task.task_id);
    expect(await codeOf(two.mini.calls["tasks/approve"](shown))).toBe("task_state");
  });
});

describe("stop", () => {
  test("tasks/stop tells the supervisor by its file, and the end follows", async () => {
    const { task } = await two.run();
    const order = await two.started(task.task_id);
    two.keeper.set(order, "running");
    await two.laptop.calls["tasks/stop"]({ task: task.task_id });
    await until("the supervisor is told", () => two.isTold(order));
    two.keeper.finish(order, { state: "cancelled", reason: "stopped" });
    await two.reached("laptop", task.task_id, "cancelled");
  });

  for (const [how, act] of [
    ["unpair", () => two.mini.calls.unpair({ name: "laptop" })],
    ["peers/pause", () => two.mini.calls["peers/pause"]({ name: "laptop" })],
    ["policy/write", () => two.allow("version = 1\n")],
    ["narrower policy", () => two.allow(policyText('network = "none"\n'))],
    ["unpair there", () => two.laptop.calls.unpair({ name: "mini" })],
  ] as const) {
    const title =
      "P78: Unpairing, pausing or no longer allowing a machine tells its running tasks to stop " +
      "within one second, without the keeper.";
    test(`${title} (${how})`, async () => {
      const { task } = await two.run();
      const order = await two.started(task.task_id);
      two.keeper.set(order, "running");
      await two.reached("mini", task.task_id, "running");
      two.keeper.end();
      const begun = performance.now();
      await act();
      await until("the supervisor is told", () => two.isTold(order), 1_000);
      expect(performance.now() - begun).toBeLessThan(1_000);
    });
  }
});
