/** Checks that announcing follows the interfaces it was given, and keeps off every other one. */

import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout } from "bun:test";
import { canLab, type HostName, type Lab, lab, noLab } from "../network/lab.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { announcer, browsing, fingerprintOf, heard } from "./programs.ts";

setDefaultTimeout(30_000);

const test = skipUnless(canLab, noLab);

let hosts: Lab;
beforeAll(() => {
  if (canLab) hosts = lab();
});
afterAll(() => {
  if (canLab) hosts[Symbol.dispose]();
});

// Each test finds the addresses as they were, also when the one before it failed.
afterEach(() => {
  if (!canLab) return;
  hosts.readdress("a", "10.77.0.1");
  hosts.readdress("c", "10.77.0.3");
  for (const host of ["a", "c"] as const) {
    hosts.run(host, "sysctl", "-qw", "net.ipv6.conf.eth0.disable_ipv6=0");
  }
});

/** The hosts announced under a name, in one browse. */
const hostsOf = async (name: string, ms = 1_000): Promise<readonly string[]> => {
  const { announced } = await browsing(hosts, "c", { ms });
  return announced.filter((one) => one.name === name).flatMap((one) => one.addresses.map(hostOf));
};
const hostOf = ({ host }: { readonly host: string }): string => host;

/** Lays a second wire between two hosts, by an interface called `name` on both. */
function wire(name: string, one: HostName, other: HostName): void {
  const namespace = hosts.on(other).at(-1) ?? "";
  const peer = ["type", "veth", "peer", "name", name, "netns", namespace];
  hosts.run(one, "ip", "link", "add", name, ...peer);
  for (const [index, host] of [one, other].entries()) {
    hosts.run(host, "ip", "addr", "add", `10.78.0.${index + 1}/24`, "dev", name);
    hosts.run(host, "ip", "link", "set", name, "up");
  }
}

/** The number of multicast DNS packets that a host has sent on an interface since `count` began. */
const count = (host: HostName): ((name: string) => number) => {
  const rules = ["eth0", "eth1"].map(
    (name) => `add rule inet witness sent oifname ${name} udp dport 5353 counter comment "${name}"`,
  );
  const chain = "add chain inet witness sent { type filter hook output priority 0; }";
  hosts.run(host, "nft", ["add table inet witness", chain, ...rules].join("\n"));
  return (name) => {
    const listed = hosts.run(host, "nft", "list", "table", "inet", "witness");
    return Number(new RegExp(`packets (\\d+) .* comment "${name}"`).exec(listed)?.[1]);
  };
};

/** True once the kernel found no other machine with the link-local address of a host. */
function hasUsableIpv6(host: HostName): boolean {
  const listed = hosts.run(host, "ip", "-6", "addr", "show", "dev", "eth0", "scope", "link");
  return listed.includes("fe80:") && !listed.includes("tentative");
}

/** Keeps a host from sending packets that nft matches, until the end of the block. */
function blocking(host: HostName, match: string): Disposable {
  const rules = [
    "add table inet block",
    "add chain inet block sent { type filter hook output priority 0; }",
    `add rule inet block sent ${match} drop`,
  ];
  hosts.run(host, "nft", rules.join("\n"));
  return {
    [Symbol.dispose]: () => {
      hosts.run(host, "nft", "delete", "table", "inet", "block");
    },
  };
}

