/**
 * A daemon that ends in any state of a task: its rounds go on, start once, and end once. The
 * supervisors live on, as they do beside a real daemon.
 */

import { Database } from "bun:sqlite";
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { until } from "../../support/until.ts";
import { type Hosts, hosts, policyText } from "./hosts.ts";

setDefaultTimeout(60_000);

let two: Hosts;
beforeEach(async () => {
  two = await hosts();
});
afterEach(() => two[Symbol.asyncDispose]());

const endsOnce = async (taskId: string) => {
  await two.reached("laptop", taskId, "completed");
  await until("the asker was told", async () => {
    return (await two.laptop.calls.inbox({ all: true })).messages.length > 0;
  });
  await two.restart("laptop");
  await two.restart("mini");
  const digests: (string | null)[] = [];
  for (const on of ["mini", "laptop"] as const) {
    const { records } = await two[on].calls.audit({ verb: "task", all: true });
    const ends = records.filter(({ outcome }) => outcome === "completed");
    digests.push(...ends.map(({ content_sha256 }) => content_sha256));
  }
  expect([digests.length, new Set(digests).size]).toEqual([2, 1]);
  expect((await two.laptop.calls.inbox({ all: true })).messages.length).toBe(1);
  expect([...two.keeper.rounds.values()].map(({ starts }) => starts)).toEqual([1]);
};

test("a daemon that ends while a task runs follows it to its one end", async () => {
  const { task } = await two.run();
  const order = await two.started(task.task_id);
  two.keeper.set(order, "running");
  await two.reached("mini", task.task_id, "running");
  await two.restart("mini");
  two.keeper.finish(order);
  await endsOnce(task.task_id);
});

const title =
  "P77: A round of a task is started at most once and ends once, on both machines with one digest " +
  "on record, whenever a daemon, a keeper or a supervisor ends.";

test(title, async () => {
  const { task } = await two.run();
  const order = await two.started(task.task_id);
  two.keeper.set(order, "running");
  await two.reached("mini", task.task_id, "running");
  const { keeper } = two;
  keeper.end();
  keeper.finish(order);
  await two.restart("mini");
  await endsOnce(task.task_id);
});

test("a claimed round whose keeper died before its start runs once, later", async () => {
  let deaths = 0;
  two.keeper.starting = async () => {
    deaths += 1;
    return deaths > 1;
  };
  const { task } = await two.run();
  const order = await two.started(task.task_id);
  expect(deaths).toBe(2);
  expect(await two.states(task.task_id)).toEqual([
    ...["accepted", "claimed", "accepted", "claimed"],
  ]);
  two.keeper.finish(order);
  await endsOnce(task.task_id);
});

test("a keeper that is busy is asked again, and starts the round once", async () => {
  two.keeper.busy = 2;
  const { task } = await two.run();
  const order = await two.started(task.task_id);
  two.keeper.finish(order);
  await endsOnce(task.task_id);
});

test("a daemon that ends between claim and start runs the round once", async () => {
  const claimed = Promise.withResolvers<void>();
  two.keeper.starting = async () => {
    claimed.resolve();
    await new Promise(() => {});
    return false;
  };
  const { task } = await two.run();
  await claimed.promise;
  expect((await two.mini.calls["tasks/show"]({ task: task.task_id })).task.state).toBe("claimed");
  await two.restart("mini");
  const order = await two.started(task.task_id);
  two.keeper.finish(order);
  await endsOnce(task.task_id);
});

test("an end reaches an asker that was away, once", async () => {
  const { task } = await two.run();
  const order = await two.started(task.task_id);
  const { laptop } = two;
  await laptop.daemon.stop();
  two.keeper.finish(order);
  await two.reached("mini", task.task_id, "completed");
  await two.restart("laptop");
  await endsOnce(task.task_id);
});

test("a call that is repeated after its round has ended asks for nothing", async () => {
  const task_id = Bun.randomUUIDv7();
  await two.run({ task_id });
  two.keeper.finish(await two.started(task_id));
  await two.reached("laptop", task_id, "completed");
  expect((await two.run({ task_id })).task.state).toBe("completed");
  expect(two.keeper.weighed).toBe(2);
});

