/** Whose machine a connection comes from, as a tailscaled tells the daemon of it. */

import { expect, test } from "bun:test";
import type { AuditRecord } from "../../../src/contract/audit.ts";
import type { OpenEvent } from "../../../src/contract/pairing.ts";
import { bob, int64, json, status, whois } from "../../discovery/shapes.ts";
import { noMatch, ok, type StandIn, standIn } from "../../discovery/tailscaled.ts";
import { type Machine, machine, opened, pair, session } from "../../support/daemon.ts";
import { askFor, askOnce, hello } from "../attack/asking.ts";
import { codeOf, connectTo, newIdentity } from "../attack/connection.ts";
import { aboutOf, anyShare, enrol, someToken } from "../attack/pairing.ts";
import { refusalOf } from "../attack/refusal.ts";

/** Userspace networking: whatever comes over the tailnet comes from loopback. */
const userspace = ok(json(status([], { TUN: false })));
const fromMini = {
  origin_address: "127.0.0.1",
  origin_transport: "tailnet",
  origin_node: "nMini11CNTRL",
  origin_login: "ada@example.com",
};
const bobs = ok(json(whois({ User: int64(bob), StableID: "nBob" }, "bob@example.com")));

/** A stand-in under which every connection is mini's. */
async function carrier(): Promise<StandIn> {
  const tailscaled = await standIn();
  tailscaled.status = userspace;
  tailscaled.whois = ok(json(whois()));
  return tailscaled;
}

const behind = ({ socketPath }: StandIn): Promise<Machine> =>
  machine("laptop", { tailscaledSockets: [socketPath] });

async function incoming(on: Machine, verb: AuditRecord["verb"]): Promise<readonly AuditRecord[]> {
  const { records } = await on.calls.audit({ verb });
  return records.filter(({ direction }) => direction === "in");
}

const asked = ({ asked: all }: StandIn, what: string): number =>
  all.filter(({ path }) => path.includes(what)).length;

test("what userspace networking carries is recorded as the node's", async () => {
  using tailscaled = await carrier();
  await using laptop = await behind(tailscaled);
  await using mini = await machine("mini");
  await laptop.calls.activate(session());
  await pair(laptop, mini);
  const ask = { handle: "laptop/hydrate", question: null, thread_id: null };
  expect(await mini.calls.ask(ask)).toMatchObject({ status: "ok" });
  expect(await incoming(laptop, "pair")).toMatchObject([fromMini]);
  expect(await incoming(laptop, "ask")).toMatchObject([{ peer_name: "mini", ...fromMini }]);
  const { path = "" } = tailscaled.asked.find((each) => each.path.includes("/whois?")) ?? {};
  expect(path).toMatch(/^\/localapi\/v0\/whois\?proto=tcp&addr=127\.0\.0\.1%3A\d+$/);
});

test("a connection is asked about once, and one that no node made is loopback's", async () => {
  using tailscaled = await carrier();
  await using laptop = await behind(tailscaled);
  await laptop.calls.activate(session());
  const peer = await enrol(laptop);
  tailscaled.whois = noMatch;
  const before = asked(tailscaled, "/whois?");
  using connection = await peer.connect();
  for (let times = 0; times < 3; times += 1) {
    expect((await connection.post("ask", askFor(), { token: peer.token }))?.status).toBe(200);
  }
  expect(asked(tailscaled, "/whois?")).toBe(before + 1);
  const local = { origin_transport: "loopback", origin_node: null, origin_login: null };
  expect(await incoming(laptop, "ask")).toMatchObject([local, local, local]);
  expect(await incoming(laptop, "pair")).toMatchObject([fromMini]);
});

test("another user's node is refused and shown, and costs no attempt", async () => {
  using tailscaled = await carrier();
  tailscaled.whois = bobs;
  await using laptop = await behind(tailscaled);
  await using mini = await machine("mini");
  const window = await opened(laptop);
  const { fingerprint } = laptop.daemon;
  const input = { code: window.code, to: laptop.address, fingerprint, grant: [] };
  expect((await refusalOf(mini.calls.pair(input))).code).toBe("origin_unverified");
  expect(window.events.slice(1)).toEqual([
    {
      event: "origin_refused",
      from: "127.0.0.1",
      login: "bob@example.com",
      reason: "other_user",
    },
  ]);
  expect((await laptop.calls.status({})).window).toMatchObject({ open: true, attempts_left: 3 });
  expect((await laptop.calls.peers({})).peers).toEqual([]);
  window.close();
  await window.ended;
});

