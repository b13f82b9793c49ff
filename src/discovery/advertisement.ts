/**
 * The advertisement of a machine by DNS-SD (RFC 6763) over multicast DNS (RFC 6762): the question
 * to send, and the parser of an answer. Reads one packet at a time and remembers nothing. A packet
 * that is malformed, too large or about another service yields no machine.
 */

import { type Answer, decode, encode } from "dns-packet";
import { prefixCharacters } from "../contract/limits.ts";
import type { Fingerprint } from "../contract/terms.ts";
import { printable } from "../contract/text/printable.ts";

/** The port of multicast DNS; an answer from another port is ignored (RFC 6762, 6). */
export const multicastPort = 5_353;

/** The claims of one packet about one machine. None of them is proven. */
export interface Advertised {
  /** The instance name; shown, never trusted. */
  readonly name: string;
  /** The first characters of its fingerprint, after `sha256:`. */
  readonly prefix: string;
  readonly port: number;
  /** Its addresses, when the packet has any. */
  readonly addresses: readonly string[];
}

/** The part of a fingerprint that an advertisement carries. */
export const prefixOf = (fingerprint: Fingerprint): string =>
  fingerprint.slice("sha256:".length).slice(0, prefixCharacters);

const service = "_peernet._tcp.local";
const afterName = `.${service}`;
const version = "v=1";
const prefixEntry = new RegExp(`^fp=([A-Za-z0-9_-]{${prefixCharacters}})$`);

/**
 * One Ethernet frame. Our packet takes a fifth of it; parsing time grows with the square of the
 * size.
 */
const packetBytesMax = 1_500;
const headerBytes = 12;
/** Our packet has six records for one machine with one address of each family. */
const recordsMax = 64;

/**
 * The question, which one packet holds twice. The first copy asks for a unicast answer: a machine
 * gives one even when it has just answered everybody and must not repeat that. The second copy asks
 * for a multicast answer, which reaches us even when another program on this machine receives the
 * packets to port 5353 (RFC 6762, 5.4, 6 and 15.1).
 */
export const question: Uint8Array = unicastFirst(
  encode({
    type: "query",
    questions: [
      { type: "PTR", name: service, class: "IN" },
      { type: "PTR", name: service, class: "IN" },
    ],
  }),
);

/** Sets the top bit of the first question's class: "QU". */
function unicastFirst(packet: Buffer): Buffer {
  const classAt = packet.indexOf(0, headerBytes) + 3;
  packet.writeUInt16BE(packet.readUInt16BE(classAt) | 0x8000, classAt);
  return packet;
}

/** The machines that a packet advertises. Never throws. */
export function readAdvertised(packet: Buffer): readonly Advertised[] {
  if (!mayAdvertise(packet)) return [];
  const records = decoded(packet);
  return records.flatMap((record) => {
    if (record.type !== "SRV" || record.ttl === 0) return [];
    const name = instanceOf(record.name);
    const prefix = prefixIn(records, record.name);
    if (name === null || prefix === null) return [];
    const addresses = addressesIn(records, record.data.target);
    return [{ name, prefix, port: record.data.port, addresses }];
  });
}

/**
 * Checks a packet before it is decoded, since the decoder allocates as many records as the header
 * claims. DNS never compresses a label in part: a packet without our label concerns another
 * service.
 */
function mayAdvertise(packet: Buffer): boolean {
  if (packet.length < headerBytes || packet.length > packetBytesMax) return false;
  const isAnswer = (packet.readUInt16BE(2) & 0x8000) !== 0;
  const counts = [4, 6, 8, 10].map((at) => packet.readUInt16BE(at));
  const records = counts.reduce((sum, count) => sum + count, 0);
  return isAnswer && records <= recordsMax && packet.includes("\x08_peernet\x04_tcp");
}

function decoded(packet: Buffer): readonly Answer[] {
  try {
    const { answers = [], additionals = [] } = decode(packet);
    return [...answers, ...additionals];
  } catch {
    return [];
  }
}

const isSame = (name: string, other: string): boolean => name.toLowerCase() === other.toLowerCase();

const instanceOf = (name: string): string | null =>
  name.toLowerCase().endsWith(afterName) ? printable(name.slice(0, -afterName.length)) : null;

function prefixIn(records: readonly Answer[], name: string): string | null {
  const entries = records
    .flatMap((record) =>
      record.type === "TXT" && isSame(record.name, name) ? [record.data].flat() : [],
    )
    .map(String);
  if (!entries.includes(version)) return null;
  return entries.map((entry) => prefixEntry.exec(entry)?.[1]).find(Boolean) ?? null;
}

const addressesIn = (records: readonly Answer[], host: string): readonly string[] =>
  records.flatMap((record) =>
    (record.type === "A" || record.type === "AAAA") && isSame(record.name, host)
      ? [record.data]
      : [],
  );
