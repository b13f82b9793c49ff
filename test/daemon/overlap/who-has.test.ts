/** The answer of `who-has` beside the files: ages, and the machines that were not compared. */

import { expect, test } from "bun:test";
import { overlapSessionsMax } from "../../../src/contract/overlap/limits.ts";
import { pathDigest } from "../../../src/session/overlap.ts";
import type { Machine } from "../../support/daemon.ts";
import { greeted, identity, two, whoHas, works } from "./two.ts";

const file = "src/sync.ts";

const notCompared = async (on: Machine) => {
  const paths = [pathDigest(identity, file)];
  const { not_compared } = await on.calls["overlap/who"]({ identity, paths });
  return not_compared.map(({ machine, why }) => `${machine}: ${why}`);
};

const knows = (on: Machine, machines: number) =>
  greeted(on, "it knows", async () => (await whoHas(on, [file])).length === machines);

test("who-has says why a machine was not compared, until it is", async () => {
  const { mini, laptop } = await two(null);
  await using _mini = mini;
  await using _laptop = laptop;
  await works(mini, "hydrate", [file]);
  expect(await notCompared(laptop)).toEqual(["mini: not_granted"]);
  const entries = [{ scope: "overlap" as const, names: ["hydrate"] }];
  await mini.calls["peers/grant"]({ name: "laptop", entries });
  await greeted(laptop, "laptop may compare", async () => {
    return (await notCompared(laptop))[0] === "mini: no_session";
  });
  await works(laptop, "api", []);
  await greeted(laptop, "it is compared", async () => (await notCompared(laptop)).length === 0);
  expect((await whoHas(laptop, [file])).map(({ machine }) => machine)).toEqual(["mini"]);
  // A machine that is away has no live session, and is no longer compared.
  await mini.daemon.stop();
  await greeted(laptop, "mini is away", async () => (await notCompared(laptop)).length === 1);
  expect([await notCompared(laptop), await whoHas(laptop, [file])]).toEqual([
    ["mini: not_reached"],
    [],
  ]);
});

test("who-has says that a machine has more sessions than it told", async () => {
  const { mini, laptop } = await two("mine");
  await using _mini = mini;
  await using _laptop = laptop;
  for (let at = 0; at <= overlapSessionsMax; at += 1) await works(mini, `s${at}`, [file]);
  await works(laptop, "api", []);
  await knows(laptop, overlapSessionsMax);
  expect(await notCompared(laptop)).toEqual(["mini: more_sessions"]);
});

test("who-has tells how old its knowledge of each session is", async () => {
  let aheadMs = 0;
  const { mini, laptop } = await two("mine", {
    effects: (real) => ({
      ...real,
      clock: { ...real.clock, bootMs: () => real.clock.bootMs() + aheadMs },
    }),
  });
  await using _mini = mini;
  await using _laptop = laptop;
  await works(mini, "hydrate", [file]);
  await works(laptop, "api", [file]);
  await knows(laptop, 2);
  aheadMs = 20_000;
  // The next hello is due 30 s after the last.
  for (const { age_ms, machine } of await whoHas(laptop, [file])) {
    expect([machine, age_ms >= 20_000, age_ms < 30_000]).toEqual([machine, true, true]);
  }
});

test("doctor names a session whose files cannot be compared, where a peer may", async () => {
  const { mini, laptop } = await two(null);
  await using _mini = mini;
  await using _laptop = laptop;
  const found = async () =>
    (await laptop.calls.doctor({})).checks.filter(({ name }) => name === "overlap");
  await works(laptop, "api", null);
  expect(await found()).toEqual([]);
  const entries = [{ scope: "overlap" as const, names: ["hydrate"] }];
  await laptop.calls["peers/grant"]({ name: "mini", entries });
  for (const [why, what, fix] of [
    ["shallow", "the clone is shallow, so its first commit is unknown", "git fetch --unshallow"],
    ["grafted", "the history is grafted, so", "git replace --convert-graft-file"],
    ["partial", "the clone is partial, so", "a clone that was made without --filter"],
    ["late", "git took too long", "git status"],
  ] as const) {
    await works(laptop, "api", null, { why });
    const [check] = await found();
    const start = `api: its changed files are not compared: ${what}`;
    expect([check?.state, check?.detail.slice(0, start.length)]).toEqual(["warning", start]);
    expect(check?.fix?.endsWith(fix)).toBe(true);
  }
  // A folder without a commit is in order, and so is one that was read.
  await works(laptop, "api", null, { why: "no_commit" });
  expect(await found()).toEqual([]);
  await works(laptop, "api", [file]);
  expect(await found()).toEqual([]);
});
