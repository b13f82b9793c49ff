/** Pairings that end, and links that work in one direction, across a network. */

import { afterAll, beforeAll, beforeEach, expect } from "bun:test";
import { pairTwo, type Session } from "../scenario/pairing.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { busy, connections, type Machine, machine } from "./hosts.ts";
import { canLab, type Lab, lab, noLab, portOf } from "./lab.ts";

const test = skipUnless(canLab, noLab);

let hosts: Lab;
let mini: Machine;
let laptop: Machine;
let sessions: readonly Session[];

beforeAll(async () => {
  if (!canLab) return;
  hosts = lab();
  mini = await machine(hosts, "a", "mini");
  laptop = await machine(hosts, "b", "laptop");
  sessions = [await busy(mini, "hydrate"), await busy(laptop, "sync")];
});

beforeEach(async () => {
  if (!canLab) return;
  await pairTwo(mini, laptop);
  await laptop.json(["ask", "mini/hydrate"]);
});

afterAll(async () => {
  if (!canLab) return;
  for (const session of sessions) session[Symbol.dispose]();
  await mini[Symbol.asyncDispose]();
  await laptop[Symbol.asyncDispose]();
  hosts[Symbol.dispose]();
});

/** Connections of one machine to the listener of the other. */
const between = (from: Machine, to: Machine): readonly string[] =>
  connections(hosts, from.host).filter((line) => line.includes(to.listens));

const refusedText =
  "peernet: error: mini no longer accepts this machine (unpaired there, or its state was reset)\n" +
  "peernet: hint: peernet pair\n";

test("unpair closes the peer's connections within a second, and its next ask is refused", async () => {
  expect(between(laptop, mini)).not.toEqual([]);
  const endMs = performance.now() + 1_000;
  const unpaired = await mini.json(["unpair", "laptop", "--yes"]);
  expect(unpaired).toMatchObject({ name: "laptop", told: true });
  await until("no connection is left", () => between(laptop, mini).length === 0);
  expect(performance.now()).toBeLessThan(endMs);
  const { code, err } = await laptop.run(["ask", "mini/hydrate"]);
  expect({ code, err }).toEqual({ code: 4, err: refusedText });
  expect(await laptop.json(["status"])).toMatchObject({ peers: [{ link: "refused" }] });
});

test("unpair is obeyed at the next ask by a peer that could not be told", async () => {
  hosts.drop(`iifname ${portOf("a")} tcp dport 7337`);
  const started = performance.now();
  const unpaired = await mini.json(["unpair", "laptop", "--yes"]);
  expect(unpaired).toMatchObject({ told: false });
  await until("no connection is left", () => between(laptop, mini).length === 0);
  expect(performance.now() - started).toBeLessThan(3_000);
  const { code, err } = await laptop.run(["ask", "mini/hydrate"]);
  hosts.heal();
  expect({ code, err }).toEqual({ code: 4, err: refusedText });
  const { out } = await mini.run(["audit", "--json", "--limit", "1"]);
  expect(JSON.parse(out)).toMatchObject({ verb: "unpair", direction: "local", outcome: "ok" });
});

test("a link is one-way on both machines when only one of them can dial the other", async () => {
  hosts.drop(`iifname ${portOf("b")} oifname ${portOf("a")} tcp flags & (syn|ack) == syn`);
  await mini.run(["unpair", "laptop", "--yes"]);
  await laptop.run(["unpair", "mini", "--yes"]);
  await pairTwo(laptop, mini);
  expect(await mini.json(["ask", "laptop/sync"])).toMatchObject({ status: "ok" });
  const { code, out } = await laptop.run(["ask", "mini/hydrate", "--json", "--timeout", "1s"]);
  expect(code).toBe(5);
  expect(JSON.parse(out).error.code).toBe("peer_timeout");
  expect(await laptop.json(["status"])).toMatchObject({
    peers: [{ link: "one-way", link_detail: "it reaches this machine, not the other way round" }],
  });
  // Asking all of a peer says hello first, by which each learns how the other fares.
  await mini.json(["ask", "laptop/"]);
  expect(await mini.json(["status"])).toMatchObject({
    peers: [{ link: "one-way", link_detail: "it cannot reach this machine" }],
  });
  const said = (await laptop.run(["status"])).out;
  expect(said).toContain("one-way");
  hosts.heal();
  expect(await laptop.json(["ask", "mini/hydrate"])).toMatchObject({ status: "ok" });
});
