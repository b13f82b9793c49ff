/**
 * One search for machines: gathers leads from every source, probes each as it comes, and makes of
 * several addresses of one machine one candidate. Presents no certificate, sends no code, and
 * believes a lead only once a connection proved whose key is there.
 */

import type { Candidate, Searched, Source } from "../contract/discovery.ts";
import { candidatesMax } from "../contract/limits.ts";
import type { Fingerprint } from "../contract/terms.ts";

/** An address at which a machine may be. */
export interface Lead {
  readonly source: Source;
  /** What the machine, or its network, calls it. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** The beginning of its fingerprint, where an announcement told it. */
  readonly prefix: string | null;
  readonly login: string | null;
  readonly refusal: Candidate["refusal"];
}

/** Something that knows of leads. */
export interface LeadSource {
  readonly source: Source;
  /** Null where it was searched; else why not. Never rejects. */
  search(): Promise<{ readonly leads: readonly Lead[]; readonly why: string | null }>;
}

/** What a probe found at an address; null when nothing answered in time. */
export type Probe = (lead: Lead) => Promise<Probed | null>;

/** Whose key was proven at an address, and whether a window is open there. */
export interface Probed {
  readonly fingerprint: Fingerprint;
  readonly open: boolean;
}

/** A machine found, with the lead that reaches it best. */
export interface Found extends Probed {
  readonly lead: Lead;
}

/** What a sweep made of its leads. */
export interface Swept {
  readonly found: readonly Found[];
  readonly unreachable: number;
  readonly searched: readonly Searched[];
}

/** What a sweep works with. */
export interface SweepOptions {
  readonly sources: readonly LeadSource[];
  readonly probe: Probe;
  /** Sees each machine as soon as it is proven, before the sweep has ended. */
  readonly onFound?: (found: Found) => void;
}

/**
 * Searches once, and probes at most `candidatesMax` addresses, all at the same time: a search costs
 * about one probe's time beyond the slowest source, however many addresses are dead.
 */
export async function sweep({ sources, probe, onFound }: SweepOptions): Promise<Swept> {
  const best = new Map<Fingerprint, Found>();
  const seen = new Set<string>();
  let unreachable = 0;
  const visit = async (lead: Lead): Promise<void> => {
    const probed = await probe(lead);
    if (probed === null) {
      unreachable += 1;
      return;
    }
    const found = { ...probed, lead };
    onFound?.(found);
    const known = best.get(probed.fingerprint);
    if (known === undefined || isBetter(lead, known.lead)) best.set(probed.fingerprint, found);
  };
  const searched = await Promise.all(
    sources.map(async ({ source, search }): Promise<Searched> => {
      const { leads, why } = await search();
      const fresh = leads.filter(({ host, port }) => {
        const address = `${host} ${port}`;
        if (seen.has(address) || seen.size >= candidatesMax) return false;
        seen.add(address);
        return true;
      });
      await Promise.all(fresh.map(visit));
      return { source, searched: why === null, why };
    }),
  );
  return { found: [...best.values()], unreachable, searched };
}

/**
 * Loopback, then the LAN, then the tailnet; then IPv4, whose addresses are shorter. Among equals
 * the address that answered first stays: the address a person is shown must not jump.
 */
const isBetter = (lead: Lead, than: Lead): boolean => rank(lead) < rank(than);

function rank({ source, host }: Lead): number {
  const family = host.includes(":") ? 1 : 0;
  if (host === "::1" || host.startsWith("127.")) return family;
  const distance: Readonly<Record<Source, number>> = { lan: 2, configured: 4, tailnet: 6 };
  return distance[source] + family;
}