describe("announce()", () => {
  test("announce() follows its interface to another address within 5 seconds", async () => {
    await using _ = announcer(hosts, "a", mover);
    await heard(hosts, "c", { name: "mover", at: "10.77.0.1" });
    const startMs = performance.now();
    hosts.readdress("a", "10.77.0.21");
    await heard(hosts, "c", { name: "mover", at: "10.77.0.21" });
    expect(performance.now() - startMs).toBeLessThan(5_000);
    expect(await hostsOf("mover")).not.toContain("10.77.0.1");
    hosts.readdress("a", "10.77.0.1");
    await heard(hosts, "c", { name: "mover", at: "10.77.0.1" });
  });

  test("announce() answers on a network that its interface came to later", async () => {
    for (const host of ["a", "c"] as const) {
      hosts.run(host, "sysctl", "-qw", "net.ipv6.conf.eth0.disable_ipv6=1");
    }
    await using _ = announcer(hosts, "a", mover);
    await heard(hosts, "c", { name: "mover", at: "10.77.0.1" });
    hosts.readdress("a", "10.79.0.1");
    hosts.readdress("c", "10.79.0.3");
    await heard(hosts, "c", { name: "mover", at: "10.79.0.1" });
    // A machine rarely announces unasked: one that appears each time has answered.
    for (let count = 0; count < 4; count += 1) {
      expect(await hostsOf("mover", 300)).toContain("10.79.0.1");
    }
  });

  test("announce() is heard over IPv6 when there is no IPv4", async () => {
    await until("both link-local addresses are usable", () =>
      (["a", "c"] as const).every((host) => hasUsableIpv6(host)),
    );
    for (const host of ["a", "c"] as const) hosts.readdress(host);
    await using _ = announcer(hosts, "a", mover);
    await heard(hosts, "c", { name: "mover" });
    const told = await hostsOf("mover");
    expect(told).toEqual([expect.stringMatching(/^fe80::[0-9a-f:]+%eth0$/)]);
  });

  test("announce() is heard over IPv4 when multicast over IPv6 is blocked", async () => {
    using _block = blocking("a", "meta nfproto ipv6 udp dport 5353");
    const announced = announcer(hosts, "a", mover);
    await using _ = announced;
    await heard(hosts, "c", { name: "mover", at: "10.77.0.1" });
    // Together they would have fallen silent after three tries.
    for (let count = 0; count < 4; count += 1) {
      expect(await hostsOf("mover")).toEqual(["10.77.0.1"]);
    }
    const [line = "{}"] = (await announced.stop()).split("\n");
    const failed = { event: "announcing_failed", interface: "eth0", family: 6 };
    expect(JSON.parse(line)).toMatchObject(failed);
  });

  test("announce() and browse() send nothing on an interface they were not given", async () => {
    wire("eth1", "a", "c");
    const sent = count("a");
    await using _ = announcer(hosts, "a", { ...mover, interfaces: ["eth0"] });
    await heard(hosts, "c", { name: "mover", at: "10.77.0.1" });
    // Asked on the other wire it does not answer there, and browsing itself it keeps off too.
    const { announced, deaf } = await browsing(hosts, "c", { interfaces: ["eth1"] });
    expect({ announced, deaf }).toEqual({ announced: [], deaf: [] });
    await browsing(hosts, "a", { interfaces: ["eth0"] });
    expect(sent("eth0")).toBeGreaterThan(5);
    expect(sent("eth1")).toBe(0);
    // The witness does not sleep: named, that interface is spoken on.
    await browsing(hosts, "a", { interfaces: ["eth1"] });
    expect(sent("eth1")).toBeGreaterThan(0);
    hosts.run("a", "nft", "delete", "table", "inet", "witness");
  });

  test("announce() comes with an interface that is added, and bears one that is lost", async () => {
    hosts.run("a", "ip", "link", "del", "eth1");
    const both = announcer(hosts, "a", { ...mover, interfaces: ["eth0", "eth1"] });
    await using _ = both;
    await heard(hosts, "c", { name: "mover", at: "10.77.0.1" });
    wire("eth1", "a", "c");
    await until("it is heard there", async () => {
      const { announced } = await browsing(hosts, "c", { interfaces: ["eth1"] });
      return announced.some(({ addresses }) => addresses.map(hostOf).includes("10.78.0.1"));
    });
    hosts.run("a", "ip", "link", "del", "eth1");
    expect(await hostsOf("mover")).toContain("10.77.0.1");
    for (const line of (await both.stop()).split("\n").filter(Boolean)) {
      expect(JSON.parse(line)).toMatchObject({ event: "announcing_failed", interface: "eth1" });
    }
    expect(await hostsOf("mover")).toEqual([]);
  });
});

const mover = { name: "mover", port: 7337, fingerprint: fingerprintOf("Mover") };

describe("browse()", () => {
  test("browse() hears nothing, and is not deaf, when everybody else is cut off", async () => {
    await using _ = announcer(hosts, "a", mover);
    await heard(hosts, "c", { name: "mover" });
    hosts.cut("a", "c");
    const { announced, deaf } = await browsing(hosts, "c");
    hosts.heal();
    expect({ announced, deaf }).toEqual({ announced: [], deaf: [] });
  });

  test("browse() is deaf when multicast DNS is blocked on its own host", async () => {
    using _ = blocking("c", "udp dport 5353");
    const { announced, deaf } = await browsing(hosts, "c");
    expect({ announced, deaf }).toEqual({ announced: [], deaf: ["eth0"] });
  });
});
