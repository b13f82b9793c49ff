import { expect, test } from "bun:test";
import type { WaitEnd, WaitEvent } from "../../../src/contract/reach/waits.ts";
import { answer } from "../samples.ts";
import { failed, run } from "../support.ts";

const wait_id = "01935fd2-61f1-7c6a-9d2e-3b1c5a7e9f01";
const handle = "mini/hydrate";
const begun: WaitEvent = { event: "waiting", wait_id, handle, state: "working", ends_in_ms: 9_000 };

const waiting = (end: Pick<WaitEnd, "outcome" | "reason" | "answer">) => ({
  answers: {
    wait: async function* (): AsyncGenerator<WaitEvent> {
      yield begun;
      yield { event: "ended", wait_id, handle, ...end };
    },
  },
});

test("wait prints the answer of the moment that was waited for, and exits 0", async () => {
  const scene = waiting({ outcome: "reached", reason: null, answer: answer() });
  const { exit, out, err, calls } = await run(`wait ${handle} --timeout 2h`, scene);
  expect([exit, err]).toEqual([0, "waiting until mini/hydrate is idle …\n"]);
  expect(out).toStartWith("mini/hydrate   working for 4 min   Claude Code");
  expect(calls).toEqual([["wait", { handle, until: "idle", for_ms: 7_200_000 }]]);
});

test("wait --json prints the end alone", async () => {
  const end = { outcome: "reached", reason: "gone", answer: null } as const;
  const { exit, out, err } = await run(`wait ${handle} --until gone --json`, waiting(end));
  expect([exit, JSON.parse(out), err]).toEqual([
    0,
    { event: "ended", wait_id, handle, ...end },
    "",
  ]);
});

for (const [end, exit, message, hint] of [
  [
    { outcome: "timeout", reason: null, answer: null },
    5,
    "mini/hydrate did not become idle within 30 min",
    "peernet ask mini/hydrate",
  ],
  [
    { outcome: "ended", reason: "hidden", answer: null },
    4,
    "mini hides the state of mini/hydrate, so it cannot be waited for",
    "peernet wait mini/hydrate --until commit",
  ],
  [
    { outcome: "ended", reason: "gone", answer: null },
    1,
    "mini/hydrate has ended",
    "peernet ask mini",
  ],
] as const) {
  test(`wait exits ${exit} when ${message}`, async () => {
    const outcome = await run(`wait ${handle}`, waiting(end));
    expect(outcome.exit).toBe(exit);
    expect(outcome.err).toEndWith(failed(message, hint));
  });
}

test("wait refuses a change that there is not, a bad time, and what is no handle", async () => {
  for (const [line, message, hint] of [
    ["--until comit", "nobody can wait until comit", "did you mean --until commit"],
    ["--timeout 25h", "--timeout is 1s to 24h", "peernet wait HANDLE --timeout 30m"],
  ] as const) {
    const outcome = await run(`wait ${handle} ${line}`);
    expect([outcome.exit, outcome.err, outcome.calls]).toEqual([2, failed(message, hint), []]);
  }
  const { exit, calls } = await run("wait a/b/c");
  expect([exit, calls]).toEqual([2, []]);
});
