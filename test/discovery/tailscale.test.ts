/** The tailnet as a working tailscaled reports it. */

import { expect, test } from "bun:test";
import { fakeClock, fakeTimers } from "../support/effects.ts";
import { until } from "../support/until.ts";
import { ada, bob, type Fields, int64, json, node, peer, self, status, whois } from "./shapes.ts";
import { noMatch, ok, standIn, tailnetOf } from "./tailscaled.ts";

const mini = {
  stableId: "nMini11CNTRL",
  name: "mini",
  dnsName: "mini.tail1.ts.net",
  userId: ada,
  login: "ada@example.com",
  tagged: false,
  shared: false,
  expired: false,
  sameUser: true,
  refusal: null,
};

test("status() tells this machine and the others when the tailnet runs", async () => {
  using tailscaled = await standIn();
  tailscaled.status = ok(json(status()));
  expect(await tailnetOf(tailscaled).status()).toEqual({
    state: "running",
    own: {
      tun: true,
      addresses: ["100.88.4.20", "fd7a:115c:a1e0::7"],
      stableId: "nLaptop7CNTRL",
      dnsName: "laptop.tail1.ts.net",
      login: "ada@example.com",
      userId: ada,
    },
    nodes: [{ ...mini, addresses: ["100.101.7.3", "fd7a:115c:a1e0::b"], online: true }],
  });
  expect(tailscaled.asked).toEqual([
    {
      path: "/localapi/v0/status?peers=true",
      headers: expect.objectContaining({ host: "local-tailscaled.sock" }),
    },
  ]);
});

test("status() asks again each time", async () => {
  using tailscaled = await standIn();
  const tailnet = tailnetOf(tailscaled);
  tailscaled.status = ok(json(status([peer({ Online: false })])));
  expect(await tailnet.status()).toMatchObject({ nodes: [{ online: false }] });
  tailscaled.status = ok(json(status()));
  expect(await tailnet.status()).toMatchObject({ nodes: [{ online: true }] });
});

/** The verdict on each machine of ada's tailnet, after its fields. */
const machines: readonly (readonly [string, Fields, Fields])[] = [
  ["the same user's", {}, { sameUser: true, refusal: null }],
  ["offline", { Online: false }, { online: false, sameUser: true, refusal: null }],
  ["without a word on being online", { Online: undefined }, { online: false }],
  ["expired", { Expired: true }, { expired: true, sameUser: true, refusal: "expired" }],
  [
    "another user's whose id is the same number to a double",
    { UserID: int64(bob) },
    { userId: bob, login: "bob@example.com", sameUser: false, refusal: "other_user" },
  ],
  [
    "tagged, though the same user made it",
    { Tags: ["tag:server", "tag:ci"] },
    { tagged: true, login: "tag:server tag:ci", sameUser: false, refusal: "tagged" },
  ],
  ["tagged in a way unknown", { Tags: "tag:x" }, { tagged: true, refusal: "tagged" }],
  ["tagged with nothing", { Tags: [] }, { tagged: false, sameUser: true, refusal: null }],
  ["shared to", { ShareeNode: true }, { shared: true, sameUser: false, refusal: "shared" }],
  [
    "shared by somebody",
    { AltSharerUserID: int64(bob) },
    { shared: true, sameUser: false, refusal: "shared" },
  ],
  ["nobody's", { UserID: int64("0") }, { userId: null, sameUser: false, refusal: "unknown" }],
  ["of a user as text", { UserID: ada }, { userId: null, refusal: "unknown" }],
  [
    "of the user with the largest id",
    { UserID: int64("9223372036854775807") },
    { userId: "9223372036854775807", refusal: "other_user" },
  ],
  [
    "of a user with a larger id than there is",
    { UserID: int64("9223372036854775808") },
    { userId: null, refusal: "unknown" },
  ],
  ["of half a user", { UserID: 1.5 }, { userId: null, refusal: "unknown" }],
];

for (const [what, fields, expected] of machines) {
  test(`status() judges a machine that is ${what}`, async () => {
    using tailscaled = await standIn();
    tailscaled.status = ok(json(status([peer(fields)])));
    expect(await tailnetOf(tailscaled).status()).toMatchObject({ nodes: [expected] });
  });
}

test("status() knows no machine of the same user when this one is tagged", async () => {
  using tailscaled = await standIn();
  tailscaled.status = ok(json(status([peer()], { Self: self({ Tags: ["tag:server"] }) })));
  expect(await tailnetOf(tailscaled).status()).toMatchObject({
    own: { userId: null, login: "tag:server" },
    nodes: [{ userId: ada, sameUser: false, refusal: "other_user" }],
  });
});

