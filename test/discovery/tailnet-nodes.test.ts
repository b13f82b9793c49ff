/** Names, addresses and choices among the machines of a tailnet. */

import { expect, test } from "bun:test";
import { candidatesMax } from "../../src/contract/limits.ts";
import { Name } from "../../src/contract/terms.ts";
import { canonicalAddress } from "../../src/contract/text/address.ts";
import { readStatus } from "../../src/discovery/tailnet-nodes.ts";
import {
  resolveTailnet,
  type TailnetStatus,
  tailnetCandidates,
} from "../../src/discovery/tailscale.ts";
import { bob, type Fields, int64, peer, self, status } from "./shapes.ts";

/** A status with the given machines, its ids as bigint. */
function running(peers: readonly Fields[], change: Fields = {}): TailnetStatus {
  const wholly = (_key: string, value: unknown): unknown =>
    typeof value === "string" && value.startsWith("int64:") ? BigInt(value.slice(6)) : value;
  const read = readStatus(JSON.parse(JSON.stringify(status(peers, change)), wholly));
  if (read === null) throw new Error("no status");
  return { state: "running", own: read.own, nodes: read.nodes };
}

const nodesOf = (status: TailnetStatus) => (status.state === "running" ? status.nodes : []);

/** DNS name, host name, and the machine's name. */
const names: readonly (readonly [string, string, string])[] = [
  ["mini.tail1.ts.net.", "Ada's Mac mini", "mini"],
  ["MINI.tail1.ts.net.", "", "mini"],
  ["mini", "", "mini"],
  ["a--b.x.", "", "a--b"],
  [`${"a".repeat(31)}.x.`, "", "a".repeat(31)],
  [`${"a".repeat(32)}.x.`, "", "a".repeat(31)],
  [`${"a".repeat(30)}-bc.x.`, "", "a".repeat(30)],
  ["my_host.x.", "", "my-host"],
  ["", "Ada's Mac mini", "ada-s-mac-mini"],
  ["...", "мини", "nmini11cntrl"],
  ["-x-.y.", "", "x"],
  ["", "Büro", "buro"],
];

for (const [DNSName, HostName, name] of names) {
  test(`readStatus() calls a machine ${name} when it is ${DNSName} of ${HostName}`, () => {
    expect(nodesOf(running([peer({ DNSName, HostName })]))).toMatchObject([{ name }]);
    expect(Name.safeParse(name).success).toBe(true);
  });
}

test("readStatus() leaves no machine out for its name", () => {
  const nameless = { DNSName: null, HostName: 7, ID: "\u202e" };
  expect(nodesOf(running([peer(nameless)]))).toMatchObject([{ name: "node", dnsName: "" }]);
});

/** Addresses as written, and in the one form; null is none. */
const addresses: readonly (readonly [string, string | null])[] = [
  ["100.88.4.20", "100.88.4.20"],
  ["0.0.0.0", "0.0.0.0"],
  ["255.255.255.255", "255.255.255.255"],
  ["::FFFF:100.88.4.20", "100.88.4.20"],
  ["FD7A:115C:A1E0:0:0:0:0:7", "fd7a:115c:a1e0::7"],
  ["::1", "::1"],
  ["256.1.1.1", null],
  ["1.2.3", null],
  ["1.2.3.4.5", null],
  ["01.2.3.4", null],
  ["1.2.3.4:80", null],
  ["0x7f.1", null],
  ["2130706433", null],
  ["::1::", null],
  ["1:2:3:4:5:6:7:8:9", null],
  ["fe80::1%eth0", null],
  ["[::1]", null],
  ["::1]/@x[", null],
  ["localhost", null],
  ["", null],
];

for (const [text, canonical] of addresses) {
  test(`canonicalAddress() is ${canonical} when given '${text}'`, () => {
    expect(canonicalAddress(text)).toBe(canonical);
  });
}

const machine = (name: string, change: Fields = {}): Fields =>
  peer({ ID: `n-${name}`, DNSName: `${name}.tail1.ts.net.`, ...change });

const idsOf = (nodes: readonly { readonly name: string }[]) => nodes.map(({ name }) => name);

test("tailnetCandidates() chooses machines of the same user that are online", () => {
  const machines = [
    machine("bobs", { UserID: int64(bob) }),
    machine("mini"),
    machine("asleep", { Online: false }),
    machine("asleep-too", { Online: false, UserID: int64(bob) }),
    machine("old", { Expired: true }),
    machine("server", { Tags: ["tag:server"] }),
    machine("desk"),
  ];
  const chosen = tailnetCandidates(running(machines), true);
  expect(idsOf(chosen.probed)).toEqual(["desk", "mini"]);
  expect(chosen.withheld.map(({ name, refusal }) => [name, refusal])).toEqual([
    ["bobs", "other_user"],
    ["old", "expired"],
    ["server", "tagged"],
  ]);
  const all = tailnetCandidates(running(machines), false);
  expect(idsOf(all.probed)).toEqual(["desk", "mini", "bobs", "old", "server"]);
  expect(all.withheld).toEqual([]);
});

test("tailnetCandidates() chooses no more than are kept, the user's own before others", () => {
  const many = (user: object) =>
    Array.from({ length: candidatesMax }, (_, at) => machine(`m${at}`, { ID: `n${at}`, ...user }));
  expect(tailnetCandidates(running(many({})), true).probed.length).toBe(candidatesMax);
  const others = many({ UserID: int64(bob) });
  const both = running([...others, machine("mine")]);
  const { probed } = tailnetCandidates(both, false);
  expect(probed.length).toBe(candidatesMax);
  expect(probed[0]?.name).toBe("mine");
});

test("tailnetCandidates() and resolveTailnet() find nothing when there is no tailnet", () => {
  const stopped = { state: "stopped", why: "Stopped" } as const;
  expect(tailnetCandidates(stopped, false)).toEqual({ probed: [], withheld: [] });
  expect(resolveTailnet("mini", stopped)).toBeNull();
});

test("resolveTailnet() finds a machine by its MagicDNS name or bare, and no other", () => {
  const status = running([
    peer(),
    peer({ ID: "n2", DNSName: "mini.tail2.ts.net.", TailscaleIPs: ["fd7a:115c:a1e0::2"] }),
    peer({ ID: "n3", DNSName: "asleep.tail1.ts.net.", Online: false }),
    peer({ ID: "n4", DNSName: "" }),
  ]);
  expect(resolveTailnet("mini", status)).toBe("100.101.7.3");
  expect(resolveTailnet("Mini.Tail1.ts.net.", status)).toBe("100.101.7.3");
  expect(resolveTailnet("mini.tail2.ts.net", status)).toBe("fd7a:115c:a1e0::2");
  expect(resolveTailnet("asleep", status)).toBe("100.101.7.3");
  for (const name of ["min", "mini.tail1", "tail1.ts.net", "mini.", "", ".", "100.101.7.3"]) {
    expect([name, resolveTailnet(name, status)]).toEqual([
      name,
      name === "mini." ? "100.101.7.3" : null,
    ]);
  }
});

test("resolveTailnet() finds nothing bare when the tailnet gives no names", () => {
  const Self = self({ DNSName: "" });
  expect(resolveTailnet("mini", running([peer({ DNSName: "" })], { Self }))).toBeNull();
  expect(resolveTailnet("", running([peer({ DNSName: "" })], { Self }))).toBeNull();
});
