import { expect, test } from "bun:test";
import { run, text } from "../support.ts";

const entry = {
  id: "01935fd2-61f1-7c6a-9d2e-3b1c5a7e7f3a",
  peer: "mini",
  kind: "reached",
  lane: "control",
  subject_id: "01935fd2-61f1-7c6a-9d2e-3b1c5a7e9f01",
  bytes: 120,
  age_ms: 4 * 60_000,
  expires_in_ms: 112_000,
  failures: 0,
  stuck: false,
} as const;

test("outbox lists what waits, what is stuck, and says so where nothing waits", async () => {
  const stuck = { ...entry, id: `${entry.id.slice(0, -4)}0b11`, failures: 9, stuck: true };
  const outbox = async () => ({ entries: [entry, stuck] });
  const { exit, out } = await run("outbox", { answers: { outbox } });
  expect([exit, out]).toEqual([
    0,
    text(
      "ID     FOR    WHAT      SINCE       STATE",
      "7f3a   mini   reached   4 min ago   1:52 left",
      "0b11   mini   reached   4 min ago   stuck: 9 failures there",
    ),
  ]);
  const none = await run("outbox", { answers: { outbox: async () => ({ entries: [] }) } });
  expect([none.exit, none.out, none.err]).toEqual([0, "", "nothing waits to reach a peer\n"]);
});

test("outbox drop says whether the entry may have left", async () => {
  for (const [outcome, said] of [
    ["dropped", "dropped; it did not leave\n"],
    ["unknown", "dropped; it was under way, and may have arrived\n"],
  ] as const) {
    const drop = async () => ({ id: entry.id, outcome });
    const done = await run("outbox drop 7F3A", { answers: { "outbox/drop": drop } });
    expect([done.exit, done.out, done.calls]).toEqual([0, said, [["outbox/drop", { id: "7f3a" }]]]);
  }
});
