/** Tasks of a machine that is not the person's own, and of machines that lie. */

import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { sampleDocument, sampleEnded, sampleResult } from "../../support/tasks.ts";
import { until } from "../../support/until.ts";
import { codeOf as codeOfReply } from "../attack/connection.ts";
import { enrol } from "../attack/pairing.ts";
import { type Hosts, hosts, policyText, running } from "./hosts.ts";

setDefaultTimeout(60_000);

let two: Hosts;
afterEach(() => two[Symbol.asyncDispose]());

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "ok",
    (error: { code: string }) => error.code,
  );
const digestsOf = async (task: string) => {
  const { document_sha256, decision_sha256 } = await two.mini.calls["tasks/show"]({ task });
  return { task, document_sha256, decision_sha256: decision_sha256 ?? "" };
};
const approve = async (task: string) => two.mini.calls["tasks/approve"](await digestsOf(task));

describe("a machine that is not the person's own", () => {
  beforeEach(async () => {
    two = await hosts({ mine: false });
  });

  for (const written of ["none", "once", "each"]) {
    const title =
      "P76: A task of a machine that is not the person's own starts only after a person approved " +
      "that very round, and none starts with another program, limit, path or commit than was " +
      "approved.";
    test(`${title} (${written})`, async () => {
      await two.allow(policyText(`approval = "${written}"\n`));
      const { task } = await two.run({ profile: "query" });
      expect(task.state).toBe("held");
      expect(two.keeper.rounds.size).toBe(0);
      await approve(task.task_id);
      const order = await two.started(task.task_id);
      two.keeper.finish(order);
      await two.reached("laptop", task.task_id, "completed");
      const further = await two.laptop.calls["tasks/say"]({
        ...{ task: task.task_id, prompt: "Now the tests", from: { by: "person" } },
      });
      expect([further.task.state, further.task.round]).toEqual(["held", 2]);
      const again = await two.run({ profile: "query" });
      expect(again.task.state).toBe("held");
      expect(two.keeper.rounds.size).toBe(1);
    });
  }
});

describe("policy", () => {
  beforeEach(async () => {
    two = await hosts();
  });

  test("what it does not allow is refused without the rule that decided", async () => {
    expect(await codeOf(two.run({ repository: "secret" }))).toBe("repository_unknown");
    expect(await codeOf(two.run({ profile: "build" }))).toBe("policy_refused");
    expect(await codeOf(two.run({ runner: "codex" }))).toBe("policy_refused");
    await two.allow("version = 1\n");
    expect(await codeOf(two.run())).toBe("scope_denied");
    expect(two.keeper.weighed).toBe(0);
  });

  test("an asker's wishes only lower the limits of the rules", async () => {
    const { task } = await two.run({ profile: "edit", wall_ms: 60_000_000, usd: 50 });
    const { decision } = await two.mini.calls["tasks/show"]({ task: task.task_id });
    expect([decision?.wall_ms, decision?.usd]).toEqual([1_200_000, 2]);
  });

  test("a closed gate refuses the task, and its asker learns the gate alone", async () => {
    two.keeper.gates = [{ gate: "credential", why: "none", detail: "peernet runner add" }];
    const { task } = await two.run();
    expect([task.state, task.reason]).toEqual(["refused", "credential"]);
    const checked = await two.laptop.calls["tasks/check"]({ ...running(), runner: null });
    const closed = checked.gates.filter(({ passed }) => !passed);
    expect(closed.map(({ gate }) => gate)).toEqual(["credential"]);
    expect(JSON.stringify(checked)).not.toContain('peernet runner add"');
  });

  test("without a keeper nothing is stored, and the same id may be asked again", async () => {
    two.keeper.end();
    const task_id = Bun.randomUUIDv7();
    expect(await codeOf(two.run({ task_id }))).toBe("not_ready");
    expect((await two.mini.calls.tasks({ all: true })).tasks).toEqual([]);
  });

  test("seventeen waiting tasks of a machine are one too many", async () => {
    await two.allow(policyText("per_day = 100\n"));
    for (let nth = 0; nth < 16; nth++) {
      expect((await two.run({ profile: "edit" })).task.state).toBe("held");
    }
    expect(await codeOf(two.run({ profile: "edit" }))).toBe("task_limit");
  });

  test("a rule's day has as many tasks as it says", async () => {
    await two.allow(policyText("per_day = 2\n"));
    await two.run({ profile: "edit" });
    await two.run({ profile: "edit" });
    expect(await codeOf(two.run({ profile: "edit" }))).toBe("task_limit");
  });

  test("one task of a machine runs at once, and the next follows", async () => {
    const [first, second] = [await two.run(), await two.run()];
    const order = await two.started(first.task.task_id);
    expect(two.keeper.rounds.size).toBe(1);
    two.keeper.finish(order);
    await two.started(second.task.task_id);
    expect(two.keeper.rounds.size).toBe(2);
  });
});

