/**
 * Announces this machine on the LAN: DNS-SD (RFC 6763) over multicast DNS (RFC 6762), on the given
 * interfaces and no other. Announces a name, a port and the beginning of a fingerprint; never a
 * user, a project, a path, or the system's hostname.
 */

import { advertiseOn } from "dnssd-advertise";
import { announceAgainMs, interfacesMs } from "../contract/limits.ts";
import type { Fingerprint, Name } from "../contract/terms.ts";
import type { Log, Timers } from "../platform/effects.ts";
import type { InterfaceAddress } from "../platform/network/interfaces.ts";
import { prefixOf } from "./advertisement.ts";

/** The content and the interfaces of an announcement. */
export interface AnnounceOptions {
  /** This machine's name; announced as `name (A1B2)` when another machine has that name. */
  readonly name: Name;
  readonly port: number;
  readonly fingerprint: Fingerprint;
  /** The present addresses of the interfaces to announce on. */
  readonly interfaces: () => readonly InterfaceAddress[];
  readonly timers: Timers;
  readonly log: Log;
}

/** An announcement that continues until it is stopped. */
export interface Announcement {
  /** Resolves once a goodbye was sent on every interface. */
  stop(): Promise<void>;
}

/** The place of one announcement: an interface and an address family. */
interface Place {
  readonly name: string;
  readonly family: 4 | 6;
  /** Its addresses joined into one text, for comparison. */
  readonly addresses: string;
}

/** The announcement at one place. */
interface Advertiser {
  readonly addresses: string;
  /** Called at each look: true when a failure is old enough to try again. */
  readonly isDue: () => boolean;
  readonly stop: () => Promise<void>;
}

/**
 * Returns a function that counts looks at a possible failure. It returns true each time that the
 * failure has lasted for `announceAgainMs`, when the announcement is repeated.
 */
export function patience(): (hasFailed: boolean) => boolean {
  let failedLooks = 0;
  return (hasFailed) => {
    failedLooks = hasFailed ? failedLooks + 1 : 0;
    return failedLooks * interfacesMs >= announceAgainMs;
  };
}

/**
 * Announces, and follows interfaces that appear, vanish and change address. Each interface and
 * family has an announcement of its own, so that a blocked one silences no other. An address change
 * makes a new announcement: the library would announce the new address, but answer only on the
 * first network.
 */
export function announce(options: AnnounceOptions): Announcement {
  const advertisers = new Map<string, Advertiser>();
  let following: Promise<void> = Promise.resolve();
  let stopped = false;
  const follow = async (): Promise<void> => {
    const places = placesOf(stopped ? [] : options.interfaces());
    const stale = [...advertisers].filter(
      ([key, { addresses, isDue }]) => isDue() || places.get(key)?.addresses !== addresses,
    );
    for (const [key] of stale) advertisers.delete(key);
    // It falls silent before its successor probes, which would take its goodbye for another
    // machine's.
    await Promise.all(stale.map(([, advertiser]) => advertiser.stop()));
    for (const [key, place] of places) {
      if (!advertisers.has(key)) advertisers.set(key, speakAt(place, options));
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
      // Released only now: nothing else keeps a process alive that has yet to send its goodbye.
      cancel();
    },
  };
}

function speakAt({ name, family, addresses }: Place, options: AnnounceOptions): Advertiser {
  const prefix = prefixOf(options.fingerprint);
  const state = { failed: false };
  const stop = advertiseOn([name], {
    name: options.name,
    type: "peernet",
    protocol: "tcp",
    hostname: `peernet-${prefix.toLowerCase().replace(/[^a-z0-9]/g, "")}`,
    port: options.port,
    txt: { v: "1", fp: prefix },
    stack: family === 4 ? "IPv4" : "IPv6",
    onError: (error) => {
      state.failed = true;
      const reason = String(error);
      options.log.warn("announcing_failed", { interface: name, family, reason });
    },
  });
  const isPast = patience();
  return { addresses, isDue: () => isPast(state.failed), stop };
}

function placesOf(interfaces: readonly InterfaceAddress[]): ReadonlyMap<string, Place> {
  const groups = Map.groupBy(interfaces, ({ name, family }) => `${name} ${family}`);
  const places = [...groups].flatMap(([key, own]) => {
    const [first] = own;
    if (first === undefined) return [];
    const addresses = own.map(({ cidr }) => cidr).sort();
    const { name, family } = first;
    return [[key, { name, family, addresses: addresses.join(" ") }] as const];
  });
  return new Map(places);
}
