/** The tailnet as real tailscaled processes tell it. */

import { afterAll, beforeAll, expect } from "bun:test";
import {
  resolveTailnet,
  type Tailnet,
  type TailnetOptions,
  tailnet,
  tailnetCandidates,
} from "../../src/discovery/tailscale.ts";
import { timers } from "../../src/platform/clock/timers.ts";
import { runner } from "../../src/platform/process/run.ts";
import { fakeClock } from "../support/effects.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { connect } from "./connections.ts";
import { canTailnet, noTailnet, start, type TailnetHost, type TailnetLab } from "./lab.ts";

const test = skipUnless(canTailnet, noTailnet);

/** Five hosts join within 2 s, unless the machine is busy. */
const hookMs = 60_000;

let lab: TailnetLab;
let mini: TailnetHost;
let laptop: TailnetHost;
let server: TailnetHost;
let stranger: TailnetHost;
let container: TailnetHost;

beforeAll(async () => {
  if (!canTailnet) return;
  lab = await start();
  mini = await lab.join("mini");
  laptop = await lab.join("laptop");
  server = await lab.join("server", { tag: "tag:server" });
  stranger = await lab.join("stranger");
  container = await lab.join("container", { userspace: true });
  for (const host of [mini, laptop, server, stranger, container]) {
    await until("a host sees the others", async () => (await machines(on(host))).of.size === 4);
  }
}, hookMs);

afterAll(async () => {
  if (canTailnet) await lab[Symbol.asyncDispose]();
}, hookMs);

/** The tailnet as seen on a host. */
const on = (host: TailnetHost, options: Partial<TailnetOptions> = {}): Tailnet =>
  tailnet({
    socketPaths: [host.socketPath],
    environment: { PATH: process.env.PATH },
    run: (command, { environment, signal }) =>
      runner(environment, signal)([...host.before, ...command]),
    timers,
    clock: fakeClock(),
    ...options,
  });

/** Every machine but the host's own, by name. */
async function machines(tailnet: Tailnet) {
  const status = await tailnet.status();
  if (status.state !== "running") throw new Error(`${status.state}: ${status.why}`);
  return { status, of: new Map(status.nodes.map((node) => [node.name, node])) };
}

const ada = { userId: "9007199254740993", login: "ada@lab.invalid" };
const bob = { userId: "9007199254740992", login: "bob@lab.invalid" };

test("status() of each host sees the other online, and of the same user", async () => {
  for (const [one, other] of [
    [mini, laptop],
    [laptop, mini],
    [container, mini],
  ] as const) {
    const { status, of } = await machines(on(one));
    const own = { ...ada, addresses: one.addresses, dnsName: `${one.name}.lab.invalid` };
    expect(status.own).toMatchObject({ ...own, tun: one !== container });
    expect(of.get(other.name)).toMatchObject({
      ...ada,
      dnsName: `${other.name}.lab.invalid`,
      addresses: other.addresses,
      online: true,
      tagged: false,
      sameUser: true,
      refusal: null,
    });
  }
});

test("status() refuses a tagged machine and another user's", async () => {
  const { status, of } = await machines(on(mini));
  const tagged = { tagged: true, login: "tag:server", sameUser: false, refusal: "tagged" };
  expect(of.get("server")).toMatchObject(tagged);
  expect(of.get("stranger")).toMatchObject({ ...bob, sameUser: false, refusal: "other_user" });
  const { probed, withheld } = tailnetCandidates(status, true);
  expect(probed.map(({ name }) => name)).toEqual(["container", "laptop"]);
  expect(withheld.map(({ name }) => name)).toEqual(["server", "stranger"]);
});

test("status() of a tagged host sees no machine of the same user", async () => {
  const { status, of } = await machines(on(server));
  expect(status.own).toMatchObject({ userId: null, login: "tag:server" });
  expect([...of.values()].some(({ sameUser }) => sameUser)).toBe(false);
});

