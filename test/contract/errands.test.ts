/** The table of errands, and the messages that follow from its rows. */

import { expect, test } from "bun:test";
import { errandRows } from "../../src/contract/control/errands.ts";
import {
  Errand,
  ErrandOutcome,
  type ErrandWord,
  errandKinds,
} from "../../src/contract/errands/errands.ts";

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
