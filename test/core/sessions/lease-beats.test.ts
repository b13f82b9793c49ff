import { expect, test } from "bun:test";
import { handlesMax, heartbeatMs, sweepMs } from "../../../src/contract/limits.ts";
import { Name } from "../../../src/contract/terms.ts";
import { type Draw, histories, historiesMs } from "../../support/histories.ts";
import { activation, type World, world } from "./lease-world.ts";

/** Beats every 30 s for half an hour, never losing two in a row, while the daemon is restarted. */
async function keepBeating(draw: Draw): Promise<void> {
  using of = world(draw.below(2 ** 32));
  const { generation } = await of.handlers.activate(activation(0, "hydrate"), of.caller());
  const beats = [{ name: "hydrate", generation }];
  let lostOne = false;
  for (let beat = 0; beat < 60; beat += 1) {
    for (let passed = 0; passed < heartbeatMs; passed += sweepMs) {
      of.clock.move(sweepMs);
      if (draw.oneIn(200)) of.restart();
      await of.sweep();
    }
    lostOne = !lostOne && draw.oneIn(2);
    if (lostOne) continue;
    expect(await of.handlers.renew({ beats }, of.caller())).toEqual({
      renewed: ["hydrate"],
      lost: [],
    });
  }
}

test(
  "renew() keeps a session that beats every 30 s, whichever single beats are lost",
  async () => {
    await histories(20, keepBeating);
  },
  historiesMs,
);

/** Fills a machine with handles, some of one project, and lets some go again. */
async function crowd(of: World, draw: Draw): Promise<void> {
  const projects = ["hydrate", "Hydrate!", "x".repeat(64), "水", "-rf", "a.b"];
  for (let index = 0; index < handlesMax + 40; index += 1) {
    const input = activation(index, draw.pick(projects));
    const before = of.context.tables.leases.all();
    const outcome = await of.handlers.activate(input, of.caller()).catch((error: unknown) => error);
    const leases = of.context.tables.leases.all();
    if (before.length < handlesMax) expect(leases.length).toBe(before.length + 1);
    else {
      expect(outcome).toMatchObject({ code: "lease_limit" });
      expect(leases).toEqual(before);
    }
    if (draw.oneIn(20)) await of.handlers.deactivate({ name: draw.pick(leases).name }, of.caller());
  }
  const names = of.context.tables.leases.all().map(({ name }) => name);
  expect(names.length).toBeGreaterThan(handlesMax - 20);
  expect(names.filter((name) => !Name.safeParse(name).success)).toEqual([]);
}

test(
  "activate() never gives more than handlesMax handles, each of them a name",
  async () => {
    await histories(3, async (draw) => {
      using of = world(draw.below(2 ** 32));
      await crowd(of, draw);
    });
  },
  historiesMs,
);
