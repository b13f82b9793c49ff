import { describe, expect, test } from "bun:test";
import {
  canonicalAddress,
  formatAddress,
  parseAddress,
  plainAddress,
} from "../../../src/contract/text/address.ts";

describe("parseAddress()", () => {
  for (const [text, host, port] of [
    ["mini", "mini", null],
    ["mini.local:7337", "mini.local", 7337],
    ["192.168.1.20:7337", "192.168.1.20", 7337],
    ["[2001:db8::1]:7337", "2001:db8::1", 7337],
    ["[2001:db8::1]", "2001:db8::1", null],
    ["2001:db8::1", "2001:db8::1", null],
    ["[fe80::1%en0]:7337", "fe80::1%en0", 7337],
  ] as const) {
    test(`parseAddress() takes '${text}' apart, and formatAddress() puts it together`, () => {
      expect(parseAddress(text)).toEqual({ host, port });
      expect(parseAddress(formatAddress(host, port))).toEqual({ host, port });
    });
  }
});

test("formatAddress() puts IPv6 in brackets, with a port and without one", () => {
  expect(formatAddress("2001:db8::1", 7337)).toBe("[2001:db8::1]:7337");
  expect(formatAddress("2001:db8::1", null)).toBe("[2001:db8::1]");
  expect(formatAddress("10.0.0.1", 1)).toBe("10.0.0.1:1");
  expect(formatAddress("mini", null)).toBe("mini");
});

test("plainAddress() takes the IPv6 coat off IPv4 and leaves any other address", () => {
  expect(plainAddress("::ffff:10.0.0.1")).toBe("10.0.0.1");
  expect(plainAddress("::ffff:a00:1")).toBe("::ffff:a00:1");
  expect(plainAddress("2001:db8::1")).toBe("2001:db8::1");
});

test("canonicalAddress() is one text for an address, however it is written", () => {
  for (const text of [
    "192.168.1.20",
    "::ffff:192.168.1.20",
    "::FFFF:192.168.1.20",
    "::ffff:c0a8:114",
  ]) {
    expect([text, canonicalAddress(text)]).toEqual([text, "192.168.1.20"]);
  }
  expect(canonicalAddress("2001:DB8:0::1")).toBe("2001:db8::1");
  expect(canonicalAddress("fe80::1%en0")).toBeNull();
  expect(canonicalAddress("mini")).toBeNull();
});
