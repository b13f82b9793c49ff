/** Three hosts: pairing and asking across a network, and the effects of its failures. */

import { afterAll, beforeAll, expect, test as plain, setDefaultTimeout } from "bun:test";
import { activate, type Place, pairTwo, type Session } from "../scenario/pairing.ts";
import { home } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { type Machine, machine } from "./hosts.ts";
import { canLab, type Lab, lab, noLab } from "./lab.ts";

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

afterAll(async () => {
  if (!canLab) return;
  for (const session of sessions) session[Symbol.dispose]();
  await mini[Symbol.asyncDispose]();
  await laptop[Symbol.asyncDispose]();
  hosts[Symbol.dispose]();
});

/** One code, an ask each way, a record of both on both, and trails that hold. */
async function meet(shows: Place, types: Place): Promise<void> {
  await pairTwo(shows, types);
  const there = await types.json(["ask", `${shows.name}/hydrate`, "what now?"]);
  expect(there).toMatchObject({ status: "ok", summary: { text: "at work on hydrate" } });
  const back = await shows.json(["ask", `${types.name}/sync`]);
  expect(back).toMatchObject({ status: "ok", summary: { text: "at work on sync" } });
  for (const [one, other, asked, served] of [
    [shows, types, `${types.name}/sync`, "hydrate"],
    [types, shows, `${shows.name}/hydrate`, "sync"],
  ] as const) {
    const { out } = await one.run(["audit", "--json", "--verb", "ask"]);
    const records = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const outcome = "ok";
    expect(records).toContainEqual(
      expect.objectContaining({ direction: "out", peer_name: other.name, handle: asked, outcome }),
    );
    expect(records).toContainEqual(
      expect.objectContaining({ direction: "in", peer_name: other.name, handle: served, outcome }),
    );
    expect(await one.json(["audit", "verify"])).toMatchObject({ ok: true });
  }
}

plain("two machines on loopback pair with one code and ask each other", async () => {
  await using mini = home("mini");
  await using laptop = home("laptop");
  using _hydrate = await activate(mini, "hydrate");
  using _sync = await activate(laptop, "sync");
  await meet(mini, laptop);
});

test("two hosts pair with one code and ask each other", async () => {
  await meet(mini, laptop);
  const { out } = await laptop.run(["audit", "--json", "--verb", "ask"]);
  const asked = out.split("\n").find((line) => line.includes('"direction":"in"')) ?? "{}";
  const origin = { origin_address: hosts.address("a"), origin_transport: "lan" };
  expect(JSON.parse(asked)).toMatchObject(origin);
});

test("ask says that the peer did not answer while the network is cut, then works", async () => {
  hosts.cut("a", "b");
  const { code, out, err } = await laptop.run(["ask", "mini/hydrate", "--timeout", "1s"]);
  hosts.heal();
  expect({ code, out }).toEqual({ code: 5, out: "" });
  const known = /^last known .*\n/;
  const seen = /^peernet: error: mini did not answer within 1 s; last seen (now|\d+ s ago)\n/;
  const told = err.replace(known, "");
  expect(told).toMatch(seen);
  expect(told.replace(seen, "")).toBe("peernet: hint: wake mini, then ask again\n");
  const words = ["ask", "mini/hydrate", "--timeout", "5s"];
  expect(await laptop.json(words)).toMatchObject({ status: "ok" });
  const { out: trail } = await laptop.run(["audit", "--json", "--verb", "ask", "--limit", "4"]);
  const outcomes = trail
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).outcome);
  expect(outcomes).toEqual(["asked", "peer_timeout", "asked", "ok"]);
});

test("ask fails while the peer's cable is pulled, then works", async () => {
  hosts.plug("a", "down");
  const ask = ["ask", "mini/hydrate", "--json", "--timeout", "1s"];
  const { code, out } = await laptop.run(ask);
  hosts.plug("a", "up");
  expect(code).toBe(5);
  expect(JSON.parse(out).error.code).toBeOneOf(["peer_timeout", "peer_unreachable"]);
  await until("mini answers", async () => (await laptop.run(ask)).code === 0);
});

test("ask says at which address nobody answers when the daemon there is stopped", async () => {
  expect((await mini.run(["stop"])).code).toBe(0);
  const { code, out } = await laptop.run(["ask", "mini/hydrate", "--json"]);
  expect(code).toBe(5);
  const { error } = JSON.parse(out);
  expect(error).toMatchObject({
    code: "peer_unreachable",
    hint: "wake mini; if it is awake, on it run: peernet doctor",
  });
  expect(error.message.replace(/(now|\d+ s ago)$/, "")).toBe(
    `mini cannot be reached at ${mini.listens}; last seen `,
  );
  expect((await mini.run(["start"])).code).toBe(0);
  await mini.run(["activate", "hydrate", "--pid", sessions[0]?.pid ?? ""]);
  await until("mini answers", async () => (await laptop.run(["ask", "mini/"])).code === 0);
});
