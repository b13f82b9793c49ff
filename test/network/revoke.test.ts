/** Pairings that end, and links that work in one direction, across a network. */

import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout } from "bun:test";
import { activate, pairTwo, type Session } from "../scenario/pairing.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { connections, type Machine, machine } from "./hosts.ts";
import { canLab, type Lab, lab, noLab, portOf } from "./lab.ts";

const test = skipUnless(canLab, noLab);
setDefaultTimeout(30_000);

let hosts: Lab;
let mini: Machine;
let laptop: Machine;
let sessions: readonly Session[];

beforeAll(async () => {
  if (!canLab) return;
  hosts = lab();
  mini = await machine(hosts, { host: "a", name: "mini" });
  laptop = await machine(hosts, { host: "b", name: "laptop" });
  sessions = [await activate(mini, "hydrate"), await activate(laptop, "sync")];
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

/** Open connections of either host's kernel between both machines. */
const between = (one: Machine, other: Machine): readonly string[] => [
  ...connections(hosts, one.host).filter((line) => line.includes(hosts.address(other.host))),
  ...connections(hosts, other.host).filter((line) => line.includes(hosts.address(one.host))),
];

const refusedText = (message: string) =>
  `peernet: error: ${message}\n` +
  "peernet: hint: peernet pair, or to let it go: peernet unpair mini\n";
/** After a peer said that it unpaired this machine, and after one that could not say so. */
const told = refusedText("this machine was unpaired by mini, just now");
const untold = refusedText(
  "mini no longer accepts this machine (unpaired there, or its state was reset)",
);

const p17 =
  "P17: A grant or pairing that ends holds from the next decision on, " +
  "and an unpairing closes every connection of the peer within one second.";
test(p17, async () => {
  expect(between(laptop, mini).length).toBeGreaterThan(1);
  const startedMs = performance.now();
  const unpairing = mini.json(["unpair", "laptop", "--yes"]);
  await until("no connection is left", () => between(laptop, mini).length === 0);
  expect(performance.now() - startedMs).toBeLessThan(1_000);
  expect(await unpairing).toMatchObject({ name: "laptop", told: true });
  const { code, err } = await laptop.run(["ask", "mini/hydrate"]);
  expect({ code, err }).toEqual({ code: 4, err: told });
  expect(await laptop.json(["status"])).toMatchObject({ peers: [{ link: "refused" }] });
});

test("unpair holds at once for a peer that could not be notified", async () => {
  hosts.drop(`iifname ${portOf("a")} tcp dport 7337`);
  const startedMs = performance.now();
  const unpairing = mini.json(["unpair", "laptop", "--yes"]);
  const asking = () => connections(hosts, "b").filter((line) => line.endsWith(` ${mini.listens}`));
  await until("laptop's connections are closed", () => asking().length === 0);
  expect(performance.now() - startedMs).toBeLessThan(1_000);
  const { code, err } = await laptop.run(["ask", "mini/hydrate"]);
  expect({ code, err }).toEqual({ code: 4, err: untold });
  expect(await unpairing).toMatchObject({ told: false });
  hosts.heal();
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
    // Meanwhile a connection of the other machine's may have come, over which asks go back.
    peers: [{ link: "one-way", link_detail: expect.stringMatching(/^it reaches this machine/) }],
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
