/** The thread of an ask, named by the end of its id. */

import { expect, test } from "bun:test";
import { answer, record, thread } from "../samples.ts";
import { failed, run } from "../support.ts";

const shownAs = (kind: "thread" | "ask") => async () => ({
  kind,
  id: thread,
  short: thread.slice(-4),
  records: [record()],
});
const line = `ask --thread ${thread.slice(-4)} mini/hydrate why`;

test("ask takes the end of a thread's id", async () => {
  const answers = { show: shownAs("thread"), ask: async () => answer() };
  const { exit, calls } = await run(line, { answers });
  expect(exit).toBe(0);
  expect(calls).toEqual([
    ["show", { id: thread.slice(-4) }],
    ["ask", { handle: "mini/hydrate", question: "why", thread_id: thread }],
  ]);
});

test("ask refuses the end of an id that is no thread's", async () => {
  const { exit, err } = await run(line, { answers: { show: shownAs("ask") } });
  const end = thread.slice(-4);
  expect([exit, err]).toEqual([2, failed(`${end} is no thread here`, `peernet show ${end}`)]);
});
