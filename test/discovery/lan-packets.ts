/** Packets of multicast DNS for tests: advertisements, well formed and otherwise. */

import { type Answer, encode, type TxtData } from "dns-packet";
import type { InterfaceAddress } from "../../src/platform/network/interfaces.ts";
import { fakeEffects } from "../support/effects.ts";

/** A machine in the form of its packet. */
export interface Told {
  readonly name?: string;
  readonly prefix?: string;
  readonly port?: number;
  readonly ttl?: number;
  readonly service?: string;
  /** The entries of its TXT record; version and prefix unless given. */
  readonly txt?: TxtData;
  readonly addresses?: readonly string[];
}

/** A prefix to tell. */
export const prefix = "ABCDEFGHIJKLMN_-";

/** A packet that advertises a machine. */
export const packet = (told: Told = {}): Buffer =>
  encode({ type: "response", flags: 1 << 10, answers: records(told) });

/** The records that advertise a machine. */
export function records(told: Told = {}): Answer[] {
  const { name = "mini", port = 7337, ttl = 120, service = "_peernet._tcp.local" } = told;
  const instance = `${name}.${service}`;
  const host = "peernet-abc.local";
  const txt = told.txt ?? ["v=1", `fp=${told.prefix ?? prefix}`];
  return [
    { type: "PTR", name: service, ttl, data: instance },
    { type: "SRV", name: instance, ttl, data: { port, target: host, priority: 0, weight: 0 } },
    { type: "TXT", name: instance, ttl, data: txt },
    ...(told.addresses ?? ["10.77.0.1"]).map((data): Answer => {
      return { type: data.includes(":") ? "AAAA" : "A", name: host, ttl, data };
    }),
  ];
}

/** An address of an interface called eth0, unless given otherwise. */
export const on = (cidr: string, more: Partial<InterfaceAddress> = {}): InterfaceAddress => ({
  name: "eth0",
  address: cidr.replace(/\/.*/, ""),
  family: cidr.includes(":") ? 6 : 4,
  scopeId: cidr.startsWith("fe80:") ? 2 : 0,
  cidr,
  internal: false,
  up: true,
  onLan: true,
  pointToPoint: false,
  ...more,
});

/** Makes malformed packets: of a well-formed one most is right, and something is not. */
export function malformer(seed: number): () => Buffer {
  const { random } = fakeEffects(seed);
  const whole = packet({ name: "broken", addresses: ["10.77.0.1", "fe80::1"] });
  return () => {
    const broken = Buffer.from(whole);
    for (let changes = 1 + random.integer(8); changes > 0; changes -= 1) {
      const at = random.integer(broken.length);
      // Pointers of compression are where readers of DNS fall.
      broken[at] = random.integer(3) === 0 ? 0xc0 | random.integer(64) : random.integer(256);
    }
    const length = random.integer(3) === 0 ? random.integer(broken.length + 1) : broken.length;
    return broken.subarray(0, length);
  };
}

/** The costliest packet of a length: many records whose names are one long chain of pointers. */
export function chained(bytes: number, records: number): Buffer {
  const made = Buffer.alloc(bytes);
  const headerBytes = 12;
  const recordBytes = 12;
  const restAt = bytes - (records - 1) * recordBytes;
  made.writeUInt16BE(0x8400, 2);
  made.writeUInt16BE(records, 6);
  // The first record holds the chain in its data, as of the type NULL.
  const dataAt = headerBytes + 11;
  made.writeUInt16BE(10, headerBytes + 1);
  made.writeUInt16BE(restAt - dataAt, headerBytes + 9);
  made.write("\x08_peernet\x04_tcp\0", dataAt, "latin1");
  let last = dataAt;
  for (let at = dataAt + 15; at + 2 <= restAt; at += 2) {
    made.writeUInt16BE(0xc000 | last, at);
    last = at;
  }
  for (let at = restAt; at + recordBytes <= bytes; at += recordBytes) {
    made.writeUInt16BE(0xc000 | last, at);
    made.writeUInt16BE(10, at + 2);
  }
  return made;
}
