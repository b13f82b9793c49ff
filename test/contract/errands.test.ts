/** The table of errands, and the messages that follow from its rows. */

import { expect, test } from "bun:test";
import { errandRows } from "../../src/contract/control/errands.ts";
import {
  Errand,
  ErrandOutcome,
  type ErrandWord,
  errandKinds,
} from "../../src/contract/errands/errands.ts";
import { sampleOrder } from "../support/tasks.ts";

const kinds = Object.keys(errandKinds).sort();
const id = "01a22ca9-460c-7014-a786-101c0b7184a3";
/** An input and an output of each kind. */
const samples: {
  readonly [K in ErrandWord]: { readonly input: unknown; readonly output: unknown };
} = {
  notify: { input: { summary: "peernet: 1 session waits", body: "1 here" }, output: {} },
  queue: {
    input: { thread: "t", process: { pid: 1, start_time: "2" }, cwd: "/src" },
    output: { queued: true },
  },
  webhook: {
    input: { url: "unix:/run/me/bot.sock", secret_file: null, event_id: id, body: "{}" },
    output: { why: null, status: 204 },
  },
  search: {
    input: { path: "/r.jsonl", from: 0, nonce: "pnr-0123456789abcdef" },
    output: { nonce: "not_there" },
  },
  read_open: {
    input: {
      ...{ reading_id: id, peer: `sha256:${"a".repeat(43)}`, path: "/src", refs: [] },
      ...{ sha: null, preferred: null, history: false },
    },
    output: { opened: false, why: "ref", detail: "" },
  },
  read: {
    input: { reading_id: id, operation: { op: "file", path: "a" }, deny: [] },
    output: { result: null },
  },
  read_close: { input: { reading_id: id }, output: {} },
  task_weigh: {
    input: {
      ...{ task_id: id, round: 1, bases: null, base: null, bundled: false, profile: "query" },
      place: { kind: "folder", name: "web", path: "/src" },
      ...{ runner: "codex", command: null, network: "model", usd: null },
    },
    output: { path: null, program: null, gates: [] },
  },
  task_start: { input: { order: sampleOrder(id) }, output: { started: true } },
  task_await: {
    input: { task_id: id, round: 1, known: null },
    output: { seen: "running", log_bytes: 0, running_ms: null, result: null },
  },
  task_put: {
    input: {
      ...{ blob: { task_id: id, round: 1, part: "bundle" }, ours: false, offset: 0, data: "AA==" },
      whole: { bytes: 1, sha256: "0".repeat(64) },
    },
    output: { put: "whole", have: 1 },
  },
  task_get: {
    input: { blob: { task_id: id, round: 1, part: "log" }, ours: false, offset: 0 },
    output: { piece: { data: "", total: 0, ended: false } },
  },
  task_pack: {
    input: {
      ...{ task_id: id, round: 1, folder: "/src", at: null, wip: false, bundle: false },
    },
    output: { packed: false, why: "ref", detail: "" },
  },
  task_import: {
    input: {
      ...{ task_id: id, round: 1, root: "/src", machine: "mini", name: "loader" },
      ...{ base: "a".repeat(40), commit: "b".repeat(40) },
      bundle: { bytes: 1, sha256: "0".repeat(64) },
    },
    output: { imported: true, ref: "refs/peernet/mini/loader" },
  },
  task_discard: { input: { task_id: id, ours: false }, output: {} },
  task_runners: { input: {}, output: { runners: [], wall: "" } },
  read_whose: { input: { cwd: "/src", repositories: [] }, output: { name: null } },
};

test("Errand and ErrandOutcome have a form for each kind of the table, and for no other", () => {
  expect(Errand.options.map(({ shape }) => shape.kind.value).sort()).toEqual(kinds as never);
  const ends = ErrandOutcome.options.map(({ shape }) => shape.kind.value);
  expect(ends.sort()).toEqual(["failed", ...kinds].sort() as never);
  for (const [kind, { input, output }] of Object.entries(samples)) {
    expect(Errand.safeParse({ id, kind, input, deadline_ms: 1 }).success).toBe(true);
    expect(Errand.safeParse({ id, kind, input: null, deadline_ms: 1 }).success).toBe(false);
    expect(ErrandOutcome.safeParse({ kind, output }).success).toBe(true);
    expect(ErrandOutcome.safeParse({ kind, output: null }).success).toBe(false);
  }
});

test("errands and errand are on no surface: they are the keeper's", () => {
  expect(Object.values(errandRows).flatMap(({ surfaces }) => surfaces)).toEqual([]);
});
