/**
 * A real tailnet on one machine: hosts in network namespaces on one bridge, a tailscaled in each,
 * and a coordination server on the bridge. Every host has its own /run and resolv.conf, so that
 * programs in it find their tailscaled where it always is. Nothing can reach anything outside.
 */

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canLab } from "../network/lab.ts";
import { hasProgram } from "../support/skip.ts";
import { until } from "../support/until.ts";

const programs = ["tailscaled", "tailscale", "tailnet-control"];

/** True when a tailnet can run on this machine. */
export const canTailnet = canLab && existsSync("/dev/net/tun") && programs.every(hasProgram);

/** Why a tailnet cannot be had. */
export const noTailnet =
  "a real tailnet needs root on Linux, /dev/net/tun, ip, nft and, on the path, tailscaled, " +
  "tailscale and tailnet-control (test/tailnet/control/main.go says how to build it)";

/** Options of a joining host. */
export interface JoinOptions {
  /** Without an interface of its own: tailscaled carries connections to loopback. */
  readonly userspace?: boolean;
  /** `tag:server` is the one there is. */
  readonly tag?: string;
}

/** A host on the tailnet. */
export interface TailnetHost {
  readonly name: string;
  /** The words that run a command on the host. */
  readonly before: readonly string[];
  /** Its address on the bridge. */
  readonly lanAddress: string;
  /** Its IPv4 and IPv6 address on the tailnet. */
  readonly addresses: readonly [string, string];
  /** Its tailscaled's socket as seen from outside of the host. */
  readonly socketPath: string;
  /** Runs a command on the host; returns what it printed. @throws when it fails */
  run(...command: readonly string[]): string;
  /** Ends its tailscaled. */
  endTailscaled(): Promise<void>;
}

/** A tailnet; gone after the block, with every process and host in it. */
export interface TailnetLab extends AsyncDisposable {
  /**
   * Makes a host and lets it join; it belongs to ada@lab.invalid, or to bob@lab.invalid when its
   * name starts with `stranger`. Its MagicDNS name is `name.lab.invalid`.
   */
  join(name: string, options?: JoinOptions): Promise<TailnetHost>;
}

const controlAddress = "10.78.0.254";
const controlUrl = `http://${controlAddress}:9911`;
const authKey = "tskey-auth-lab";

let labsMade = 0;

/** Starts a tailnet without hosts. */
export async function start(): Promise<TailnetLab> {
  labsMade += 1;
  const lab: Made = {
    prefix: `pt${process.pid}x${labsMade}`,
    folder: mkdtempSync(join(tmpdir(), "peernet-tailnet-")),
    namespaces: [],
    children: [],
  };
  const end = (): void => clear(lab);
  // A run that is ended early must not leave hosts behind.
  process.on("exit", end);
  const bridge = namespaceIn(lab, "bridge");
  sh("ip", "-n", bridge, "link", "add", "br0", "type", "bridge", "mcast_snooping", "0");
  sh("ip", "-n", bridge, "addr", "add", `${controlAddress}/24`, "dev", "br0");
  sh("ip", "-n", bridge, "link", "set", "br0", "up");
  const control = ["tailnet-control", "-address", controlAddress, "-auth-key", authKey];
  background(lab, ["ip", "netns", "exec", bridge, ...control]);
  await until("the coordination server answers", () => answers(bridge));
  return {
    join: (name, options = {}) => joinIn(lab, bridge, { name, ...options }),
    [Symbol.asyncDispose]: async () => {
      for (const child of lab.children) child.kill();
      await Promise.all(lab.children.map((child) => child.exited));
      process.off("exit", end);
      end();
    },
  };
}

interface Made {
  readonly prefix: string;
  readonly folder: string;
  readonly namespaces: string[];
  readonly children: Bun.Subprocess[];
}

interface Joining extends JoinOptions {
  readonly name: string;
}

