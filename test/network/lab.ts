/**
 * Three real hosts on one machine: Linux network namespaces on one bridge, with names of their own
 * for each lab. Nothing in a lab can reach anything outside of it.
 */

import { hasProgram } from "../support/skip.ts";

/** The hosts of a lab. */
export type HostName = "a" | "b" | "c";

const hostNames: readonly HostName[] = ["a", "b", "c"];

/** Why a lab cannot be had on a machine. */
export const noLab = "network namespaces need root on Linux, ip and nft";

/** True when a lab can run on this machine: tried, since root in a container may be refused. */
export const canLab =
  process.platform === "linux" && hasProgram("ip") && hasProgram("nft") && wasMade();

/** A bridge and its hosts; gone after the block, with every process in them. */
export interface Lab extends Disposable {
  /** The IPv4 address a host was given first. */
  address(host: HostName): string;
  /** The words that run a command on a host. */
  on(host: HostName): readonly string[];
  /** Runs a command on a host; returns its output. @throws when it fails */
  run(host: HostName, ...command: readonly string[]): string;
  /** Drops on the bridge the packets that nft matches, until `heal`. */
  drop(...matches: readonly string[]): void;
  /** Drops everything between two hosts, until `heal`. */
  cut(one: HostName, other: HostName): void;
  /** Ends every drop. */
  heal(): void;
  /** Pulls the plug of a host, or puts it in again. */
  plug(host: HostName, state: "up" | "down"): void;
  /** Gives a host other addresses, and lets everybody forget whose the old ones were. */
  readdress(host: HostName, ...addresses: readonly string[]): void;
}

/** The port of the bridge that a host is plugged into, for rules of nft. */
export const portOf = (host: HostName): string => `p${host}`;

let labsMade = 0;

/** Builds a lab. */
export function lab(): Lab {
  labsMade += 1;
  const prefix = `pn${process.pid}x${labsMade}`;
  const bridge = `${prefix}-bridge`;
  const namespaceOf = (host: HostName): string => `${prefix}-${host}`;
  const namespaces = [bridge, ...hostNames.map(namespaceOf)];
  const dispose = (): void => {
    process.off("exit", dispose);
    for (const namespace of namespaces) end(namespace);
  };
  // A run that is ended early must not leave hosts behind.
  process.on("exit", dispose);
  sh("ip", "netns", "add", bridge);
  sh("ip", "-n", bridge, "link", "add", "br0", "type", "bridge", "mcast_snooping", "0");
  sh("ip", "-n", bridge, "link", "set", "br0", "up");
  for (const host of hostNames) plugIn({ namespace: namespaceOf(host), bridge, host });
  const forget = (): void => {
    for (const host of hostNames) sh("ip", "-n", namespaceOf(host), "neigh", "flush", "all");
  };
  const drop = (...matches: readonly string[]): void => {
    const rules = matches.map((match) => `add rule bridge lab drops ${match} counter drop`);
    const chain = "add chain bridge lab drops { type filter hook forward priority 0; }";
    const text = ["add table bridge lab", chain, ...rules].join("\n");
    sh("ip", "netns", "exec", bridge, "nft", text);
  };
  const on = (host: HostName) => ["ip", "netns", "exec", namespaceOf(host)] as const;
  return {
    address: firstAddressOf,
    on,
    run: (host, ...command) => sh(...on(host), ...command),
    drop,
    cut: (one, other) => {
      const [p, q] = [portOf(one), portOf(other)];
      drop(`iifname ${p} oifname ${q}`, `iifname ${q} oifname ${p}`);
    },
    heal: () => {
      sh("ip", "netns", "exec", bridge, "nft", "delete table bridge lab");
    },
    plug: (host, state) => {
      sh("ip", "-n", bridge, "link", "set", portOf(host), state);
    },
    readdress: (host, ...addresses) => {
      sh("ip", "-n", namespaceOf(host), "addr", "flush", "dev", "eth0", "scope", "global");
      for (const address of addresses) give(namespaceOf(host), address);
      forget();
    },
    [Symbol.dispose]: dispose,
  };
}

const firstAddressOf = (host: HostName): string => `10.77.0.${hostNames.indexOf(host) + 1}`;

interface Plug {
  readonly namespace: string;
  readonly bridge: string;
  readonly host: HostName;
}

function plugIn({ namespace, bridge, host }: Plug): void {
  const port = portOf(host);
  sh("ip", "netns", "add", namespace);
  sh("ip", "-n", namespace, "link", "set", "lo", "up");
  const veth = ["link", "add", "eth0", "netns", namespace, "type", "veth", "peer", "name", port];
  sh("ip", ...veth, "netns", bridge);
  sh("ip", "-n", bridge, "link", "set", port, "master", "br0", "up");
  give(namespace, firstAddressOf(host));
  sh("ip", "-n", namespace, "link", "set", "eth0", "up");
}

function give(namespace: string, address: string): void {
  sh("ip", "-n", namespace, "addr", "add", `${address}/24`, "brd", "+", "dev", "eth0");
}

/** Ends a namespace and its processes: only those started for this lab. */
function end(namespace: string): void {
  const listed = Bun.spawnSync(["ip", "netns", "pids", namespace]);
  for (const pid of listed.stdout.toString().split("\n").filter(Boolean)) {
    Bun.spawnSync(["kill", "-9", pid]);
  }
  Bun.spawnSync(["ip", "netns", "del", namespace]);
}

function sh(...command: readonly string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync([...command]);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
  return stdout.toString();
}

function wasMade(): boolean {
  const namespace = `pn${process.pid}-try`;
  const made = Bun.spawnSync(["ip", "netns", "add", namespace]).exitCode === 0;
  const rules = ["ip", "netns", "exec", namespace, "nft", "add table bridge lab"];
  const ruled = made && Bun.spawnSync(rules).exitCode === 0;
  if (made) Bun.spawnSync(["ip", "netns", "del", namespace]);
  return ruled;
}
