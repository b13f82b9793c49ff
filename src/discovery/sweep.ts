/**
 * One search for machines. It gathers leads from every source, probes each as it arrives, and
 * merges the addresses of one machine into one candidate. Presents no certificate, sends no code,
 * and trusts a lead only once a connection proved its key.
 */

import type { Candidate, Searched, Source } from "../contract/discovery.ts";
import { candidatesMax } from "../contract/limits.ts";
import type { Fingerprint } from "../contract/terms.ts";
import { isIpv6 } from "../contract/text/address.ts";

/** An address at which a machine may be. */
export interface Lead {
  readonly source: Source;
  /** The name that the machine, or its network, uses. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** The beginning of its fingerprint, when an announcement gave one. */
  readonly prefix: string | null;
  readonly login: string | null;
  readonly refusal: Candidate["refusal"];
}

/** A source of leads. */
export interface LeadSource {
  readonly source: Source;
  /** The reason is null after a complete search. Never rejects. */
  search(): Promise<{
    readonly leads: readonly Lead[];
    readonly why: string | null;
    /** Addresses that the source knows as a machine's, each with its word: is it online? */
    readonly online?: ReadonlyMap<string, boolean>;
  }>;
}

/** The result of a probe at an address; null when nothing answered in time. */
export type Probe = (lead: Lead) => Promise<Probed | null>;

/** The key proven at an address, and whether a window is open there. */
export interface Probed {
  readonly fingerprint: Fingerprint;
  readonly open: boolean;
}

/** A machine found, with the lead that reaches it best. */
export interface Found extends Probed {
  readonly lead: Lead;
}

/** The outcome of a sweep. */
export interface Swept {
  readonly found: readonly Found[];
  readonly unreachable: number;
  readonly searched: readonly Searched[];
  /** Addresses of which a source said whether their machine is online. */
  readonly online: ReadonlyMap<string, boolean>;
}

/** Dependencies of a sweep. */
export interface SweepOptions {
  readonly sources: readonly LeadSource[];
  readonly probe: Probe;
  /** Called with each machine as soon as its key is proven, before the sweep has ended. */
  readonly onFound?: (found: Found) => void;
}

/**
 * Searches once, and probes at most `candidatesMax` addresses, all at the same time. So a search
 * takes about one probe longer than the slowest source, however many addresses are dead.
 */
export async function sweep({ sources, probe, onFound }: SweepOptions): Promise<Swept> {
  const best = new Map<Fingerprint, Found>();
  const seen = new Set<string>();
  const online = new Map<string, boolean>();
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
      const { leads, why, online: said = [] } = await search();
      for (const [address, isOnline] of said) online.set(address, isOnline);
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
  return { found: [...best.values()], unreachable, searched, online };
}

/**
 * Loopback, then the LAN, then the tailnet; then IPv4, whose addresses are shorter. Among equals
 * the first to answer stays: the address that a person sees must not jump.
 */
const isBetter = (lead: Lead, than: Lead): boolean => rank(lead) < rank(than);

function rank({ source, host }: Lead): number {
  const family = isIpv6(host) ? 1 : 0;
  if (host === "::1" || host.startsWith("127.")) return family;
  const distance: Readonly<Record<Source, number>> = { lan: 2, configured: 4, tailnet: 6 };
  return distance[source] + family;
}
