import { describe, expect, test } from "bun:test";
import { Name } from "../../../src/contract/terms.ts";
import {
  type NamedPeer,
  nameOfPeer,
  type PeerName,
  placeholderName,
} from "../../../src/core/peers/naming.ts";
import { type Draw, histories, historiesMs } from "../../support/histories.ts";

const peer = (name: string, key: string): NamedPeer => ({ name, fingerprint: `sha256:${key}` });
const named = (told: NamedPeer, peers: readonly NamedPeer[]): PeerName =>
  nameOfPeer(told, { own: "laptop", peers, former: [] });
const asTold = (name: string): PeerName => ({
  name,
  told_name: null,
  look_alike: null,
  former: null,
});

describe("nameOfPeer()", () => {
  test("nameOfPeer() takes the proposed name when it is free", () => {
    expect(named(peer("mini", "a"), [])).toEqual(asTold("mini"));
    expect(named(peer("mini", "a"), [peer("studio", "b")])).toEqual(asTold("mini"));
  });

  test("nameOfPeer() keeps the name of a known key, whatever it tells", () => {
    const peers = [peer("mini", "a"), peer("studio", "b")];
    for (const told of ["mini", "studio", "laptop", "another"]) {
      expect(named(peer(told, "a"), peers)).toEqual(asTold("mini"));
    }
  });

  test("nameOfPeer() numbers a name that another key has, and shows whose it is", () => {
    const peers = [peer("mini", "a"), peer("mini-2", "b")];
    expect(named(peer("mini", "c"), peers)).toEqual({
      name: "mini-3",
      told_name: "mini",
      look_alike: peer("mini", "a"),
      former: null,
    });
  });

  test("nameOfPeer() never gives this machine's own name", () => {
    const name = { name: "laptop-2", told_name: "laptop", look_alike: null, former: null };
    expect(named(peer("laptop", "a"), [])).toEqual(name);
  });

  test("nameOfPeer() names a key that has only a placeholder, and never another's", () => {
    const placeholder = peer("unnamed-00abcdef", "a");
    expect(named(peer("mini", "a"), [placeholder])).toEqual(asTold("mini"));
    const peers = [placeholder, peer("mini", "b")];
    expect(named(peer("mini", "a"), peers)).toEqual({
      name: "mini-2",
      told_name: "mini",
      look_alike: peer("mini", "b"),
      former: null,
    });
  });
});

test("nameOfPeer() accepts no placeholder as a proposed name, not even the key's own", () => {
  const placeholder = peer("unnamed-00abcdef", "a");
  const called = { told_name: placeholder.name, look_alike: null, former: null };
  expect(named(placeholder, [placeholder])).toEqual({ name: "machine", ...called });
  const peers = [placeholder, peer("machine", "b")];
  expect(named(placeholder, peers)).toEqual({ name: "machine-2", ...called });
});

test("nameOfPeer() keeps the name of a key that proposed a placeholder", () => {
  const told = peer("unnamed-0badcafe", "a");
  const { name } = named(told, [peer("unnamed-00abcdef", "a")]);
  expect(named(peer("studio", "a"), [{ ...told, name }]).name).toBe(name);
});

