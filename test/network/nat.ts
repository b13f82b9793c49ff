/**
 * A host behind an address translation: a private network of its own, which one host of a lab
 * joins to the lab by nftables' masquerade. It can dial the lab, and nobody can dial it.
 */

import type { HostName, Lab } from "./lab.ts";

/** A host behind another host of a lab. */
export interface Hidden extends Disposable {
  /** Its private address. */
  readonly address: string;
  /** The words that run a command on it. */
  readonly on: readonly string[];
  run(...command: readonly string[]): string;
  /** Lets the translating host forget every connection. */
  forget(): void;
  /** Gives the hidden host another private address. */
  readdress(address: string): void;
}

/** The end of a cable inside of the translating host. */
const cable = "inside";

/** Hides a new host behind a host of a lab. */
export function behind(lab: Lab, router: HostName): Hidden {
  const namespace = `${lab.on(router).at(-1)}-hidden`;
  const sh = (...command: readonly string[]): string => {
    const { exitCode, stdout, stderr } = Bun.spawnSync([...command]);
    if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
    return stdout.toString();
  };
  const inside = (...command: readonly string[]): string => sh("ip", "-n", namespace, ...command);
  const give = (address: string): void => {
    inside("addr", "add", `${address}/24`, "brd", "+", "dev", "eth0");
    inside("route", "add", "default", "via", gateway);
  };
  const dispose = (): void => {
    process.off("exit", dispose);
    const listed = Bun.spawnSync(["ip", "netns", "pids", namespace]).stdout.toString();
    for (const pid of listed.split("\n").filter(Boolean)) Bun.spawnSync(["kill", "-9", pid]);
    Bun.spawnSync(["ip", "netns", "del", namespace]);
  };
  process.on("exit", dispose);
  sh("ip", "netns", "add", namespace);
  inside("link", "set", "lo", "up");
  inside("link", "add", "eth0", "type", "veth", "peer", "name", cable);
  inside("link", "set", cable, "netns", lab.on(router).at(-1) ?? "");
  lab.run(router, "ip", "addr", "add", `${gateway}/24`, "dev", cable);
  lab.run(router, "ip", "link", "set", cable, "up");
  inside("link", "set", "eth0", "up");
  give(firstAddress);
  lab.run(router, "sysctl", "-qw", "net.ipv4.ip_forward=1");
  const chain = "add chain ip lab out { type nat hook postrouting priority 100; }";
  const rule = "add rule ip lab out oifname eth0 masquerade";
  lab.run(router, "nft", ["add table ip lab", chain, rule].join("\n"));
  const on = ["ip", "netns", "exec", namespace];
  return {
    address: firstAddress,
    on,
    run: (...command) => sh(...on, ...command),
    forget: () => {
      // Masquerade forgets the connections of a device that goes down.
      lab.run(router, "ip", "link", "set", "eth0", "down");
      lab.run(router, "ip", "link", "set", "eth0", "up");
    },
    readdress: (address) => {
      inside("addr", "flush", "dev", "eth0", "scope", "global");
      give(address);
    },
    [Symbol.dispose]: dispose,
  };
}

const gateway = "10.78.0.1";
const firstAddress = "10.78.0.2";
