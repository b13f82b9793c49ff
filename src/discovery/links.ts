/**
 * Decides which addresses count on this machine's links. An address is on a link when a prefix of
 * the interface holds it, and may be dialled when it is also private. Decides from plain values.
 */

import { BlockList, isIP } from "node:net";
import type { InterfaceAddress } from "../platform/network/interfaces.ts";

/** The links of some interfaces, each named after its interface. */
export interface Links {
  /** The link of an address; null when it is on none of them. */
  of(address: string): string | null;
  /**
   * The address to dial for one announced on a link: null unless it is on that link and private
   * (RFC 1918, 3927, 4193, 4291), so never loopback, multicast or public.
   */
  dialled(link: string, address: string): string | null;
}

interface Address {
  readonly text: string;
  readonly family: "ipv4" | "ipv6";
  /** The interface that a link-local address names after its `%`. */
  readonly zone: string | null;
}

const privateRanges = {
  ipv4: rangesOf("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
  ipv6: rangesOf("fc00::/7", "fe80::/10"),
};
const linkLocal = rangesOf("fe80::/10");

/** The links of some addresses of this machine. */
export function linksOf(interfaces: readonly InterfaceAddress[]): Links {
  const names = [...new Set(interfaces.map(({ name }) => name))];
  const links = new Map(names.map((name) => [name, prefixesOf(name, interfaces)] as const));
  const isOn = (link: string, { text, family, zone }: Address): boolean =>
    (zone === null || zone === link) && links.get(link)?.[family].check(text, family) === true;
  return {
    of: (address) => {
      const parsed = parse(address);
      // Every interface has the link-local prefix, so a link-local address must name its interface.
      if (parsed === null || (isLinkLocal(parsed) && parsed.zone === null)) return null;
      return names.find((name) => isOn(name, parsed)) ?? null;
    },
    dialled: (link, address) => {
      const parsed = parse(address);
      if (parsed === null || !isOn(link, parsed)) return null;
      if (!privateRanges[parsed.family].check(parsed.text, parsed.family)) return null;
      return isLinkLocal(parsed) ? `${parsed.text}%${link}` : parsed.text;
    },
  };
}

function prefixesOf(name: string, interfaces: readonly InterfaceAddress[]) {
  const own = interfaces.filter((one) => one.name === name);
  const cidrs = (family: 4 | 6) =>
    own.filter((one) => one.family === family).map((one) => one.cidr);
  return { ipv4: rangesOf(...cidrs(4)), ipv6: rangesOf(...cidrs(6)) };
}

function rangesOf(...cidrs: readonly string[]): BlockList {
  const ranges = new BlockList();
  for (const cidr of cidrs) {
    const [address = "", length] = cidr.split("/");
    ranges.addSubnet(address, Number(length), isIP(address) === 6 ? "ipv6" : "ipv4");
  }
  return ranges;
}

const isLinkLocal = ({ text, family }: Address): boolean =>
  family === "ipv6" && linkLocal.check(text, family);

/** An address in its one canonical form (RFC 5952), so that equal addresses are equal texts. */
function parse(address: string): Address | null {
  const [text = "", zone = null] = address.split("%");
  const version = isIP(text);
  if (version === 4) return { text, family: "ipv4", zone: null };
  if (version !== 6) return null;
  return { text: new URL(`http://[${text}]/`).hostname.slice(1, -1), family: "ipv6", zone };
}
