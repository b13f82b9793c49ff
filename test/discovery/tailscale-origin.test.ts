/** The owner of a connection's machine, and the cases that hide it. */

import { expect, test } from "bun:test";
import type { OwnNode } from "../../src/discovery/tailnet-nodes.ts";
import { originFrom, placeOf, type Seen } from "../../src/discovery/tailscale.ts";
import { fakeClock } from "../support/effects.ts";
import { bob, int64, json, status, whois } from "./shapes.ts";
import { noMatch, ok, standIn, tailnetOf } from "./tailscaled.ts";

const own: OwnNode = {
  tun: true,
  addresses: ["100.88.4.20", "fd7a:115c:a1e0::7"],
  stableId: "nLaptop7CNTRL",
  dnsName: "laptop.tail1.ts.net",
  login: "ada@example.com",
  userId: "1",
};
const userspace: OwnNode = { ...own, tun: false };

/** This machine, the local and the remote address, and the place. */
const places: readonly (readonly [Seen, string, string, ReturnType<typeof placeOf>])[] = [
  [own, "100.88.4.20", "100.101.7.3", "interface"],
  [own, "::ffff:100.88.4.20", "::ffff:100.101.7.3", "interface"],
  [own, "fd7a:115c:a1e0::7", "fd7a:115c:a1e0::b", "interface"],
  [own, "fd7a:115c:a1e0:0:0:0:0:0007", "fd7a:115c:a1e0::b", "interface"],
  // By its own tailnet address a machine reaches itself.
  [own, "100.88.4.20", "100.88.4.20", "interface"],
  // A LAN's machine may send to the tailnet's address: whether it has one, whois says.
  [own, "100.88.4.20", "192.168.1.9", "interface"],
  [own, "100.88.4.21", "100.101.7.3", "elsewhere"],
  [own, "192.168.1.4", "100.101.7.3", "elsewhere"],
  [own, "192.168.1.4", "192.168.1.9", "elsewhere"],
  [own, "127.0.0.1", "127.0.0.1", "elsewhere"],
  [own, "::1", "::1", "elsewhere"],
  [own, "fe80::1%eth0", "fe80::2%eth0", "elsewhere"],
  [userspace, "127.0.0.1", "127.0.0.1", "userspace"],
  [userspace, "::ffff:127.0.0.1", "::ffff:127.0.0.1", "userspace"],
  [userspace, "127.0.0.1", "127.9.9.9", "userspace"],
  [userspace, "::1", "::1", "userspace"],
  [userspace, "192.168.1.4", "192.168.1.9", "elsewhere"],
  [userspace, "100.88.4.20", "100.101.7.3", "elsewhere"],
  ["unanswered", "100.64.0.0", "192.168.1.9", "unknown"],
  ["unanswered", "100.88.4.20", "100.101.7.3", "unknown"],
  ["unanswered", "100.127.255.255", "100.101.7.3", "unknown"],
  ["unanswered", "fd7a:115c:a1e0::7", "fd7a:115c:a1e0::b", "unknown"],
  ["unanswered", "100.63.255.255", "100.101.7.3", "elsewhere"],
  ["unanswered", "100.128.0.0", "100.101.7.3", "elsewhere"],
  ["unanswered", "fd7a:115c:a1e1::7", "fd7a:115c:a1e0::b", "elsewhere"],
  ["unanswered", "127.0.0.1", "127.0.0.1", "elsewhere"],
  ["unanswered", "192.168.1.4", "192.168.1.9", "elsewhere"],
  ["none", "100.88.4.20", "100.101.7.3", "elsewhere"],
  ["none", "127.0.0.1", "127.0.0.1", "elsewhere"],
  [own, "", "", "elsewhere"],
  [own, "unknown", "unknown", "elsewhere"],
];

for (const [seen, localAddress, remoteAddress, place] of places) {
  const who = typeof seen === "string" ? seen : seen.tun ? "TUN" : "userspace";
  test(`placeOf() is ${place} when ${who}, from ${remoteAddress} to ${localAddress}`, () => {
    expect(placeOf(seen, { localAddress, remoteAddress })).toBe(place);
  });
}

test("originFrom() is refused when whois is silent, other when it knows nobody", () => {
  expect(originFrom("silent")).toEqual({ refused: "origin_unverified" });
  expect(originFrom(null)).toEqual({ transport: "other" });
});

const overInterface = {
  localAddress: "100.88.4.20",
  remoteAddress: "::ffff:100.101.7.3",
  remotePort: 40_000,
};
const overLoopback = {
  localAddress: "127.0.0.1",
  remoteAddress: "127.0.0.1",
  remotePort: 40_001,
};
const overLan = { ...overInterface, localAddress: "192.168.1.4", remoteAddress: "192.168.1.9" };
const unverified = { refused: "origin_unverified" } as const;
const other = { transport: "other" } as const;
const fromMini = {
  transport: "tailnet",
  node: "nMini11CNTRL",
  login: "ada@example.com",
  refusal: null,
} as const;

