/** This machine's addresses as setup needs them: the addresses to offer, and a free port. */

import { existsSync } from "node:fs";
import { portDefault } from "../../contract/limits.ts";
import { errnoOf } from "../../platform/errno.ts";
import { interfacesNow, lanAddresses } from "../../platform/network/interfaces.ts";
import type { TailnetSeen } from "./survey.ts";

/** The networks of this machine. */
export interface Networks {
  /** Its addresses on local networks; null when the system does not say which those are. */
  readonly lan: readonly string[] | null;
  /** All of its addresses, except link-local ones. */
  readonly addresses: readonly string[];
}

/** The present networks of this machine. */
export function networksNow(): Networks {
  const interfaces = interfacesNow();
  const isTold = process.platform !== "linux" || existsSync("/sys/class/net");
  const isRouted = (address: string): boolean => !/^fe[89ab]/i.test(address);
  return {
    lan: isTold ? lanAddresses(interfaces).filter(isRouted) : null,
    addresses: interfaces.map(({ address }) => address).filter(isRouted),
  };
}

/** The facts that setup compares the answers with. */
export interface Here {
  readonly networks: Networks;
  readonly tailnet: TailnetSeen;
}

/** The addresses of this machine that a word of the settings means. */
export function addressesOf(word: string, { networks, tailnet }: Here): readonly string[] {
  if (word === "lan") return networks.lan ?? [];
  if (word === "tailnet") return tailnet.addresses;
  return networks.addresses.includes(word) ? [word] : [];
}

/** Ports tried after the usual one. */
const portsTried = 64;

/**
 * The first port, from the usual one on, that is free at each address. Returns null when the usual
 * port is free, or when none of the tried ports is.
 */
export function freePort(addresses: readonly string[]): number | null {
  for (let port: number = portDefault; port < portDefault + portsTried; port++) {
    if (addresses.every((address) => isFree(address, port))) {
      return port === portDefault ? null : port;
    }
  }
  return null;
}

/** Tests a port by listening on it for a moment; an address that is not here blocks no port. */
function isFree(hostname: string, port: number): boolean {
  try {
    Bun.listen({ hostname, port, socket: { data: () => {} } }).stop(true);
    return true;
  } catch (error) {
    return errnoOf(error) !== "EADDRINUSE";
  }
}