describe("another machine's task", () => {
  beforeEach(async () => {
    two = await hosts();
  });

  test("P79: A machine stops, reads, fills, ends and removes its own tasks alone.", async () => {
    const { task } = await two.run();
    const order = await two.started(task.task_id);
    const { task_id } = order;
    const eves = { mini: await enrol(two.mini), laptop: await enrol(two.laptop) };
    const call = async (on: "mini" | "laptop", path: string, input: object) => {
      using connection = await eves[on].connect();
      return codeOfReply(await connection.post(path, input, { token: eves[on].token }));
    };
    for (const [path, input] of [
      ["task/stop", { task_id }],
      ["task/discard", { task_id }],
      ["blob/get", { id: { task_id, round: 1, part: "log" }, offset: 0 }],
      ["blob/put", { id: { task_id, round: 1, part: "bundle" }, offset: 0, data: "" }],
    ] as const) {
      expect([path, await call("mini", path, input)]).toEqual([path, "id_unknown"]);
    }
    const event = { task_id, round: 1, version: 99, state: "completed", reason: null, age_ms: 0 };
    expect(await call("laptop", "task/event", event)).toBe("id_unknown");
    expect(await call("laptop", "task/result", sampleEnded(task_id))).toBe("id_unknown");
    expect(two.isTold(order)).toBe(false);
    const report = await two.laptop.calls["tasks/get"]({ task: task_id });
    expect(report.result).toBe(null);
  });

  test("with the scope run cannot take over an id, or hand over a forged document", async () => {
    const eve = await enrol(two.mini);
    await two.mini.calls["peers/grant"]({ name: "mallory", entries: [], mine: true });
    await two.allow(policyText().replace('["laptop"]', '["laptop", "mallory"]'));
    const { task } = await two.run({ profile: "edit" });
    const submit = async (document: object, digest?: string) => {
      const text = JSON.stringify(document);
      const input = {
        task_id: (document as { task_id: string }).task_id,
        document: text,
        digest: digest ?? new Bun.SHA256().update(text).digest("hex"),
      };
      using connection = await eve.connect();
      return codeOfReply(await connection.post("task/submit", input, { token: eve.token }));
    };
    const fresh = () => sampleDocument(Bun.randomUUIDv7());
    expect(await submit(sampleDocument(task.task_id))).toBe("id_conflict");
    expect(await submit(fresh(), "0".repeat(64))).toBe("bad_request");
    expect(await submit({ ...fresh(), hops: 1 })).toBe("bad_request");
    expect(await submit({ ...fresh(), path: "/etc" })).toBe("bad_request");
    expect(await submit({ ...fresh(), round: 2 })).toBe("id_conflict");
    expect(await submit({ ...fresh(), base: null })).toBe("bad_request");
    expect(await submit(fresh())).toBe(null);
  });
});