test("a stop that comes before its task leaves nothing to start", async () => {
  const task_id = Bun.randomUUIDv7();
  const looking = Promise.withResolvers<void>();
  const found = Promise.withResolvers<void>();
  two.keeper.weighing = () => {
    looking.resolve();
    return found.promise;
  };
  const running = two.run({ task_id }).catch(({ code }: { code: string }) => code);
  await looking.promise;
  await two.laptop.calls["tasks/stop"]({ task: task_id });
  await two.reached("laptop", task_id, "cancelled");
  found.resolve();
  expect(await running).toBe("id_conflict");
  expect(two.keeper.rounds.size).toBe(0);
  expect((await two.mini.calls.tasks({ all: true })).tasks).toEqual([]);
});

test("a stop by a machine that may run nothing any more leaves no record", async () => {
  const task_id = Bun.randomUUIDv7();
  const looking = Promise.withResolvers<void>();
  const found = Promise.withResolvers<void>();
  two.keeper.weighing = () => {
    looking.resolve();
    return found.promise;
  };
  const running = two.run({ task_id }).catch(({ code }: { code: string }) => code);
  await looking.promise;
  await two.allow("version = 1\n");
  await two.laptop.calls["tasks/stop"]({ task: task_id });
  await two.reached("laptop", task_id, "cancelled");
  const { records } = await two.mini.calls.audit({ verb: "task", all: true });
  expect(records.filter(({ subject_id }) => subject_id === task_id)).toEqual([]);
  found.resolve();
  expect(await running).toBe("scope_denied");
  expect(two.keeper.rounds.size).toBe(0);
});

test("two approvals of one sight do not approve what neither person saw", async () => {
  await two.allow(policyText('approval = "each"\n'));
  const { task } = await two.run();
  const { document_sha256, decision_sha256 } = await two.mini.calls["tasks/show"]({
    task: task.task_id,
  });
  const input = { task: task.task_id, document_sha256, decision_sha256: decision_sha256 ?? "" };
  two.keeper.program = "7".repeat(64);
  const approving = [1, 2].map(() =>
    two.mini.calls["tasks/approve"](input).then(
      () => "approved",
      ({ code }: { code: string }) => code,
    ),
  );
  expect(await Promise.all(approving)).toEqual(["task_state", "task_state"]);
  expect((await two.states(task.task_id)).at(-1)).toBe("held");
});

test("a machine that is no peer any more ends what it was asked for, told once", async () => {
  const { task } = await two.run();
  two.keeper.set(await two.started(task.task_id), "running");
  await two.reached("laptop", task.task_id, "running");
  await two.laptop.calls.unpair({ name: "mini" });
  await two.reached("laptop", task.task_id, "cancelled");
  const { messages } = await two.laptop.calls.inbox({ all: true });
  expect(messages.map(({ thread_id }) => thread_id)).toEqual([task.task_id]);
});

test("an id that the trail has is no new task, though the database has forgotten it", async () => {
  const task_id = Bun.randomUUIDv7();
  const { task } = await two.run({ task_id });
  two.keeper.finish(await two.started(task.task_id));
  await two.reached("laptop", task_id, "completed");
  const forget = (home: string): void => {
    const database = new Database(join(home, "state.db"));
    database.run("DELETE FROM task");
    database.close();
  };
  await two.mini.daemon.stop();
  forget(two.mini.home);
  await two.restart("mini");
  // The asker would not ask for a round that has ended.
  forget(two.laptop.home);
  let code = "";
  await until("mini answers", async () => {
    code = await two.run({ task_id }).then(
      () => "ok",
      (error: { code: string }) => error.code,
    );
    return code !== "peer_unreachable";
  });
  expect(code).toBe("id_conflict");
  expect([...two.keeper.rounds.values()].map(({ starts }) => starts)).toEqual([1]);
});