test("resolveTailnet() finds a host by its MagicDNS name", async () => {
  const { status } = await machines(on(mini));
  for (const name of ["laptop", "laptop.lab.invalid", "LAPTOP.lab.invalid."]) {
    expect(resolveTailnet(name, status)).toBe(laptop.addresses[0]);
  }
  expect(resolveTailnet("nobody", status)).toBeNull();
});

test("originOf() names the host at the other end of a connection over the tailnet", async () => {
  for (const listen of laptop.addresses) {
    using connection = await connect(mini, laptop, { listen });
    expect(connection.ends).toMatchObject({ localAddress: listen });
    const origin = await on(laptop).originOf(connection.ends);
    const { of } = await machines(on(laptop));
    const node = of.get("mini")?.stableId ?? "";
    expect(origin).toEqual({ transport: "tailnet", node, login: ada.login, refusal: null });
    const who = await on(laptop).whois(connection.ends.remoteAddress, connection.ends.remotePort);
    expect(who).toMatchObject({ ...ada, name: "mini", dnsName: "mini.lab.invalid" });
  }
});

test("originOf() refuses by name a tagged machine and another user's", async () => {
  for (const [from, login, refusal] of [
    [server, "tag:server", "tagged"],
    [stranger, bob.login, "other_user"],
  ] as const) {
    using connection = await connect(from, mini, { listen: mini.addresses[0] });
    expect(await on(mini).originOf(connection.ends)).toMatchObject({
      transport: "tailnet",
      login,
      refusal,
    });
  }
});

test("originOf() is other when hosts of one tailnet meet elsewhere", async () => {
  using lan = await connect(mini, laptop, { listen: laptop.lanAddress });
  expect(await on(laptop).originOf(lan.ends)).toEqual({ transport: "other" });
  using loopback = await connect(laptop, laptop, { listen: "127.0.0.1" });
  expect(await on(laptop).originOf(loopback.ends)).toEqual({ transport: "other" });
});

test("originOf() names the host behind a connection that userspace networking made", async () => {
  const [dial] = container.addresses;
  using connection = await connect(mini, container, { listen: "127.0.0.1", dial });
  expect(connection.ends).toMatchObject({ localAddress: "127.0.0.1", remoteAddress: "127.0.0.1" });
  const origin = await on(container).originOf(connection.ends);
  expect(origin).toMatchObject({ transport: "tailnet", login: ada.login, refusal: null });
  using local = await connect(container, container, { listen: "127.0.0.1" });
  expect(await on(container).originOf(local.ends)).toEqual({ transport: "other" });
});

test("the command tells the same as the socket", async () => {
  const command = on(mini, { socketPaths: [] });
  expect((await machines(command)).status).toEqual((await machines(on(mini))).status);
  const [address] = laptop.addresses;
  expect(await command.whois(address, 7)).toEqual(await on(mini).whois(address, 7));
  expect(await on(mini).whois(laptop.lanAddress, 7)).toBeNull();
  // Only the socket tells nobody from no answer.
  expect(await command.whois(laptop.lanAddress, 7)).toBe("silent");
});

test("status() is stopped while the tailnet is down, and runs when it is up again", async () => {
  laptop.run("tailscale", "down");
  expect(await on(laptop).status()).toEqual({ state: "stopped", why: "Stopped" });
  laptop.run(
    "tailscale",
    "up",
    "--timeout=20s",
    "--hostname=laptop",
    "--accept-dns=false",
    "--login-server=http://10.78.0.254:9911",
  );
  await until("it runs", async () => (await on(laptop).status()).state === "running");
});

test("status() is missing once tailscaled has ended, and there is no command", async () => {
  await stranger.endTailscaled();
  expect(await on(stranger, { environment: {} }).status()).toEqual({
    state: "missing",
    why: "there is neither tailscaled nor tailscale",
  });
});