describe("nameOfPeer() points out a name that looks like another's", () => {
  const alike: readonly (readonly [string, string])[] = [
    ["mini", "min1"],
    ["mini", "rnini"],
    ["mini", "mlnl"],
    ["studio", "studi0"],
    ["studio", "stuclio"],
    ["watt", "vvatt"],
    ["s5", "55"],
    ["zoo", "2oo"],
    ["work-mac", "workmac"],
    ["clock", "dock"],
    // Two changes at once, and a hyphen inside of what looks like one letter.
    ["clock", "c1ock"],
    ["clock", "ciock"],
    ["corner", "cor-ner"],
  ];
  for (const [known, told] of alike) {
    test(`nameOfPeer() points out ${known} when a peer proposes ${told}, and the other way`, () => {
      expect(named(peer(told, "b"), [peer(known, "a")]).look_alike).toEqual(peer(known, "a"));
      expect(named(peer(known, "b"), [peer(told, "a")]).look_alike).toEqual(peer(told, "a"));
    });
  }

  test("nameOfPeer() takes a name that only looks like another's unchanged", () => {
    expect(named(peer("min1", "b"), [peer("mini", "a")])).toMatchObject({
      name: "min1",
      told_name: null,
    });
  });

  test("nameOfPeer() points out nothing where names differ, nor a key to itself", () => {
    expect(named(peer("mini", "b"), [peer("studio", "a")]).look_alike).toBeNull();
    expect(named(peer("min1", "a"), [peer("mini", "a")]).look_alike).toBeNull();
  });
});

const toldNames = [
  "unnamed-0badcafe",
  "mini",
  "min1",
  "mini-2",
  "laptop",
  "studio",
  "x".repeat(31),
];

describe("nameOfPeer() leaves a former name to the key that had it", () => {
  const former = [peer("zed", "a")];

  test("another key that tells it is numbered, and is told whose it was", () => {
    const held = { own: "laptop", peers: [], former };
    expect(nameOfPeer(peer("zed", "b"), held)).toEqual({
      name: "zed-2",
      told_name: "zed",
      look_alike: null,
      former: "sha256:a",
    });
  });

  test("the key itself has it back", () => {
    const held = { own: "laptop", peers: [], former };
    expect(nameOfPeer(peer("zed", "a"), held)).toEqual(asTold("zed"));
  });

  test("one that a person gave to another key since is that key's", () => {
    const held = { own: "laptop", peers: [peer("zed", "b")], former };
    expect(nameOfPeer(peer("zed", "b"), held)).toEqual(asTold("zed"));
    const taken = { name: "zed-2", look_alike: peer("zed", "b"), former: null };
    expect(nameOfPeer(peer("zed", "c"), held)).toMatchObject(taken);
  });
});

/** Machines that come, send names, come again and go, and a person who renames and unpairs. */
function live(draw: Draw): void {
  const peers = new Map<string, string>();
  /** The machines that have sent their names. */
  const said = new Set<string>();
  const former = new Map<string, string>();
  const list = (): NamedPeer[] => [...peers].map(([fingerprint, name]) => ({ name, fingerprint }));
  for (let event = 0; event < 30; event += 1) {
    const fingerprint = `sha256:${draw.below(8)}`;
    const before = peers.get(fingerprint);
    const told = { name: draw.pick(toldNames), fingerprint };
    if (draw.oneIn(6)) {
      if (before !== undefined && said.has(fingerprint)) former.set(before, fingerprint);
      peers.delete(fingerprint);
      said.delete(fingerprint);
    } else if (before === undefined && draw.oneIn(3)) {
      peers.set(fingerprint, placeholderName(draw.bytes(32)));
    } else {
      const gone = [...former].map(([name, fingerprint]) => ({ name, fingerprint }));
      const held = { own: "laptop", peers: list(), former: gone };
      const { name, told_name } = nameOfPeer(told, held);
      if (before !== name) expect(former.get(name) ?? fingerprint).toBe(fingerprint);
      if (before !== undefined && said.has(fingerprint)) expect(name).toBe(before);
      else expect(told_name).toBe(name === told.name ? null : told.name);
      peers.set(fingerprint, name);
      said.add(fingerprint);
    }
    const names = [...peers.values()];
    expect([new Set(names).size, names.includes("laptop")]).toEqual([names.length, false]);
    if (!names.every((name) => Name.safeParse(name).success)) throw new Error(names.join());
  }
}

const promise =
  "P11: A peer's name never changes by what the peer says, and means no other key; " +
  "one that it had goes to no other key for 90 days without a person's word.";

test(
  promise,
  async () => {
    await histories(3_000, live);
  },
  historiesMs,
);