test("originOf() names the machine when a connection comes in by the tailnet", async () => {
  using tailscaled = await standIn();
  tailscaled.status = ok(json(status()));
  tailscaled.whois = ok(json(whois()));
  const tailnet = tailnetOf(tailscaled);
  expect(await tailnet.originOf(overInterface)).toEqual(fromMini);
  expect(tailscaled.asked.map(({ path }) => path)).toEqual([
    "/localapi/v0/status?peers=false",
    "/localapi/v0/whois?proto=tcp&addr=100.101.7.3%3A40000",
  ]);
  tailscaled.whois = ok(json(whois({ User: int64(bob) }, "bob@example.com")));
  const fromBob = { ...fromMini, login: "bob@example.com", refusal: "other_user" } as const;
  expect(await tailnet.originOf(overInterface)).toEqual(fromBob);
  tailscaled.whois = noMatch;
  expect(await tailnet.originOf(overInterface)).toEqual(other);
});

test("originOf() asks by ip:port when userspace networking carries it to loopback", async () => {
  using tailscaled = await standIn();
  tailscaled.status = ok(json(status([], { TUN: false })));
  tailscaled.whois = ok(json(whois()));
  const tailnet = tailnetOf(tailscaled);
  expect(await tailnet.originOf(overLoopback)).toEqual(fromMini);
  const paths = tailscaled.asked.map(({ path }) => path);
  expect(paths.at(-1)).toBe("/localapi/v0/whois?proto=tcp&addr=127.0.0.1%3A40001");
  tailscaled.whois = noMatch;
  expect(await tailnet.originOf(overLoopback)).toEqual(other);
});

test("originOf() refuses what only a silent whois could tell, and nothing else", async () => {
  using tailscaled = await standIn();
  tailscaled.whois = { status: 500, body: "" };
  tailscaled.status = ok(json(status()));
  const tun = tailnetOf(tailscaled);
  expect(await tun.originOf(overInterface)).toEqual(unverified);
  expect(await tun.originOf(overLan)).toEqual(other);
  expect(await tun.originOf(overLoopback)).toEqual(other);
  tailscaled.status = ok(json(status([], { TUN: false })));
  const userspace = tailnetOf(tailscaled);
  expect(await userspace.originOf(overLoopback)).toEqual(unverified);
  expect(await userspace.originOf(overLan)).toEqual(other);
});

test("originOf() refuses a tailnet's address when tailscaled does not say what it is", async () => {
  using tailscaled = await standIn();
  tailscaled.status = ok("garbage");
  tailscaled.whois = ok(json(whois()));
  const tailnet = tailnetOf(tailscaled);
  expect(await tailnet.originOf(overInterface)).toEqual(unverified);
  expect(await tailnet.originOf(overLan)).toEqual(other);
});

test("originOf() is other when there is no Tailscale", async () => {
  using tailscaled = await standIn();
  const tailnet = tailnetOf({ socketPath: `${tailscaled.folder.path}/none.sock` });
  expect(await tailnet.originOf(overInterface)).toEqual(other);
});

test("originOf() tells the tailnet also while it starts", async () => {
  using tailscaled = await standIn();
  tailscaled.status = ok(json(status([], { BackendState: "Starting" })));
  tailscaled.whois = ok(json(whois()));
  expect(await tailnetOf(tailscaled).originOf(overInterface)).toEqual(fromMini);
});

test("originOf() asks whois each time, and who this machine is every 3 s at most", async () => {
  using tailscaled = await standIn();
  tailscaled.status = ok(json(status()));
  tailscaled.whois = ok(json(whois()));
  const clock = fakeClock();
  const tailnet = tailnetOf(tailscaled, { clock });
  const asked = (what: string): number =>
    tailscaled.asked.filter(({ path }) => path.includes(what)).length;
  await Promise.all([1, 2, 3].map(() => tailnet.originOf(overInterface)));
  expect([asked("/status?"), asked("/whois?")]).toEqual([1, 3]);
  clock.move(2_999);
  await tailnet.originOf(overInterface);
  expect([asked("/status?"), asked("/whois?")]).toEqual([1, 4]);
  clock.move(1);
  await tailnet.originOf(overInterface);
  expect([asked("/status?"), asked("/whois?")]).toEqual([2, 5]);
});

test("originOf() waits for a tailscaled that hangs once in 3 s at most", async () => {
  using tailscaled = await standIn();
  tailscaled.status = { status: 500, body: "" };
  const tailnet = tailnetOf(tailscaled);
  for (let times = 0; times < 5; times += 1) {
    expect(await tailnet.originOf(overInterface)).toEqual(unverified);
  }
  expect(tailscaled.asked.length).toBe(1);
});
