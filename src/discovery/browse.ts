/**
 * Finds the machines on the LAN by multicast DNS (RFC 6762), listening for a bounded time. Accepts
 * only packets from a link that it asked on; probes no machine, and reports this machine itself
 * like any other.
 */

import { createSocket, type Socket } from "node:dgram";
import type { Timers } from "../platform/effects.ts";
import type { InterfaceAddress } from "../platform/network/interfaces.ts";
import { multicastPort, question, readAdvertised } from "./advertisement.ts";
import { type Announced, announcements } from "./announcements.ts";
import { linksOf } from "./links.ts";

/** The interfaces to ask on, and the time to listen. */
export interface BrowseOptions {
  /** The addresses of the interfaces to ask on; packets from any other are ignored. */
  readonly interfaces: readonly InterfaceAddress[];
  readonly timers: Timers;
  /** The time to collect answers, in ms. */
  readonly ms: number;
  /** The prefixes of paired machines: a flood does not evict their own announcements. */
  readonly pairedPrefixes?: ReadonlySet<string>;
  /** Called with each address as soon as it is announced, and again when its port changes. */
  readonly onFound?: (found: Announced) => void;
}

/** The outcome of browsing. */
export interface Browsed {
  readonly announced: readonly Announced[];
  /** Interfaces that did not even receive our own question: multicast is blocked there. */
  readonly deaf: readonly string[];
}

/** One socket: an interface and an address family. */
interface Place {
  readonly name: string;
  readonly family: 4 | 6;
  readonly address: string;
}

/** Asks on every interface and collects the answers that arrive in time. Never throws. */
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
      // A machine that announces a port but no address means the sender's address.
      for (const address of addresses.length > 0 ? addresses : [source]) {
        const host = links.dialled(link, address);
        if (host === null || !table.note({ name, prefix, host, port, source })) continue;
        options.onFound?.({ name, prefix, addresses: [{ host, port }] });
      }
    }
  };
  return { hear, list: table.list };
}

/** A machine's announcement takes one packet or two; a flood is not read to its end. */
const packetsPerSourceMax = 256;
/** Machines whose packets are counted: more than one network has. */
const sourcesMax = 1_024;

/** Returns a function that is true once a source has sent more packets than its limit. */
function counter(): (source: string) => boolean {
  const counts = new Map<string, number>();
  return (source) => {
    const count = (counts.get(source) ?? 0) + 1;
    if (count > 1 || counts.size < sourcesMax) counts.set(source, count);
    return count > packetsPerSourceMax;
  };
}

/** Ports below are the system's own services, which nobody should be tricked into calling. */
const unprivilegedPort = 1_024;

const groups = { 4: "224.0.0.251", 6: "ff02::fb" } as const;
/** RFC 6762, 11: a packet with this hop limit was passed on by no router. */
const hopsMax = 255;

function placesOf(interfaces: readonly InterfaceAddress[]): readonly Place[] {
  const places = new Map<string, Place>();
  for (const { name, family, address } of interfaces) {
    const key = `${name} ${family}`;
    if (!places.has(key)) places.set(key, { name, family, address });
  }
  return [...places.values()];
}

/** Opens a socket and asks. A socket that fails is closed, and its interface counts as deaf. */
function askOn({ name, family, address }: Place, hear: Hear): Socket {
  // Every other responder and browser of this machine shares the port.
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
    // The socket was closed before, or never opened.
  }
}
