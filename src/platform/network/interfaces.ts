/**
 * The network interfaces that the system lists at this moment, and which of them lead to a LAN.
 * Remembers nothing, watches nothing, and never guesses that an interface is a LAN.
 */

import { readdirSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";

/** One address of an interface; an interface has one entry for each of its addresses. */
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
  /** A tunnel or a dial-up line: its other end is no LAN. */
  readonly pointToPoint: boolean;
  /** A network card, or a bridge, a bond or a VLAN over one. */
  readonly onLan: boolean;
}

/** The addresses this machine has now. */
export function interfacesNow(): readonly InterfaceAddress[] {
  const listed = Object.entries(networkInterfaces());
  const cards = cardsNow(listed.map(([name]) => deviceOf(name)));
  return listed.flatMap(([name, addresses = []]) => {
    const flags = { ...flagsOf(name), onLan: cards(deviceOf(name)) };
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

/** Point-to-point interfaces, on systems without a flag for them. */
const lines = /^(utun|ppp|ipsec|gif|stf)/;
/** Interfaces of macOS that lead to no LAN: virtual machines, and radio between devices. */
const virtual = /^(bridge|vmnet|utun|awdl|llw|anpi|ap\d)/;

/** True for an interface that leads to a LAN, by the properties that the system reports. */
export const isLan = ({ up, internal, pointToPoint, onLan }: InterfaceAddress): boolean =>
  up && !internal && !pointToPoint && onLan;

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
    return parseFlags(readFileSync(`${sysfs}/${deviceOf(name)}/flags`, "utf8"));
  } catch {
    // The interface has gone, or its kind is unknown: then it is no LAN.
    return { up: false, pointToPoint: true };
  }
}

/** An address may have a label of its own after a colon; its interface has none. */
const deviceOf = (name: string): string => name.replace(/:.*/s, "");

const sysfs = "/sys/class/net";

/** False when Linux does not describe its interfaces, since /sys is not mounted. */
export const tellsInterfaces = (): boolean =>
  process.platform !== "linux" || entriesOf(sysfs).length > 0;

/** Returns a function that is true for the name of an interface that leads to a LAN now. */
function cardsNow(named: readonly string[]): (name: string) => boolean {
  if (process.platform !== "linux") return (name) => !virtual.test(name);
  const devices = new Map(entriesOf(sysfs).map((name) => [name, deviceIn(name)] as const));
  return cardsAmong(devices, named);
}

/** An interface, as sysfs describes it. */
export interface Device {
  /** A piece of hardware, or a virtual machine's replacement for one. */
  readonly hardware: boolean;
  /** The interfaces below it: ports of a bridge, the card of a VLAN. */
  readonly over: readonly string[];
}

/** Reads `/sys/class/net/NAME`; `device` and `lower_NAME` are the kernel's own links. */
function deviceIn(name: string): Device {
  const entries = entriesOf(`${sysfs}/${name}`);
  const lower = "lower_";
  const over = entries.filter((entry) => entry.startsWith(lower));
  return {
    hardware: entries.includes("device"),
    over: over.map((entry) => entry.slice(lower.length)),
  };
}

/** Names that the kernel and systemd give to Ethernet and radio, also in a container. */
const conventional = /^(eth|en|wl)/;

/**
 * Decides which interfaces lead to a LAN: hardware, and interfaces built over it. A machine without
 * hardware, such as a container, uses the interfaces with Ethernet names, or else the only one.
 * Pure.
 */
export function cardsAmong(
  devices: ReadonlyMap<string, Device>,
  named: readonly string[],
): (name: string) => boolean {
  const isOver = (name: string, depth: number): boolean => {
    const device = devices.get(name);
    if (device === undefined || depth > builtOverMax) return false;
    return device.hardware || device.over.some((lower) => isOver(lower, depth + 1));
  };
  // A card that is down without an address also counts: then there is no LAN, and a bridge is none.
  if ([...devices.values()].some(({ hardware }) => hardware)) return (name) => isOver(name, 0);
  const others = named.filter((name) => name !== "lo" && devices.has(name));
  const usual = others.filter((name) => conventional.test(name));
  const [only] = usual.length > 0 ? [] : others;
  return (name) => usual.includes(name) || (others.length === 1 && name === only);
}

/** A VLAN over a bond over a card is three deep. */
const builtOverMax = 8;

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
