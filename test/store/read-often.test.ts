/** Cached reads: leases that stay the same, and of peers only their scopes. */

import { expect, test } from "bun:test";
import { newPeer } from "../../src/daemon/peers/grants.ts";
import type { Tables } from "../../src/store/database.ts";
import { lease } from "../core/samples.ts";
import { type Opened, opened } from "./opened.ts";

/** Commits what is done to the tables; resolves to what it threw. */
async function doing(of: Opened, run: (tables: Tables) => void): Promise<unknown> {
  const queued = of.store.transact((tables) => ({ value: run(tables) }));
  const caught = queued.catch((error: unknown) => error);
  of.flush();
  return caught;
}

const granted = { acknowledged: true, exchanged: true, refused: false, paired_at_ms: 1 };
const peers = ["studio", "mini"].map((name) => ({
  ...{ ...newPeer, ...granted, name, fingerprint: `sha256:${name}`, certificate: "c" },
  scopes: name === "mini" ? (["ask"] as const) : [],
}));

test("all() gives the same array until a lease is changed", async () => {
  using of = opened();
  await doing(of, ({ leases }) => leases.put(lease()));
  const { leases } = of.store.tables;
  const before = leases.all();
  expect(before).toStrictEqual([lease()]);
  await doing(of, (tables) => peers.forEach(tables.peers.put));
  expect(leases.all()).toBe(before);
  await doing(of, (tables) => tables.leases.put(lease({ summary: "other" })));
  expect(leases.all().map(({ summary }) => summary)).toEqual(["other"]);
  await doing(of, (tables) => tables.leases.remove(lease().name));
  expect(leases.all()).toEqual([]);
});

test("all() forgets what a transaction read of its own changes and then undid", async () => {
  using of = opened();
  await doing(of, ({ leases }) => leases.put(lease()));
  const before = of.store.tables.leases.all();
  const undone = doing(of, ({ leases }) => {
    leases.remove(lease().name);
    expect(leases.all()).toEqual([]);
    throw new Error("undone");
  });
  expect(String(await undone)).toContain("undone");
  expect(of.store.tables.leases.all()).toEqual(before);
  let within: unknown;
  await doing(of, ({ leases }) => {
    within = leases.all();
  });
  expect(within).toEqual(before);
});

test("grants() tells what all() tells of fingerprints and grants, in its order", async () => {
  using of = opened();
  await doing(of, (tables) => peers.forEach(tables.peers.put));
  const { tables } = of.store;
  expect(tables.peers.all().map(({ name }) => name)).toEqual(["mini", "studio"]);
  const told = tables.peers.all().map(({ fingerprint, grants }) => ({ fingerprint, grants }));
  expect(tables.peers.grants()).toEqual(told);
});
