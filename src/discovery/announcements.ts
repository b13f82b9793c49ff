/**
 * The table of what was heard on the LAN, with room for few and fair to the rest: whoever shouts
 * most makes room for whoever is heard the first time. Believes nothing and asks nobody.
 */

import { candidatesMax, candidatesPerPrefixMax } from "../contract/limits.ts";

/** One address under which one machine was advertised. */
export interface Heard {
  readonly name: string;
  readonly prefix: string;
  /** To be dialled as it stands. */
  readonly host: string;
  readonly port: number;
  /** Where the packet came from. */
  readonly source: string;
}

/** A machine as it is advertised. */
export interface Announced {
  /** The name of the instance; shown, never trusted. */
  readonly name: string;
  /** The first 16 characters of its fingerprint, after `sha256:`. */
  readonly prefix: string;
  /** Those told by the address itself come first. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
}

/** What was heard so far. */
export interface Announcements {
  /** Notes what was heard; tells whether it is news. */
  note(heard: Heard): boolean;
  list(): readonly Announced[];
}

/** Makes an empty table, in which what paired machines tell of themselves is never evicted. */
export function announcements(pairedPrefixes: ReadonlySet<string>): Announcements {
  const table = new Map<string, Heard>();
  /** How much of the table each source fills with what may be evicted. */
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
  /** Whether there is a place for what was not heard before, after eviction if need be. */
  const hasRoom = (heard: Heard): boolean => {
    const same = (other: Heard): boolean => other.prefix === heard.prefix;
    if (countOf(table, same) >= candidatesPerPrefixMax) {
      // What an address says of itself is worth more than what others say.
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

/** The first entry that is so, which is the oldest one. Makes no copy: a flood comes through. */
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

/** Whether an address was told by itself. */
const isDirect = ({ host, source }: Heard): boolean => host === source;

/** One machine has one port on one address. */
const keyOf = ({ prefix, host }: Heard): string => `${prefix} ${host}`;

function announced(heard: readonly Heard[]): Announced {
  const sorted = heard.toSorted((a, b) => Number(isDirect(b)) - Number(isDirect(a)));
  const [{ name, prefix } = { name: "", prefix: "" }] = sorted;
  return { name, prefix, addresses: sorted.map(({ host, port }) => ({ host, port })) };
}
