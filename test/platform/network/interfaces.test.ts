/** Checks which interfaces lead to a LAN, and that those of this machine are told as they are. */

import { describe, expect, test } from "bun:test";
import {
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
};

describe("isLan()", () => {
  const lan = [
    "eth0",
    "enp3s0",
    "wlan0",
    "wlp2s0",
    "en0",
    "en7",
    "bond0",
    "br0",
    "vlan7",
    "eth0:1",
  ];
  for (const name of lan) {
    test(`isLan() is true when the interface is ${name}`, () => {
      expect(isLan({ ...wired, name })).toBe(true);
    });
  }
  const virtual = ["docker0", "docker_gwbridge", "br-3f2a", "veth12ab", "virbr0", "virbr0-nic"];
  for (const name of [...virtual, "cni0", "vmnet8", "utun4", "awdl0", "llw0"]) {
    test(`isLan() is false when the interface is ${name}`, () => {
      expect(isLan({ ...wired, name })).toBe(false);
    });
  }
  const other: readonly Partial<InterfaceAddress>[] = [
    { internal: true },
    { up: false },
    { pointToPoint: true },
  ];
  for (const state of other) {
    test(`isLan() is false when the interface is ${JSON.stringify(state)}`, () => {
      expect(isLan({ ...wired, ...state })).toBe(false);
    });
  }
});

describe("lanAddresses()", () => {
  test("lanAddresses() lists the LAN's, with the interface of link-local ones", () => {
    const six = { ...wired, family: 6 as const };
    expect(
      lanAddresses([
        wired,
        { ...six, address: "fe80::7", cidr: "fe80::7/64", scopeId: 2 },
        { ...six, address: "fd00::7", cidr: "fd00::7/64" },
        { ...wired, name: "docker0", address: "172.17.0.1" },
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
