/**
 * The table of announcements received on the LAN: bounded, and fair. The source with the most
 * entries loses one when a new address needs space. Trusts no entry and sends nothing.
 */

import { candidatesMax, candidatesPerPrefixMax } from "../contract/limits.ts";

/** One address under which one machine was advertised. */
export interface Heard {
  readonly name: string;
  readonly prefix: string;
  /** The address to dial, unchanged. */
  readonly host: string;
  readonly port: number;
  /** The address that sent the packet. */
  readonly source: string;
}

/** A machine as it is advertised. */
export interface Announced {
  /** The instance name; shown, never trusted. */
  readonly name: string;
  /** The first 16 characters of its fingerprint, after `sha256:`. */
  readonly prefix: string;
  /** Addresses that announced themselves come first. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
}

/** The announcements received so far. */
export interface Announcements {
  /** Notes an announcement; returns true when it is new. */
  note(heard: Heard): boolean;
  list(): readonly Announced[];
}

/** Makes an empty table that never evicts what paired machines announce about themselves. */
export function announcements(pairedPrefixes: ReadonlySet<string>): Announcements {
  const table = new Map<string, Heard>();
  /** The number of evictable entries of each source. */
  const loads = new Map<string, number>();
  const isKept = (heard: Heard): boolean => isDirect(heard) && pairedPrefixes.has(heard.prefix);
  const weigh = (heard: Heard, change: 1 | -1): void => {
    const load = (loads.get(heard.source) ?? 0) + (isKept(heard) ? 0 : change);
    if (load > 0) loads.set(heard.source, load);
    else loads.delete(heard.source);
  };
  const remove = (heard: Heard | undefined): boolean => {
    if (heard === undefined) return false;
    weigh(heard, -1);
    return table.delete(keyOf(heard));
  };
  /** True when a new announcement fits, if necessary after an eviction. */
  const hasRoom = (heard: Heard): boolean => {
    const same = (other: Heard): boolean => other.prefix === heard.prefix;
    if (countOf(table, same) >= candidatesPerPrefixMax) {
      // An address's own announcement outweighs what other addresses say of it.
      return isDirect(heard) && remove(first(table, (other) => same(other) && !isDirect(other)));
    }
    if (table.size < candidatesMax) return true;
    const [loudest = "", most = 0] = greatest(loads) ?? [];
    if (!isKept(heard) && (loads.get(heard.source) ?? 0) >= most) return false;
    return remove(first(table, (other) => other.source === loudest && !isKept(other)));
  };
  return {
    note: (heard) => {
      const known = table.get(keyOf(heard));
      if (known === undefined ? !hasRoom(heard) : isDirect(known) && !isDirect(heard)) return false;
      if (known !== undefined) weigh(known, -1);
      weigh(heard, 1);
      table.set(keyOf(heard), heard);
      return known?.port !== heard.port;
    },
    list: () => [...Map.groupBy(table.values(), ({ prefix }) => prefix).values()].map(announced),
  };
}

type Table = ReadonlyMap<string, Heard>;

/**
 * The first matching entry, which is the oldest one. Makes no copy: a flood passes through here.
 */
function first(table: Table, isSo: (heard: Heard) => boolean): Heard | undefined {
  for (const heard of table.values()) if (isSo(heard)) return heard;
  return undefined;
}

function countOf(table: Table, isSo: (heard: Heard) => boolean): number {
  let count = 0;
  for (const heard of table.values()) count += isSo(heard) ? 1 : 0;
  return count;
}

function greatest(loads: ReadonlyMap<string, number>): readonly [string, number] | undefined {
  let most: readonly [string, number] | undefined;
  for (const load of loads) if (most === undefined || load[1] > most[1]) most = load;
  return most;
}

/** True when an address announced itself. */
const isDirect = ({ host, source }: Heard): boolean => host === source;

/** One machine has one port on one address. */
const keyOf = ({ prefix, host }: Heard): string => `${prefix} ${host}`;

function announced(heard: readonly Heard[]): Announced {
  const sorted = heard.toSorted((a, b) => Number(isDirect(b)) - Number(isDirect(a)));
  const [{ name, prefix } = { name: "", prefix: "" }] = sorted;
  return { name, prefix, addresses: sorted.map(({ host, port }) => ({ host, port })) };
}
