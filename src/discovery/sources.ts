/** The three sources of leads, each in the form that a sweep searches. */

import { portDefault } from "../contract/limits.ts";
import { parseAddress } from "../contract/text/address.ts";
import type { Browsed } from "./browse.ts";
import type { Lead, LeadSource } from "./sweep.ts";
import type { TailnetNode } from "./tailnet-nodes.ts";
import { type Tailnet, tailnetCandidates } from "./tailscale.ts";

/** The address to dial of `HOST`, `HOST:PORT`, `[IPV6]:PORT` or a bare IPv6 address. */
export function addressOf(to: string): { readonly host: string; readonly port: number } {
  const { host, port } = parseAddress(to);
  return { host, port: port ?? portDefault };
}

const off = { leads: [], why: "off" } as const;

/** The addresses that the settings name. */
export const configuredSource = (addresses: readonly string[]): LeadSource => ({
  source: "configured",
  search: async () => ({
    why: addresses.length === 0 ? "off" : null,
    leads: addresses.map((address) => ({
      ...nobody,
      ...addressOf(address),
      source: "configured",
      name: address,
    })),
  }),
});

const nobody = { prefix: null, login: null, refusal: null } as const;

/** The machines of the tailnet; null when a sweep does not search it. */
export const tailnetSource = (tailnet: Tailnet | null, sameUserOnly: boolean): LeadSource => ({
  source: "tailnet",
  search: async () => {
    if (tailnet === null) return off;
    const status = await tailnet.status();
    if (status.state !== "running") return { leads: [], why: status.state };
    const { probed, withheld } = tailnetCandidates(status, sameUserOnly);
    // A tagged machine of the tailnet may still have a window open to any user.
    const tagged = withheld.filter(({ refusal }) => refusal === "tagged");
    const online = new Map(
      status.nodes.flatMap(({ addresses, online: isOnline }) =>
        addresses.map((address) => [address, isOnline] as const),
      ),
    );
    return { leads: [...probed, ...tagged].flatMap(leadsOf), why: null, online };
  },
});

const leadsOf = ({ name, addresses, login, refusal }: TailnetNode): readonly Lead[] =>
  addresses.slice(0, 1).map((host) => ({
    source: "tailnet",
    name,
    host,
    port: portDefault,
    prefix: null,
    login,
    refusal,
  }));

/**
 * The machines that announce themselves on the LAN; empty, with a reason, when nothing listens
 * there.
 */
export const lanSource = (
  browse: () => Promise<Browsed | "absent" | "unseen" | "off">,
  ownPrefix: string,
): LeadSource => ({
  source: "lan",
  search: async () => {
    const browsed = await browse();
    if (typeof browsed === "string") return { leads: [], why: browsed };
    const { announced, deaf } = browsed;
    const leads = announced
      .filter(({ prefix }) => prefix !== ownPrefix)
      .flatMap(({ name, prefix, addresses }) =>
        addresses
          // No URL can name the interface of a link-local address.
          .filter(({ host }) => !host.includes("%"))
          .map((address): Lead => ({ ...nobody, ...address, source: "lan", name, prefix })),
      );
    return { leads, why: leads.length === 0 && deaf.length > 0 ? "blocked" : null };
  },
});
