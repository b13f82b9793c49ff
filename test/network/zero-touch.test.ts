/** Machines that find each other: no address is typed anywhere in this file. */

import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import type { DiscoverOutput } from "../../src/contract/discovery.ts";
import { activate, opening, type Session } from "../scenario/pairing.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { type Machine, machine } from "./hosts.ts";
import { canLab, type Lab, lab, noLab, portOf } from "./lab.ts";

const test = skipUnless(canLab, noLab);
setDefaultTimeout(60_000);

let hosts: Lab;
let mini: Machine;
let laptop: Machine;
let server: Machine;
let hydrate: Session;

beforeAll(async () => {
  if (!canLab) return;
  hosts = lab();
  mini = await machine(hosts, { host: "a", name: "mini", address: "lan" });
  laptop = await machine(hosts, { host: "b", name: "laptop", address: "lan" });
  server = await machine(hosts, { host: "c", name: "server", address: "lan" });
  hydrate = await activate(mini, "hydrate");
});

afterAll(async () => {
  if (!canLab) return;
  hydrate[Symbol.dispose]();
  for (const each of [mini, laptop, server]) await each[Symbol.asyncDispose]();
  hosts[Symbol.dispose]();
});

/** A machine's results, once it finds these. */
async function findsAll(from: Machine, ...names: readonly string[]): Promise<DiscoverOutput> {
  let output: DiscoverOutput | null = null;
  await until(`${from.name} finds ${names.join(" and ")}`, async () => {
    // The executable prints the operation's output.
    output = (await from.json(["discover"])) as DiscoverOutput;
    return names.every((name) => output?.candidates.some((found) => found.name === name));
  });
  if (output === null) throw new Error("nothing was found");
  return output;
}

test("discover shows the machines of the LAN and who has a window open", async () => {
  const window = await opening(server);
  const found = await findsAll(laptop, "mini", "server");
  expect(found.candidates).toEqual([
    expect.objectContaining({ name: "mini", source: "lan", window_open: false, paired: null }),
    expect.objectContaining({ name: "server", source: "lan", window_open: true, paired: null }),
  ]);
  expect(found.candidates.map(({ address }) => address)).toEqual([
    `${hosts.address("a")}:7337`,
    `${hosts.address("c")}:7337`,
  ]);
  expect(found.searched).toContainEqual({ source: "lan", searched: true, why: null });
  window.interrupt();
  expect(await window.ended).toBe(130);
});

test("pair finds no window, and says where it looked", async () => {
  const { code, out } = await laptop.run(["pair", "-", "--json"], { stdin: "027674\n" });
  expect(code).toBe(1);
  const { error } = JSON.parse(out);
  expect(error.code).toBe("window_none");
  expect(error.message).toMatch(/^no open window found: .*lan searched/);
  expect(error.hint).toMatch(/^on (mini|server): peernet pair$/);
});

test("pair refuses to choose between two windows, and takes the one that is named", async () => {
  const windows = [await opening(mini), await opening(server)] as const;
  const { code, out } = await laptop.run(["pair", "-", "--json"], { stdin: "027674\n" });
  expect(code).toBe(2);
  expect(JSON.parse(out).error).toMatchObject({
    code: "window_several",
    message: "2 pairing windows are open: mini and server",
  });
  windows[1].interrupt();
  await windows[1].ended;
  const stdin = `${windows[0].code}\n`;
  const paired = await laptop.json(["pair", "-", "--to", "mini"], { stdin });
  expect(paired).toMatchObject({ event: "paired", peer: { name: "mini" }, visible: [] });
  expect(await windows[0].ended).toBe(0);
  expect(await laptop.json(["ask", "mini/hydrate"])).toMatchObject({ status: "ok" });
});

test("pair without a word of where finds the one window there is", async () => {
  const window = await opening(server);
  const paired = await mini.json(["pair", "-"], { stdin: `${window.code}\n` });
  expect(paired).toMatchObject({ event: "paired", peer: { name: "server" } });
  expect(await window.ended).toBe(0);
});

test("ask is answered again within its 5 s once a partition has healed", async () => {
  hosts.cut("a", "b");
  expect((await laptop.run(["ask", "mini/hydrate", "--timeout", "1s"])).code).toBe(5);
  hosts.heal();
  expect(await laptop.json(["ask", "mini/hydrate"])).toMatchObject({ status: "ok" });
});

test("ask finds a machine that moved, without pairing again, and records that", async () => {
  hosts.readdress("a", "10.77.0.51");
  expect(await laptop.json(["ask", "mini/hydrate"])).toMatchObject({ status: "ok" });
  expect(await laptop.json(["peers", "show", "mini"])).toMatchObject({
    address: "10.77.0.51:7337",
  });
  const { out } = await laptop.run(["audit", "--json", "--verb", "move"]);
  expect(JSON.parse(out.trim())).toMatchObject({
    verb: "move",
    peer_name: "mini",
    origin_address: "10.77.0.51",
  });
});

test("both machines may move at once, and nobody pairs again", async () => {
  hosts.readdress("a", "10.77.0.61");
  hosts.readdress("b", "10.77.0.62");
  const words = ["ask", "mini/hydrate", "--timeout", "10s"];
  expect(await laptop.json(words)).toMatchObject({ status: "ok" });
  await until(
    "the link is up both ways",
    async () => {
      // The executable prints the operation's output.
      const shown = (await mini.json(["peers", "show", "laptop"])) as { link: string };

      return shown.link === "up";
    },
    60_000,
  );
}, 90_000);

test("pairing and asking work while three of ten round trips are lost", async () => {
  const lossy = (from: string, to: string): string =>
    `iifname ${from} oifname ${to} numgen random mod 100 < 16`;
  hosts.drop(lossy(portOf("b"), portOf("c")), lossy(portOf("c"), portOf("b")));
  try {
    const window = await opening(server);
    // A probe has half a second: with such a loss some searches miss a machine that is there.
    await findsAll(laptop, "server");
    const words = ["pair", "-", "--to", hosts.address("c")];
    const paired = await laptop.json(words, { stdin: `${window.code}\n` });
    expect(paired).toMatchObject({ event: "paired", peer: { name: "server" } });
    expect(await window.ended).toBe(0);
    using _session = await activate(server, "infra");
    await until("the ask is answered", async () => {
      return (await laptop.run(["ask", "server/infra"])).code === 0;
    });
  } finally {
    hosts.heal();
  }
});

test("doctor says what it saw of the network, and fixes nothing by itself", async () => {
  // The executable prints the operation's output.
  const { checks } = (await laptop.json(["doctor"])) as {
    checks: { name: string; state: string; detail: string }[];
  };
  expect(checks).toContainEqual(expect.objectContaining({ name: "multicast", state: "ok" }));
  expect(checks).toContainEqual(
    expect.objectContaining({
      name: "reachable",
      state: "ok",
      detail: "mini connects to this machine",
    }),
  );
});
