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
export interface Hearsay {
  /** Notes what was heard; tells whether it is news. */
  note(heard: Heard): boolean;
  list(): readonly Announced[];
}

/** Makes an empty table, in which what paired machines tell of themselves is never evicted. */
export function hearsay(pairedPrefixes: ReadonlySet<string>): Hearsay {
  const table = new Map<string, Heard>();
  const isKept = (heard: Heard): boolean => isDirect(heard) && pairedPrefixes.has(heard.prefix);
  const makeRoom = (heard: Heard): boolean => {
    const same = [...table.values()].filter(({ prefix }) => prefix === heard.prefix);
    if (same.length >= candidatesPerPrefixMax) {
      const hint = isDirect(heard) ? same.find((other) => !isDirect(other)) : undefined;
      return hint !== undefined && table.delete(keyOf(hint));
    }
    if (table.size < candidatesMax) return true;
    const evicted = loudest([...table.values()].filter((other) => !isKept(other)));
    if (evicted === null) return false;
    const own = [...table.values()].filter(({ source }) => source === heard.source).length;
    return (own < evicted.load || isKept(heard)) && table.delete(keyOf(evicted.oldest));
  };
  return {
    note: (heard) => {
      const known = table.get(keyOf(heard));
      // What an address says of itself is not overwritten by what others say of it.
      if (known !== undefined && isDirect(known) && !isDirect(heard)) return false;
      if (known === undefined && !makeRoom(heard)) return false;
      table.set(keyOf(heard), heard);
      return known?.port !== heard.port;
    },
    list: () => [...Map.groupBy(table.values(), ({ prefix }) => prefix).values()].map(announced),
  };
}

/** Whether an address was told by itself. */
const isDirect = ({ host, source }: Heard): boolean => host === source;

/** One machine has one port on one address. */
const keyOf = ({ prefix, host }: Heard): string => `${prefix} ${host}`;

function loudest(heard: readonly Heard[]): { oldest: Heard; load: number } | null {
  const bySource = [...Map.groupBy(heard, ({ source }) => source).values()];
  const most = bySource.reduce((a, b) => (b.length > a.length ? b : a), []);
  const [oldest] = most;
  return oldest === undefined ? null : { oldest, load: most.length };
}

function announced(heard: readonly Heard[]): Announced {
  const sorted = heard.toSorted((a, b) => Number(isDirect(b)) - Number(isDirect(a)));
  const [{ name, prefix } = { name: "", prefix: "" }] = sorted;
  return { name, prefix, addresses: sorted.map(({ host, port }) => ({ host, port })) };
}
