/**
 * The network interfaces of this machine, as the system lists them at the moment, and which of
 * them lead to a LAN. Remembers nothing, watches nothing, and never guesses in favour of one.
 */

import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";

/** One address of an interface; an interface has one of these for each of its addresses. */
export interface InterfaceAddress {
  readonly name: string;
  readonly address: string;
  readonly family: 4 | 6;
  /** The index of the interface, for link-local IPv6 addresses; else 0. */
  readonly scopeId: number;
  /** The address with the length of its prefix: `192.168.1.7/24`. */
  readonly cidr: string;
  readonly internal: boolean;
  readonly up: boolean;
  /** A tunnel or a dial-up line: what is at its other end is no LAN. */
  readonly pointToPoint: boolean;
}

/** The addresses this machine has now. */
export function interfacesNow(): readonly InterfaceAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) => {
    const flags = flagsOf(name);
    return addresses.flatMap(({ address, cidr, family, internal, scopeid }) =>
      cidr === null
        ? []
        : [
            {
              name,
              address,
              family: family === "IPv4" ? (4 as const) : (6 as const),
              scopeId: scopeid ?? 0,
              cidr,
              internal,
              ...flags,
            },
          ],
    );
  });
}

/** Bridges and ports of containers, virtual machines and VPNs, and radio that is no LAN. */
const virtual = /^(docker|br-|veth|virbr|cni|vmnet|utun|awdl|llw)/;
/** Lines to one other end, on systems that do not tell by a flag. */
const lines = /^(utun|ppp|ipsec|gif|stf)/;

/** Whether an interface leads to a LAN: not a loop, a line to one other end, or a virtual one. */
export const isLan = ({ name, up, internal, pointToPoint }: InterfaceAddress): boolean =>
  up && !internal && !pointToPoint && !virtual.test(name);

/** The addresses to listen on for the LAN; a link-local one names its interface: `fe80::1%en0`. */
export const lanAddresses = (interfaces: readonly InterfaceAddress[]): readonly string[] =>
  interfaces
    .filter(isLan)
    .map(({ name, address, family }) =>
      family === 6 && /^fe[89ab]/i.test(address) ? `${address}%${name}` : address,
    );

type Flags = Pick<InterfaceAddress, "up" | "pointToPoint">;

/** The flags of Linux, netdevice(7), as `/sys/class/net/NAME/flags` has them: `0x1003`. */
export function parseFlags(text: string): Flags {
  const flags = Number(text.trim());
  return { up: (flags & 0x1) !== 0, pointToPoint: (flags & 0x10) !== 0 };
}

function flagsOf(name: string): Flags {
  // Other systems list only interfaces that are up.
  if (process.platform !== "linux") return { up: true, pointToPoint: lines.test(name) };
  try {
    // An address may have a label of its own behind a colon; the interface has none.
    return parseFlags(readFileSync(`/sys/class/net/${name.replace(/:.*/s, "")}/flags`, "utf8"));
  } catch {
    // It has gone, or nothing can be known of it: then it is no LAN.
    return { up: false, pointToPoint: true };
  }
}
