/** A tailscaled that hangs, lies or talks without end: bounded time and bytes, a clear word. */

import { expect, test } from "bun:test";
import { tailscaledMs } from "../../src/contract/limits.ts";
import { fakeClock, fakeTimers } from "../support/effects.ts";
import { until } from "../support/until.ts";
import { ada, json, peer, self, status, whois } from "./shapes.ts";
import { ok, type Reply, standIn, tailnetOf } from "./tailscaled.ts";

const notJson = "its answer is not JSON";
const noStatus = "its answer is no status";
const brokeOff = "it broke off";

const half = (status: number): string => `HTTP/1.1 ${status} X\r\nContent-Length: 99\r\n\r\n{`;

/** The sent reply, and a person's message about it. */
const replies: readonly (readonly [string, Reply, string])[] = [
  ["nothing", ok(""), notJson],
  ["text", ok("<html>hello</html>"), notJson],
  ["the half of a status", ok(json(status()).slice(0, -9)), notJson],
  ["a million brackets", ok("[".repeat(1_000_000)), notJson],
  ["what is no UTF-8", { raw: 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"\xff\xfe"' }, notJson],
  ["null", ok("null"), noStatus],
  ["a number", ok("42"), noStatus],
  ["a list", ok("[]"), noStatus],
  ["an empty object", ok("{}"), noStatus],
  ["a state that is no text", ok('{"BackendState":{"toString":1}}'), noStatus],
  ["a tailnet without this machine", ok(json(status([], { Self: null }))), noStatus],
  ["this machine without an id", ok(json(status([], { Self: self({ ID: 7 }) }))), noStatus],
  ["this machine nowhere", ok(json(status([], { TailscaleIPs: ["x", null] }))), noStatus],
  ["403", { status: 403, body: "status access denied" }, "it answered 403"],
  ["404", { status: 404, body: "404 not found" }, "it answered 404"],
  ["500 with a status", { status: 500, body: json(status()) }, "it answered 500"],
  ["204", { raw: "HTTP/1.1 204 No Content\r\n\r\n" }, "it answered 204"],
  ["500 and the half of a reason", { open: half(500) }, "it answered 500"],
  ["no HTTP", { raw: "SSH-2.0-OpenSSH_9.2\r\n" }, brokeOff],
  ["an end at once", { raw: "" }, brokeOff],
  ["less than it said", { raw: half(200) }, brokeOff],
  ["bad chunks", { raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" }, brokeOff],
];

for (const [what, reply, why] of replies) {
  test(`status() is unanswered and whois() silent when tailscaled sends ${what}`, async () => {
    using tailscaled = await standIn();
    tailscaled.status = reply;
    tailscaled.whois = reply;
    const tailnet = tailnetOf(tailscaled);
    expect(await tailnet.status()).toEqual({ state: "unanswered", why });
    // Of a whois, 404 is the answer that nobody has the address.
    const expected = why === "it answered 404" ? null : "silent";
    expect(await tailnet.whois("100.101.7.3", 1)).toBe(expected);
    await until("no connection is left", () => tailscaled.connections() === 0);
  });
}

test("status() follows no way that leads elsewhere", async () => {
  using tailscaled = await standIn();
  let visits = 0;
  using elsewhere = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => {
      visits += 1;
      return new Response(json(status()));
    },
  });
  for (const location of [`http://127.0.0.1:${elsewhere.port}/`, "/localapi/v0/status?again"]) {
    tailscaled.status = { location };
    const tailnet = tailnetOf(tailscaled);
    expect(await tailnet.status()).toEqual({ state: "unanswered", why: brokeOff });
  }
  expect(visits).toBe(0);
  expect(tailscaled.asked.length).toBe(2);
});

test("status() reads no more than 4 MiB, and hangs up", async () => {
  using tailscaled = await standIn();
  tailscaled.status = "endless";
  const tailnet = tailnetOf(tailscaled);
  expect(await tailnet.status()).toEqual({ state: "unanswered", why: "it sent too much" });
  await until("the connection is closed", () => tailscaled.connections() === 0);
});

test("status() reads a reply of 4 MiB, and not one of a byte more", async () => {
  using tailscaled = await standIn();
  const text = json(status());
  tailscaled.status = ok(text.padEnd(4_194_304, " "));
  const tailnet = tailnetOf(tailscaled);
  expect(await tailnet.status()).toMatchObject({ state: "running" });
  tailscaled.status = ok(text.padEnd(4_194_305, " "));
  expect(await tailnet.status()).toEqual({ state: "unanswered", why: "it sent too much" });
});

const hangs: readonly (readonly [string, Reply])[] = [
  ["says nothing", "hang"],
  ["stops in the middle", { open: half(200) }],
];

for (const [what, reply] of hangs) {
  test(`status() and whois() end at their deadline when tailscaled ${what}`, async () => {
    using tailscaled = await standIn();
    tailscaled.status = reply;
    tailscaled.whois = reply;
    const timers = fakeTimers(fakeClock());
    const tailnet = tailnetOf(tailscaled, { timers });
    const ended: unknown[] = [];
    const asking = [
      tailnet.status().then((got) => ended.push(got)),
      tailnet.whois("100.101.7.3", 1).then((got) => ended.push(got)),
    ];
    // A status for each, and the whois.
    await until("all questions are there", () => tailscaled.asked.length === 3);
    await timers.advance(tailscaledMs - 1);
    expect(ended).toEqual([]);
    await timers.advance(1);
    await until("whois() ends", () => ended.length === 1);
    expect(ended).toEqual(["silent"]);
    await timers.advance(tailscaledMs - 1);
    expect(ended.length).toBe(1);
    await timers.advance(1);
    await Promise.all(asking);
    expect(ended[1]).toEqual({ state: "unanswered", why: "no answer within 1000 ms" });
    expect(timers.pending()).toBe(0);
    await until("no connection is left", () => tailscaled.connections() === 0);
  });
}

test("status() leaves out what is no machine, and keeps the others", async () => {
  using tailscaled = await standIn();
  const bad = [
    null,
    7,
    "mini",
    [],
    peer({ ID: "" }),
    peer({ ID: { x: 1 } }),
    peer({ TailscaleIPs: null }),
    peer({ TailscaleIPs: "100.101.7.3" }),
    peer({ TailscaleIPs: ["mini", "100.1.1", "100.01.1.1", "1.2.3.256", "fe80::1%eth0", 7] }),
  ];
  tailscaled.status = ok(json(status([...bad, peer(), ...bad])));
  const got = await tailnetOf(tailscaled).status();
  expect(got).toMatchObject({ state: "running", nodes: [{ name: "mini" }] });
  for (const nothing of [null, [], 7, "x"]) {
    tailscaled.status = ok(json(status([], { Peer: nothing, User: nothing })));
    expect(await tailnetOf(tailscaled).status()).toMatchObject({ state: "running", nodes: [] });
  }
});

test("status() puts IPv4 first and drops what is no address of a machine", async () => {
  using tailscaled = await standIn();
  const TailscaleIPs = ["fd7a:115c:a1e0:0:0:0:0:0B", null, "x", "100.101.7.3"];
  tailscaled.status = ok(json(status([peer({ TailscaleIPs })])));
  const nodes = [{ addresses: ["100.101.7.3", "fd7a:115c:a1e0::b"] }];
  expect(await tailnetOf(tailscaled).status()).toMatchObject({ nodes });
});

test("status() and whois() let no text through as it is, nor at any length", async () => {
  using tailscaled = await standIn();
  const login = `a\u001b[31m\u202e${"x".repeat(10_000)}`;
  const hostile = { ID: "n\r\n1", HostName: "\u001b]0;x\u0007", DNSName: "\u202e.a\u0000b." };
  const User = { [ada]: { LoginName: login } };
  tailscaled.status = ok(json(status([peer(hostile)], { User })));
  tailscaled.whois = ok(json(whois({ StableID: "n\r\n1" }, login)));
  const tailnet = tailnetOf(tailscaled);
  const shown = `a\ufffd[31m\ufffd${"x".repeat(246)}`;
  expect(await tailnet.status()).toMatchObject({
    nodes: [{ stableId: "n 1", name: "0-x", dnsName: "\ufffd.a\ufffdb", login: shown }],
  });
  expect(await tailnet.whois("100.101.7.3", 1)).toMatchObject({ stableId: "n 1", login: shown });
});

/** Values in place of a whois. */
const noWhois = ["null", "[]", "{}", '{"Node":null}', '{"Node":[]}', '{"Node":{"StableID":7}}'];

for (const body of noWhois) {
  test(`whois() is silent when tailscaled answers ${body}`, async () => {
    using tailscaled = await standIn();
    tailscaled.status = ok(json(status()));
    tailscaled.whois = ok(body);
    expect(await tailnetOf(tailscaled).whois("100.101.7.3", 1)).toBe("silent");
  });
}

test("whois() names a machine whose user is unknown", async () => {
  using tailscaled = await standIn();
  tailscaled.status = ok(json(status()));
  tailscaled.whois = ok(json({ ...whois(), UserProfile: null }));
  const who = await tailnetOf(tailscaled).whois("100.101.7.3", 1);
  expect(who).toMatchObject({ name: "mini", login: null, sameUser: true });
});
