import { expect, test } from "bun:test";
import type { Task } from "../../src/core/tasks/task.ts";
import { folder, open } from "./opened.ts";

const digest = "1".repeat(64);

const round = (task_id: string, changed: Partial<Task>): Task => ({
  ...{ direction: "in", task_id, round: 1, fingerprint: "sha256:a", peer_name: "laptop" },
  ...{ name: task_id, repository: "hydrate", profile: "query", runner: null, document: null },
  ...{ document_sha256: digest, decision: null, decision_sha256: null, approval: "none" },
  ...{ approved: null, reason: null, version: 1, state_ms: 0, stop: null, result: null },
  ...{ blob: null, bundle: null, has_bundle: true, base: null, claim: null, tries: 0, due: null },
  ...{ asked_by: { handle: null, person: true }, discarded: false, root: null, ref: null },
  ...{ mailbox: { name: null, tree: null }, wakes: false, home: null, home_reason: null },
  ...{ told: true, state: "completed", created_ms: 0, ended_ms: 1 },
  ...changed,
});

test("old() and oldestMs() name no task whose last round is young or goes on", async () => {
  using dir = folder();
  const store = open(dir.database);
  await store.transact(({ tasks }) => {
    for (let each = 1; each <= 3; each += 1) {
      for (let at = 1; at <= 31; at += 1) tasks.add(round(`long-${each}`, { round: at }));
      tasks.add(round(`long-${each}`, { round: 32, state: "running", ended_ms: null }));
    }
    tasks.add(round("young", {}));
    tasks.add(round("young", { round: 2, ended_ms: 9_000 }));
    tasks.add(round("past", { ended_ms: 500 }));
    return { value: undefined };
  });
  const { tasks } = store.tables;
  expect(tasks.old(1_000, 64).map(({ task_id }) => task_id)).toEqual(["past"]);
  expect(tasks.oldestMs()).toBe(500);
  tasks.remove({ direction: "in", task_id: "past" });
  expect(tasks.oldestMs()).toBe(9_000);
  store.close();
});
