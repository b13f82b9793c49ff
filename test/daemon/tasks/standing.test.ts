/** The counts of tasks that status and the change feed give to people who watch. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { hosts, policyText } from "./hosts.ts";

setDefaultTimeout(60_000);

test("a task is counted by status and sent to those who watch, on both sides", async () => {
  await using two = await hosts({ mine: false });
  await two.allow(policyText('approval = "each"\n'));
  const leaving = new AbortController();
  const events = two.mini.calls.watch({}, { signal: leaving.signal });
  const counted = async (held: number) => {
    for await (const event of events) {
      if (event.event === "tasks" && event.tasks.held === held) return event.tasks;
    }
    return null;
  };
  const none = { held: 0, held_from: [], here: 0, asked: 0, asked_of: [] };
  expect((await two.mini.calls.status({})).tasks).toEqual(none);
  const { task } = await two.run({ profile: "query" });
  const held = { ...none, held: 1, held_from: ["laptop"] };
  expect((await two.mini.calls.status({})).tasks).toEqual(held);
  expect(await counted(1)).toEqual(held);
  const asked = { ...none, asked: 1, asked_of: ["mini"] };
  expect((await two.laptop.calls.status({})).tasks).toEqual(asked);
  const shown = await two.mini.calls["tasks/show"]({ task: task.task_id });
  const { document_sha256, decision_sha256 } = shown;
  const digests = { document_sha256, decision_sha256: decision_sha256 ?? "" };
  await two.mini.calls["tasks/approve"]({ task: task.task_id, ...digests });
  await two.started(task.task_id);
  expect((await two.mini.calls.status({})).tasks).toEqual({ ...none, here: 1 });
  leaving.abort();
});