describe("bundles", () => {
  beforeEach(async () => {
    two = await hosts();
  });

  test("a declared bundle crosses in pieces before the task is weighed with it", async () => {
    const bytes = new Uint8Array(1_500).fill(7);
    const sha256 = new Bun.SHA256().update(bytes).digest("hex");
    two.asking.bundle = { bytes: bytes.length, sha256 };
    const task_id = Bun.randomUUIDv7();
    two.asking.parts.set(`${task_id} 1 bundle`, bytes);
    const { task } = await two.run({ task_id, send: true });
    expect(task.state).toBe("submitted");
    const order = await two.started(task_id);
    expect(order.decision.bundle_sha256).toBe(sha256);
    expect(two.keeper.puts).toEqual(["bundle", "bundle", "bundle"]);
  });

  test("the bundle of a task that was refused is removed at once", async () => {
    const bytes = new Uint8Array(700).fill(7);
    const sha256 = new Bun.SHA256().update(bytes).digest("hex");
    two.asking.bundle = { bytes: bytes.length, sha256 };
    const task_id = Bun.randomUUIDv7();
    two.asking.parts.set(`${task_id} 1 bundle`, bytes);
    await two.run({ task_id, send: true, profile: "edit" });
    await two.reached("mini", task_id, "held");
    await two.mini.calls["tasks/refuse"]({ task: task_id });
    await until("it is removed", () => two.keeper.discarded.length > 0);
    expect(two.keeper.discarded).toEqual([{ task_id, ours: false }]);
  });

  test("an end with commits is brought home, and told with the ref", async () => {
    const { task } = await two.run({ name: "loader" });
    const order = await two.started(task.task_id);
    const tree = new Uint8Array(1_200).fill(9);
    const bundle = { bytes: tree.length, sha256: new Bun.SHA256().update(tree).digest("hex") };
    two.keeper.parts.set(`${task.task_id} 1 tree`, tree);
    const { measured } = sampleResult(task.task_id);
    two.keeper.finish(order, { measured: { ...measured, commit: "b".repeat(40), bundle } });
    const short = task.task_id.slice(-4);
    await until("it is home", async () => {
      const { ref } = await two.laptop.calls["tasks/get"]({ task: "loader" });
      return ref === `refs/peernet/mini/loader-${short}`;
    });
    expect(two.asking.puts).toEqual(["tree", "tree", "tree"]);
    const { messages } = await two.laptop.calls.inbox({ all: true });
    expect(messages.length).toBe(1);
    const { text } = await two.laptop.calls["inbox/show"]({ id: messages[0]?.message_id ?? "" });
    expect(text).toContain(`refs/peernet/mini/loader-${short}`);
  });

  test("a result of another digest than was told is not believed", async () => {
    const { task } = await two.run();
    const order = await two.started(task.task_id);
    two.keeper.finish(order);
    two.keeper.parts.set(`${task.task_id} 1 result`, new TextEncoder().encode("{}".repeat(600)));
    await two.reached("laptop", task.task_id, "completed");
    await until("it is fetched", async () => {
      const { records } = await two.laptop.calls.audit({ verb: "task", all: true });
      return records.some(({ details }) => details?.includes('"reason":"digest"'));
    });
  });
});

describe("the end", () => {
  beforeEach(async () => {
    two = await hosts();
  });

  test("of a machine that may run nothing any more tells its state alone", async () => {
    const { task } = await two.run();
    const order = await two.started(task.task_id);
    await two.allow("version = 1\n");
    await until("the supervisor is told", () => two.isTold(order));
    two.keeper.finish(order, { state: "cancelled", reason: "stopped" });
    await two.reached("laptop", task.task_id, "cancelled");
    const report = await two.laptop.calls["tasks/get"]({ task: task.task_id });
    expect(report.result).toBe(null);
    expect(report.task.reason).toBe("policy");
  });

  test("a supervisor that is gone without a result is lost, and never runs again", async () => {
    const { task } = await two.run();
    const order = await two.started(task.task_id);
    two.keeper.set(order, "lost");
    await two.reached("laptop", task.task_id, "lost");
    await two.run({ task_id: task.task_id });
    await two.restart("mini");
    expect([...two.keeper.rounds.values()].map(({ starts }) => starts)).toEqual([1]);
    expect((await two.laptop.calls.inbox({ all: true })).messages.length).toBe(1);
  });

  test("tasks/discard removes an ended task on both machines, and its id is used up", async () => {
    const { task } = await two.run();
    const { task_id } = task;
    expect(await codeOf(two.laptop.calls["tasks/discard"]({ task: task_id }))).toBe("task_state");
    two.keeper.finish(await two.started(task_id));
    await two.reached("laptop", task_id, "completed");
    await two.laptop.calls["tasks/discard"]({ task: task_id });
    await until("both are removed", () =>
      [two.keeper, two.asking].every(({ discarded }) => discarded.length === 1),
    );
    const { document } = await two.mini.calls["tasks/show"]({ task: task_id });
    expect(document).toBe("");
  });
});