async function joinIn(lab: Made, bridge: string, joining: Joining): Promise<TailnetHost> {
  const { name, userspace = false, tag } = joining;
  const number = lab.namespaces.length;
  const lanAddress = `10.78.0.${number}`;
  const before = plugIn(lab, bridge, { name, number, lanAddress });
  const run = (...command: readonly string[]): string => sh(...before, ...command);
  const socketPath = join(lab.folder, name, "run", "tailscaled.sock");
  const state = `--statedir=${join(lab.folder, name)}`;
  const tun = userspace ? ["--tun=userspace-networking"] : [];
  const daemon = ["tailscaled", state, "--no-logs-no-support", ...tun];
  const child = background(lab, [...before, ...daemon]);
  await until(`the tailscaled of ${name} listens`, () => existsSync(socketPath));
  const key = [`--login-server=${controlUrl}`, `--auth-key=${authKey}`, "--timeout=20s"];
  const named = [`--hostname=${name}`, "--accept-dns=false"];
  run(
    "tailscale",
    "up",
    ...key,
    ...named,
    ...(tag === undefined ? [] : [`--advertise-tags=${tag}`]),
  );
  const [four = "", six = ""] = run("tailscale", "ip").trim().split("\n");
  return {
    name,
    before,
    lanAddress,
    addresses: [four, six],
    socketPath,
    run,
    endTailscaled: async () => {
      child.kill();
      await child.exited;
    },
  };
}

interface Plug {
  readonly name: string;
  readonly number: number;
  readonly lanAddress: string;
}

/** Makes a host on the bridge; returns the words that precede its commands. */
function plugIn(lab: Made, bridge: string, { name, number, lanAddress }: Plug): readonly string[] {
  const namespace = namespaceIn(lab, name);
  const veth = ["link", "add", "eth0", "netns", namespace, "type", "veth", "peer"];
  sh("ip", ...veth, "name", `p${number}`, "netns", bridge);
  sh("ip", "-n", bridge, "link", "set", `p${number}`, "master", "br0", "up");
  sh("ip", "-n", namespace, "addr", "add", `${lanAddress}/24`, "dev", "eth0");
  sh("ip", "-n", namespace, "link", "set", "eth0", "up");
  const folder = join(lab.folder, name);
  mkdirSync(join(folder, "run"), { recursive: true });
  writeFileSync(join(folder, "resolv.conf"), "");
  // Each command has mounts of its own, which nothing outside of it sees.
  const mounts =
    'mount -t tmpfs lab /run && mkdir /run/tailscale && mount --bind "$0/run" /run/tailscale && ' +
    'mount --bind "$0/resolv.conf" /etc/resolv.conf && exec "$@"';
  return ["ip", "netns", "exec", namespace, "sh", "-c", mounts, folder];
}

function namespaceIn(lab: Made, name: string): string {
  const namespace = `${lab.prefix}-${name}`;
  sh("ip", "netns", "add", namespace);
  lab.namespaces.push(namespace);
  sh("ip", "-n", namespace, "link", "set", "lo", "up");
  return namespace;
}

/** Starts what runs until the lab ends. */
function background(lab: Made, command: readonly string[]): Bun.Subprocess {
  const stdio = ["ignore", "ignore", "ignore"] as const;
  const child = Bun.spawn([...command], { stdio: [...stdio], env: { PATH: process.env.PATH } });
  lab.children.push(child);
  return child;
}

function answers(bridge: string): boolean {
  const dial = `exec 3<>/dev/tcp/${controlAddress}/9911`;
  return Bun.spawnSync(["ip", "netns", "exec", bridge, "bash", "-c", dial]).exitCode === 0;
}

/** Ends every host and what still runs in it: nothing but what was started for this lab. */
function clear(lab: Made): void {
  for (const namespace of lab.namespaces) {
    const listed = Bun.spawnSync(["ip", "netns", "pids", namespace]);
    for (const pid of listed.stdout.toString().split("\n").filter(Boolean)) {
      Bun.spawnSync(["kill", "-9", pid]);
    }
    Bun.spawnSync(["ip", "netns", "del", namespace]);
  }
  rmSync(lab.folder, { recursive: true, force: true });
}

function sh(...command: readonly string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync([...command], { timeout: 30_000 });
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
  return stdout.toString();
}