test("another user's node pairs when the window is for any user", async () => {
  using tailscaled = await carrier();
  tailscaled.whois = bobs;
  await using laptop = await behind(tailscaled);
  await using mini = await machine("mini");
  const { fingerprint } = laptop.daemon;
  const told: OpenEvent[] = [];
  for await (const event of laptop.calls["pair/open"]({ grant: [], from: null, any_user: true })) {
    told.push(event);
    if (event.event !== "opened") continue;
    await mini.calls.pair({ code: event.code, to: laptop.address, fingerprint, grant: [] });
  }
  expect(told.map(({ event }) => event)).toEqual(["opened", "paired"]);
  const [, paired] = told;
  expect(paired?.event === "paired" && "yours" in paired.peer).toBe(false);
  const fromBob = { origin_node: "nBob", origin_login: "bob@example.com" };
  expect(await incoming(laptop, "pair")).toMatchObject([{ ...fromMini, ...fromBob }]);
});

test("each side is told that the other machine is the same user's", async () => {
  using tailscaled = await carrier();
  await using laptop = await behind(tailscaled);
  using alike = await carrier();
  await using mini = await machine("mini", { tailscaledSockets: [alike.socketPath] });
  await using elsewhere = await machine("elsewhere");
  const window = await opened(laptop);
  const { fingerprint } = laptop.daemon;
  const to = laptop.address;
  const typed = await mini.calls.pair({ code: window.code, to, fingerprint, grant: [] });
  await window.ended;
  const shown = window.events.at(-1);
  expect([typed.peer.yours, shown?.event === "paired" && shown.peer.yours]).toEqual([true, true]);
  const again = await opened(laptop);
  const other = await elsewhere.calls.pair({ code: again.code, to, fingerprint, grant: [] });
  await again.ended;
  expect("yours" in other.peer).toBe(false);
});

test("nothing but a probe is answered while tailscaled is silent on whose it is", async () => {
  using tailscaled = await carrier();
  await using laptop = await behind(tailscaled);
  await laptop.calls.activate(session());
  const peer = await enrol(laptop);
  const window = await opened(laptop);
  for (const silent of [{ status: 500, body: "" }, ok("garbage"), "hang"] as const) {
    tailscaled.whois = silent;
    const { token, identity } = peer;
    const rows = [
      ["ask", askFor()],
      ["hello", hello],
      ["token", { token: someToken, about: aboutOf(identity, {}) }],
      ["unpair", {}],
      ["pair/share", anyShare],
      ["pair/confirm", { tag: "" }],
    ] as const;
    const refuses = async ([path, body]: (typeof rows)[number]): Promise<void> => {
      using connection = await connectTo(laptop.address, { identity });
      const reply = await connection.post(path, body, { token });
      expect([path, reply?.status, codeOf(reply)]).toEqual([path, 403, "origin_unverified"]);
      expect(reply?.body).not.toMatch(/hydrate|laptop/);
    };
    await Promise.all(rows.map(refuses));
    using anyone = await connectTo(laptop.address);
    expect((await anyone.post("window", {}))?.body).toBe('{"open":true}');
    using stranger = await connectTo(laptop.address, { identity: newIdentity() });
    expect(codeOf(await stranger.post("pair/share", anyShare))).toBe("origin_unverified");
  }
  expect(await incoming(laptop, "ask")).toEqual([]);
  expect((await laptop.calls.status({})).window).toMatchObject({ attempts_left: 3 });
  expect((await laptop.calls.peers({})).peers).toHaveLength(1);
  window.close();
  await window.ended;
  // It speaks again: nothing was lost.
  tailscaled.whois = ok(json(whois()));
  expect(await askOnce(peer)).toBe("200");
});
