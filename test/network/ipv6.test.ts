/** Daemons on a LAN that has IPv6 alone, and on one where half of the machines have both. */

import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import type { DiscoverOutput } from "../../src/contract/discovery.ts";
import { pairTwo } from "../scenario/pairing.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { type Machine, machine } from "./hosts.ts";
import { canLab, type HostName, type Lab, lab, noLab } from "./lab.ts";

const test = skipUnless(canLab, noLab);
setDefaultTimeout(60_000);

let hosts: Lab;
let mini: Machine;
let laptop: Machine;
let server: Machine;

const ula = (host: HostName): string => `fd00:77::${host}`;

beforeAll(async () => {
  if (!canLab) return;
  hosts = lab();
  for (const host of ["a", "b"] as const) hosts.readdress(host);
  for (const host of ["a", "b", "c"] as const) {
    hosts.run(host, "ip", "-6", "addr", "add", `${ula(host)}/64`, "dev", "eth0", "nodad");
    // A link-local address speaks only once it is known to be the only one.
    await until("its own address is ready", () => {
      const listed = hosts.run(host, "ip", "-6", "addr", "show", "dev", "eth0");
      return listed.includes("fe80::") && !listed.includes("tentative");
    });
  }
  mini = await machine(hosts, { host: "a", name: "mini", address: "lan" });
  laptop = await machine(hosts, { host: "b", name: "laptop", address: "lan" });
  server = await machine(hosts, { host: "c", name: "server", address: "lan" });
});

afterAll(async () => {
  if (!canLab) return;
  for (const each of [mini, laptop, server]) await each[Symbol.asyncDispose]();
  hosts[Symbol.dispose]();
});

/** Searches until a machine is found; returns its address. */
async function addressOf(name: string, from: Machine): Promise<string> {
  let address: string | undefined;
  await until(`${from.name} finds ${name}`, async () => {
    // The executable prints the operation's output.
    const { candidates } = (await from.json(["discover"])) as DiscoverOutput;
    address = candidates.find((found) => found.name === name)?.address;
    return address !== undefined;
  });
  return address ?? "";
}

test("discover finds machines of IPv6 alone, from such a machine and from another", async () => {
  expect(await addressOf("mini", laptop)).toBe(`[${ula("a")}]:7337`);
  expect(await addressOf("laptop", server)).toBe(`[${ula("b")}]:7337`);
  expect(await addressOf("server", mini)).toBe(`[${ula("c")}]:7337`);
});

test("machines that have IPv6 alone are paired, and asked", async () => {
  await pairTwo(mini, laptop);
  expect(await laptop.json(["peers"])).toMatchObject({ peers: [{ name: "mini" }] });
});
