/** Checks which addresses count on the links of a machine. */

import { describe, expect, test } from "bun:test";
import { linksOf } from "../../src/discovery/links.ts";
import { on } from "./lan-packets.ts";

const links = linksOf([
  on("10.77.0.1/24"),
  on("fe80::1/64"),
  on("fd00:77::1/64"),
  on("2001:db8::1/64"),
  on("192.0.2.9/24"),
  on("192.168.5.1/30", { name: "wlan0" }),
  on("fe80::5/64", { name: "wlan0" }),
]);

describe("linksOf().of()", () => {
  const known: Readonly<Record<string, string | null>> = {
    "10.77.0.0": "eth0",
    "10.77.0.255": "eth0",
    "10.76.255.255": null,
    "10.77.1.0": null,
    "192.168.5.3": "wlan0",
    "192.168.5.4": null,
    "fe80::9%eth0": "eth0",
    "fe80::9%wlan0": "wlan0",
    "fe80::9%docker0": null,
    "fe80::9": null,
    "fd00:77::ffff": "eth0",
    "fd00:78::ffff": null,
    "2001:db8::2": "eth0",
    "::ffff:10.77.0.9": null,
    "127.0.0.1": null,
    "::1": null,
    "": null,
    nonsense: null,
    "10.77.0.1.1": null,
  };
  for (const [address, link] of Object.entries(known)) {
    test(`linksOf().of() is ${link} when the address is "${address}"`, () => {
      expect(links.of(address)).toBe(link);
    });
  }
});

describe("linksOf().dialled()", () => {
  const told: Readonly<Record<string, string | null>> = {
    "10.77.0.9": "10.77.0.9",
    "10.77.1.9": null,
    // On the link, but of another interface.
    "192.168.5.2": null,
    "fe80::9": "fe80::9%eth0",
    "fe80::9%eth0": "fe80::9%eth0",
    "fe80::9%wlan0": null,
    "FD00:77:0:0::0009": "fd00:77::9",
    // On the link, but public or for documents.
    "192.0.2.10": null,
    "2001:db8::2": null,
    "8.8.8.8": null,
    "127.0.0.1": null,
    "::1": null,
    "0.0.0.0": null,
    "224.0.0.251": null,
    "ff02::fb": null,
    "255.255.255.255": null,
    "::ffff:10.77.0.9": null,
    nonsense: null,
  };
  for (const [address, host] of Object.entries(told)) {
    test(`linksOf().dialled() is ${host} when eth0 tells ${address}`, () => {
      expect(links.dialled("eth0", address)).toBe(host);
    });
  }

  test("linksOf().dialled() is null for what is on a link but not private", () => {
    const public4 = linksOf([on("8.8.8.1/24"), on("127.0.0.1/8"), on("224.0.0.1/4")]);
    for (const address of ["8.8.8.8", "127.0.0.2", "224.0.0.251"]) {
      expect(public4.dialled("eth0", address)).toBeNull();
    }
    const edges = linksOf([on("0.0.0.0/0"), on("::/0")]);
    for (const address of ["172.16.0.0", "172.31.255.255", "169.254.9.9", "fc00::1", "fdff::1"]) {
      expect(edges.dialled("eth0", address)).toBe(address);
    }
    for (const address of ["172.15.255.255", "172.32.0.0", "100.64.0.1", "fe00::1", "2000::1"]) {
      expect(edges.dialled("eth0", address)).toBeNull();
    }
  });
});
