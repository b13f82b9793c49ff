/** A verification that finds the trail whole signs it to its end, and leaves a copy with peers. */

import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { machine, pair, session } from "../../support/daemon.ts";

test("verify of a new pairing ends with a peer that keeps a copy of the last record", async () => {
  await using mini = await machine("mini");
  await using laptop = await machine("laptop");
  await pair(mini, laptop);
  await mini.calls.activate(session());
  const output = await mini.calls["audit/verify"]({});
  if (!output.ok) throw new Error(output.reason);
  expect([output.checkpoint_seq, output.witnesses]).toEqual([output.records, 1]);
});

test("verify of a trail that is broken signs nothing", async () => {
  await using mini = await machine("mini");
  await mini.calls.activate(session());
  rmSync(join(mini.home, "checkpoints"));
  for (let times = 0; times < 2; times += 1) {
    expect(await mini.calls["audit/verify"]({})).toMatchObject({
      ok: false,
      reason: "the file of checkpoints is missing",
    });
  }
});
