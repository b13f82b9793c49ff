/**
 * Tells the LAN that this machine is here: DNS-SD (RFC 6763) over multicast DNS (RFC 6762), on
 * the given interfaces and no other. Tells a name, a port and the beginning of a fingerprint;
 * never a user, a project, a path, or what the system calls itself.
 */

import { advertiseOn } from "dnssd-advertise";
import { interfacesMs } from "../contract/limits.ts";
import type { Fingerprint, Name } from "../contract/terms.ts";
import type { Log, Timers } from "../platform/effects.ts";
import type { InterfaceAddress } from "../platform/interfaces.ts";
import { prefixOf } from "./advertisement.ts";

/** What is told, and where. */
export interface AnnounceOptions {
  /** What this machine calls itself; told as `name (A1B2)` where another has that name. */
  readonly name: Name;
  readonly port: number;
  readonly fingerprint: Fingerprint;
  /** The addresses, as they are now, of the interfaces to announce on. */
  readonly interfaces: () => readonly InterfaceAddress[];
  readonly timers: Timers;
  readonly log: Log;
}

/** An announcement that goes on until it is stopped. */
export interface Announcement {
  /** Resolves once every interface was told goodbye. */
  stop(): Promise<void>;
}

/** The announcement on one interface. */
interface Voice {
  /** The addresses it tells. */
  readonly addresses: string;
  readonly hasFailed: () => boolean;
  readonly stop: () => Promise<void>;
}

/** Looks at the interfaces after which a voice that failed is tried again: one minute. */
const patience = 30;

/**
 * Announces, and follows interfaces that come, go and change address. Each has an announcement of
 * its own, made anew when an address changes: the library would tell the new address, but answer
 * only those on the network it had first.
 */
export function announce(options: AnnounceOptions): Announcement {
  const voices = new Map<string, Voice>();
  let following: Promise<void> = Promise.resolve();
  let looks = 0;
  let stopped = false;
  const follow = async (): Promise<void> => {
    looks += 1;
    const addresses = addressesByName(stopped ? [] : options.interfaces());
    const stale = [...voices].filter(
      ([name, voice]) =>
        addresses.get(name) !== voice.addresses || (voice.hasFailed() && looks % patience === 0),
    );
    for (const [name] of stale) voices.delete(name);
    // Silent before its successor probes, which would take its last words for another machine's.
    await Promise.all(stale.map(([, voice]) => voice.stop()));
    for (const [name, told] of addresses) {
      if (!voices.has(name)) voices.set(name, speakOn(name, told, options));
    }
  };
  const look = (): void => {
    following = following.then(follow).catch((error: unknown) => {
      options.log.warn("announcing_failed", { reason: String(error) });
    });
  };
  look();
  const cancel = options.timers.every(interfacesMs, look);
  return {
    stop: async () => {
      stopped = true;
      look();
      await following;
      // Only now: nothing else holds a process that has yet to say goodbye.
      cancel();
    },
  };
}

function speakOn(name: string, addresses: string, options: AnnounceOptions): Voice {
  const prefix = prefixOf(options.fingerprint);
  const state = { failed: false };
  const stop = advertiseOn([name], {
    name: options.name,
    type: "peernet",
    protocol: "tcp",
    hostname: `peernet-${prefix.toLowerCase().replace(/[^a-z0-9]/g, "")}`,
    port: options.port,
    txt: { v: "1", fp: prefix },
    onError: (error) => {
      state.failed = true;
      options.log.warn("announcing_failed", { interface: name, reason: String(error) });
    },
  });
  return { addresses, hasFailed: () => state.failed, stop };
}

/** The interfaces by name, each with its addresses as one text to compare. */
function addressesByName(interfaces: readonly InterfaceAddress[]): ReadonlyMap<string, string> {
  const byName = Map.groupBy(interfaces, ({ name }) => name);
  const told = (own: readonly InterfaceAddress[]) => own.map(({ cidr }) => cidr).sort();
  return new Map([...byName].map(([name, own]) => [name, told(own).join(" ")] as const));
}
