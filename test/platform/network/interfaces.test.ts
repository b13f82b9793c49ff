/** Checks which interfaces lead to a LAN, and that this machine's are reported correctly. */

import { describe, expect, test } from "bun:test";
import {
  cardsAmong,
  type Device,
  type InterfaceAddress,
  interfacesNow,
  isLan,
  lanAddresses,
  parseFlags,
} from "../../../src/platform/network/interfaces.ts";
import { skipUnless } from "../../support/skip.ts";

const wired: InterfaceAddress = {
  name: "eth0",
  address: "192.168.1.7",
  family: 4,
  scopeId: 0,
  cidr: "192.168.1.7/24",
  internal: false,
  up: true,
  pointToPoint: false,
  onLan: true,
};

describe("isLan()", () => {
  const other: readonly Partial<InterfaceAddress>[] = [
    { internal: true },
    { up: false },
    { pointToPoint: true },
    { onLan: false },
  ];
  test("isLan() is true when the interface is up and on a LAN", () => {
    expect(isLan(wired)).toBe(true);
  });
  for (const state of other) {
    test(`isLan() is false when the interface is ${JSON.stringify(state)}`, () => {
      expect(isLan({ ...wired, ...state })).toBe(false);
    });
  }
});

/** Interfaces in sysfs's terms: a star for hardware, lower interfaces after a colon. */
const devices = (...told: readonly string[]): ReadonlyMap<string, Device> =>
  new Map(
    told.map((text) => {
      const [name = "", over = ""] = text.replace("*", "").split(":");
      return [name, { hardware: text.includes("*"), over: over.split(",").filter(Boolean) }];
    }),
  );

/** The interfaces that are taken for a LAN, of those that have an address. */
const cardsIn = (told: readonly string[], named = told): readonly string[] => {
  const names = named.map((text) => text.replace(/[*:].*/, ""));
  return names.filter(cardsAmong(devices(...told), names));
};

describe("cardsAmong()", () => {
  const bridges = ["podman0", "lxdbr0:veth7", "virbr0", "flannel.1", "tap0", "zt5u4y", "team0"];
  test("cardsAmong() takes hardware alone when there is some, whatever its name", () => {
    for (const card of ["eth0*", "wlan0*", "enp3s0*", "enx001122334455*", "lan0*"]) {
      expect(cardsIn(["lo", card, "veth7", "eth9", ...bridges])).toEqual([card.slice(0, -1)]);
    }
  });

  test("cardsAmong() takes what is built over hardware, however deep", () => {
    const built = ["eth0*", "eth1*", "bond0:eth0,eth1", "bond0.7:bond0", "br0:bond0.7,veth1"];
    const over = [...built, "macvlan0:eth0", "vmbr0:tap1,eth1"];
    expect(cardsIn([...over, "veth1", "tap1", "docker0:veth1"])).toEqual([
      ...["eth0", "eth1", "bond0", "bond0.7", "br0", "macvlan0", "vmbr0"],
    ]);
  });

  test("cardsAmong() takes no bridge while the only card is down and has no address", () => {
    expect(cardsIn(["wlan0*", "docker0", "eth7"], ["docker0", "eth7"])).toEqual([]);
  });

  test("cardsAmong() takes a container's end by the names of Ethernet, or as the only one", () => {
    expect(cardsIn(["lo", "eth0"])).toEqual(["eth0"]);
    expect(cardsIn(["lo", "host0"])).toEqual(["host0"]);
    expect(cardsIn(["lo", "eth0", "eth1", "podman0", "cni0"])).toEqual(["eth0", "eth1"]);
    expect(cardsIn(["lo", "docker0", "tap0"])).toEqual([]);
  });

  test("cardsAmong() takes none when /sys tells nothing, and ends when links circle", () => {
    expect(["eth0", "lo"].filter(cardsAmong(new Map(), ["eth0", "lo"]))).toEqual([]);
    expect(cardsIn(["eth0*", "a:b", "b:a"])).toEqual(["eth0"]);
  });
});

describe("lanAddresses()", () => {
  test("lanAddresses() lists the LAN's, with the interface of link-local ones", () => {
    const six = { ...wired, family: 6 as const };
    expect(
      lanAddresses([
        wired,
        { ...six, address: "fe80::7", cidr: "fe80::7/64", scopeId: 2 },
        { ...six, address: "fd00::7", cidr: "fd00::7/64" },
        { ...wired, name: "docker0", address: "172.17.0.1", onLan: false },
        { ...wired, name: "lo", address: "127.0.0.1", internal: true },
      ]),
    ).toEqual(["192.168.1.7", "fe80::7%eth0", "fd00::7"]);
  });
});

describe("parseFlags()", () => {
  test("parseFlags() tells up and point-to-point when Linux does", () => {
    expect(parseFlags("0x1003\n")).toEqual({ up: true, pointToPoint: false });
    expect(parseFlags("0x10d1\n")).toEqual({ up: true, pointToPoint: true });
    expect(parseFlags("0x1002\n")).toEqual({ up: false, pointToPoint: false });
    expect(parseFlags("0x90\n")).toEqual({ up: false, pointToPoint: true });
  });
});

describe("interfacesNow()", () => {
  test("interfacesNow() has the loopback interface, which is no LAN", () => {
    const loopback = interfacesNow().find(({ address }) => address === "127.0.0.1");
    const told = { family: 4, scopeId: 0, cidr: "127.0.0.1/8", internal: true, up: true };
    expect(loopback).toMatchObject(told);
    expect(lanAddresses(interfacesNow())).not.toContain("127.0.0.1");
  });

  skipUnless(process.platform === "linux" && Bun.which("ip") !== null, "it needs ip of Linux")(
    "interfacesNow() has the addresses that the kernel lists",
    () => {
      const listed = Bun.spawnSync(["ip", "-o", "addr", "show", "up"]).stdout.toString();
      const told = interfacesNow().map(({ name, cidr }) => `${name} ${cidr}`);
      expect(told).not.toBeEmpty();
      for (const line of told) expect(listed.replace(/ +inet6? /g, " ")).toContain(line);
    },
  );
});