test("status() says in which state a tailnet is that does not run", async () => {
  using tailscaled = await standIn();
  for (const state of ["Stopped", "NeedsLogin", "Starting"]) {
    tailscaled.status = ok(json(status([], { BackendState: state })));
    expect(await tailnetOf(tailscaled).status()).toEqual({ state: "stopped", why: state });
  }
});

test("status() says missing when there is neither socket nor command", async () => {
  using tailscaled = await standIn();
  const tailnet = tailnetOf({ socketPath: `${tailscaled.folder.path}/none.sock` });
  expect(await tailnet.status()).toEqual({
    state: "missing",
    why: "there is neither tailscaled nor tailscale",
  });
});

test("status() asks the first socket that somebody listens on", async () => {
  using tailscaled = await standIn();
  tailscaled.status = ok(json(status()));
  const file = tailscaled.folder.write("file", "");
  const socketPaths = [`${tailscaled.folder.path}/none/x.sock`, file, tailscaled.socketPath];
  const tailnet = tailnetOf(tailscaled, { socketPaths });
  expect(await tailnet.status()).toMatchObject({ state: "running" });
});

test("status() and whois() leave no timer behind", async () => {
  using tailscaled = await standIn();
  tailscaled.status = ok(json(status()));
  const timers = fakeTimers(fakeClock());
  const tailnet = tailnetOf(tailscaled, { timers });
  await Promise.all([tailnet.status(), tailnet.whois("100.101.7.3", 1)]);
  await until("no timer is armed", () => timers.pending() === 0);
});

test("whois() names the machine at the other end of a connection", async () => {
  using tailscaled = await standIn();
  tailscaled.status = ok(json(status()));
  tailscaled.whois = ok(json(whois()));
  expect(await tailnetOf(tailscaled).whois("::ffff:100.101.7.3", 40_000)).toEqual(mini);
  const paths = tailscaled.asked.map(({ path }) => path);
  expect(paths).toContain("/localapi/v0/whois?proto=tcp&addr=100.101.7.3%3A40000");
});

test("whois() asks for IPv6 in brackets, and not for what is no address", async () => {
  using tailscaled = await standIn();
  const tailnet = tailnetOf(tailscaled);
  expect(await tailnet.whois("fe80::1%eth0", 1)).toBeNull();
  expect(await tailnet.whois("mini", 1)).toBeNull();
  expect(tailscaled.asked).toEqual([]);
  expect(await tailnet.whois("fd7a:115c:a1e0:0:0::b", 1)).toBeNull();
  const paths = tailscaled.asked.map(({ path }) => path);
  expect(paths).toContain("/localapi/v0/whois?proto=tcp&addr=%5Bfd7a%3A115c%3Aa1e0%3A%3Ab%5D%3A1");
});

/** The verdict on each machine by a whois of it. */
const asked: readonly (readonly [string, Fields, Fields])[] = [
  ["another user's", { User: int64(bob) }, { userId: bob, refusal: "other_user" }],
  ["tagged", { Tags: ["tag:server"] }, { login: "tag:server", refusal: "tagged" }],
  ["shared by somebody", { Sharer: int64(bob) }, { shared: true, refusal: "shared" }],
  ["shared to", { Hostinfo: { ShareeNode: true } }, { shared: true, refusal: "shared" }],
  ["expired", { Expired: true }, { sameUser: true, refusal: "expired" }],
  ["nobody's", { User: int64("0") }, { sameUser: false, refusal: "unknown" }],
];

for (const [what, fields, expected] of asked) {
  test(`whois() judges a machine that is ${what}`, async () => {
    using tailscaled = await standIn();
    tailscaled.status = ok(json(status()));
    tailscaled.whois = ok(json({ ...whois(), Node: node(fields) }));
    expect(await tailnetOf(tailscaled).whois("100.101.7.3", 1)).toMatchObject(expected);
  });
}

test("whois() claims no user when it is not known whose this machine is", async () => {
  using tailscaled = await standIn();
  tailscaled.whois = ok(json(whois()));
  const who = await tailnetOf(tailscaled).whois("100.101.7.3", 1);
  expect(who).toMatchObject({ userId: ada, sameUser: false, refusal: "unknown" });
});

test("whois() asks again each time, and is null when nobody has the address", async () => {
  using tailscaled = await standIn();
  const tailnet = tailnetOf(tailscaled);
  tailscaled.whois = ok(json(whois()));
  expect(await tailnet.whois("100.101.7.3", 1)).toMatchObject({ name: "mini" });
  tailscaled.whois = noMatch;
  expect(await tailnet.whois("100.101.7.3", 1)).toBeNull();
});
