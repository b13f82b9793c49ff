/** Verifying a trail that goes on meanwhile. */

import { expect, test } from "bun:test";
import { Trail } from "../../../src/daemon/audit/trail.ts";
import { instantOf } from "../../../src/platform/effects.ts";
import { activation, world } from "../../core/sessions/lease-world.ts";

test("verify() finds nothing wrong when a checkpoint is signed while it looks", async () => {
  using of = world(1);
  const { context, clock, handlers } = of;
  const record = (index: number) => handlers.activate(activation(index, `p${index}`), of.caller());
  let pauses = 0;
  const trail: Trail = new Trail(context, async () => {
    pauses += 1;
    await record(pauses);
    trail.sign(instantOf(clock));
  });
  await trail.begin(instantOf(clock));
  await record(0);
  trail.sign(instantOf(clock));
  const before = trail.latest?.seq ?? 0;
  expect(await trail.verify()).toMatchObject({ ok: true });
  // It was signed under its eyes, after the file was read.
  expect(trail.latest?.seq).toBeGreaterThan(before);
  expect(pauses).toBeGreaterThan(1);
  expect(await trail.verify()).toMatchObject({ ok: true });
});
