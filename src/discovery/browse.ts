/**
 * Asks the LAN who is there, by multicast DNS (RFC 6762), and listens for a bounded time. Hears
 * only what comes from a link it asked on; probes nobody, and tells of this machine itself as of
 * any other.
 */

import { createSocket, type Socket } from "node:dgram";
import type { Timers } from "../platform/effects.ts";
import type { InterfaceAddress } from "../platform/network/interfaces.ts";
import { multicastPort, question, readAdvertised } from "./advertisement.ts";
import { type Announced, announcements } from "./announcements.ts";
import { linksOf } from "./links.ts";

/** What is asked, where and for how long. */
export interface BrowseOptions {
  /** The addresses of the interfaces to ask on; of no other one anything is heard. */
  readonly interfaces: readonly InterfaceAddress[];
  readonly timers: Timers;
  /** How long answers are gathered. */
  readonly ms: number;
  /** The prefixes of paired machines: a flood does not evict what these tell of themselves. */
  readonly pairedPrefixes?: ReadonlySet<string>;
  /** Told of each address as soon as it is heard, and again when its port changes. */
  readonly onFound?: (found: Announced) => void;
}

/** What was heard. */
export interface Browsed {
  readonly announced: readonly Announced[];
  /** Interfaces on which not even the question itself was heard: multicast is blocked there. */
  readonly deaf: readonly string[];
}

/** One socket: it sends from one interface, by one family. */
interface Place {
  readonly name: string;
  readonly family: 4 | 6;
  readonly address: string;
}

/** Asks on every interface and gathers what is answered in time. Never throws. */
export async function browse(options: BrowseOptions): Promise<Browsed> {
  const names = new Set(options.interfaces.map(({ name }) => name));
  const audible = new Set<string>();
  const listener = listenerOf(options, audible);
  const sockets = placesOf(options.interfaces).map((place) => askOn(place, listener.hear));
  await new Promise<void>((done) => {
    options.timers.after(options.ms, done);
  });
  for (const socket of sockets) closeQuietly(socket);
  const deaf = [...names].filter((name) => !audible.has(name));
  return { announced: listener.list(), deaf };
}

type Hear = (packet: Buffer, from: { readonly address: string; readonly port: number }) => void;

function listenerOf(
  options: BrowseOptions,
  audible: Set<string>,
): { readonly hear: Hear; readonly list: () => readonly Announced[] } {
  const links = linksOf(options.interfaces);
  const table = announcements(options.pairedPrefixes ?? new Set());
  const own = new Set(options.interfaces.map(({ address }) => address));
  const isTooMuch = counter();
  const hear: Hear = (packet, from) => {
    if (from.port !== multicastPort) return;
    const link = links.of(from.address);
    if (link === null || isTooMuch(from.address)) return;
    if (own.has(from.address.replace(/%.*/s, "")) && packet.equals(question)) audible.add(link);
    const source = links.dialled(link, from.address) ?? from.address;
    for (const { name, prefix, port, addresses } of readAdvertised(packet)) {
      if (port < unprivilegedPort) continue;
      // A machine that tells its port but no address means the one it speaks from.
      for (const address of addresses.length > 0 ? addresses : [source]) {
        const host = links.dialled(link, address);
        if (host === null || !table.note({ name, prefix, host, port, source })) continue;
        options.onFound?.({ name, prefix, addresses: [{ host, port }] });
      }
    }
  };
  return { hear, list: table.list };
}

/** What one machine has to say takes one packet or two; a flood is not read to its end. */
const packetsPerSourceMax = 256;
/** Machines whose packets are counted: more than are on one network. */
const sourcesMax = 1_024;

/** Tells of each packet whether its source has sent more than is listened to. */
function counter(): (source: string) => boolean {
  const counts = new Map<string, number>();
  return (source) => {
    const count = (counts.get(source) ?? 0) + 1;
    if (count > 1 || counts.size < sourcesMax) counts.set(source, count);
    return count > packetsPerSourceMax;
  };
}

/** Below it are the system's own services, which nobody should be made to call. */
const unprivilegedPort = 1_024;

const groups = { 4: "224.0.0.251", 6: "ff02::fb" } as const;
/** RFC 6762, 11: so sent, a packet shows that no router passed it on. */
const hopsMax = 255;

function placesOf(interfaces: readonly InterfaceAddress[]): readonly Place[] {
  const places = new Map<string, Place>();
  for (const { name, family, address } of interfaces) {
    const key = `${name} ${family}`;
    if (!places.has(key)) places.set(key, { name, family, address });
  }
  return [...places.values()];
}

/** Opens a socket and asks. One that cannot be had is closed, and its interface found deaf. */
function askOn({ name, family, address }: Place, hear: Hear): Socket {
  // The port is shared with every other responder and browser of this machine.
  const shared = { reuseAddr: true } as const;
  const socket =
    family === 4
      ? createSocket({ type: "udp4", ...shared })
      : createSocket({ type: "udp6", ipv6Only: true, ...shared });
  const from = family === 4 ? address : `::%${name}`;
  socket.on("message", hear);
  socket.on("error", () => closeQuietly(socket));
  socket.bind(multicastPort, () => {
    try {
      socket.addMembership(groups[family], from);
      socket.setMulticastInterface(from);
      socket.setMulticastTTL(hopsMax);
      socket.setMulticastLoopback(true);
      socket.send(question, multicastPort, groups[family], (error) => {
        if (error !== null) closeQuietly(socket);
      });
    } catch {
      closeQuietly(socket);
    }
  });
  return socket;
}

function closeQuietly(socket: Socket): void {
  try {
    socket.close();
  } catch {
    // It was closed before, or never opened.
  }
}
