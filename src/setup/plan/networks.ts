/** This machine's addresses as setup needs them: those to choose from, and a port that is free. */

import { existsSync } from "node:fs";
import { portDefault } from "../../contract/limits.ts";
import { interfacesNow, lanAddresses } from "../../platform/network/interfaces.ts";
import type { TailnetSeen } from "./survey.ts";

/** The networks of this machine. */
export interface Networks {
  /** Its addresses on local networks; null where the system does not tell which those are. */
  readonly lan: readonly string[] | null;
  /** All of its addresses, those of links alone left out. */
  readonly addresses: readonly string[];
}

/** The networks of this machine now. */
export function networksNow(): Networks {
  const interfaces = interfacesNow();
  const isTold = process.platform !== "linux" || existsSync("/sys/class/net");
  const isRouted = (address: string): boolean => !/^fe[89ab]/i.test(address);
  return {
    lan: isTold ? lanAddresses(interfaces).filter(isRouted) : null,
    addresses: interfaces.map(({ address }) => address).filter(isRouted),
  };
}

/** What answers are held against. */
export interface Here {
  readonly networks: Networks;
  readonly tailnet: TailnetSeen;
}

/** The addresses of this machine that a word of the settings stands for. */
export function addressesOf(word: string, { networks, tailnet }: Here): readonly string[] {
  if (word === "lan") return networks.lan ?? [];
  if (word === "tailnet") return tailnet.addresses;
  return networks.addresses.includes(word) ? [word] : [];
}

/** Ports that are tried beside the usual one. */
const portsTried = 64;

/**
 * The first port from the usual one on that is free at each address; null where the usual one is,
 * or none of those that are tried.
 */
export function freePort(addresses: readonly string[]): number | null {
  for (let port: number = portDefault; port < portDefault + portsTried; port++) {
    if (addresses.every((address) => isFree(address, port))) {
      return port === portDefault ? null : port;
    }
  }
  return null;
}

/** Tells by listening for a moment; an address that is not here keeps no port. */
function isFree(hostname: string, port: number): boolean {
  try {
    Bun.listen({ hostname, port, socket: { data: () => {} } }).stop(true);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "EADDRINUSE");
  }
}
