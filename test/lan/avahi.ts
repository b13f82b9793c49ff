/**
 * A private Avahi on a host of a lab: with a message bus, a /run and a host name of its own, so
 * that it meets neither the Avahi of the machine nor another one's. Gone after the block.
 */

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import type { HostName, Lab } from "../network/lab.ts";
import { hasProgram } from "../support/skip.ts";
import { until } from "../support/until.ts";

/** Why Avahi cannot be had on a machine. */
export const noAvahi = "it needs avahi-daemon, avahi-browse, avahi-publish and dbus-daemon";

/** True when Avahi can run on this machine. */
export const canAvahi = ["avahi-daemon", "avahi-browse", "avahi-publish", "dbus-daemon"].every(
  hasProgram,
);

/** A service in the form of `avahi-browse -rtp`. */
export interface Resolved {
  readonly interface: string;
  readonly protocol: string;
  readonly name: string;
  readonly host: string;
  readonly address: string;
  readonly port: number;
  /** The entries of its TXT record, sorted. */
  readonly txt: readonly string[];
}

/** A running Avahi. */
export interface Avahi extends Disposable {
  /** The machines that `avahi-browse -rt _peernet._tcp` finds. */
  browse(): Promise<readonly Resolved[]>;
  /** Starts `avahi-browse` that goes on; its lines as they come. */
  watch(): Talking;
  /** Starts `avahi-publish` and waits until it says that it did. */
  publish(name: string, port: number, ...txt: readonly string[]): Promise<Talking>;
}

/** A program and its output so far. */
export interface Talking extends Disposable {
  said(): string;
}

const config = `[server]
use-ipv4=yes
use-ipv6=yes
allow-interfaces=eth0
[publish]
publish-workstation=no
publish-hinfo=no
`;

/** Starts Avahi on a host, which calls itself `hostName`, and waits until it is up. */
export async function avahi(lab: Lab, host: HostName, hostName: string): Promise<Avahi> {
  // Namespaces live as long as a process in them.
  const holder = talking([...lab.on(host), "unshare", "-m", "-u", "sh", "-c", "echo; cat"]);
  await until("the namespaces are there", () => holder.said() !== "");
  const inside = ["nsenter", "-t", String(holder.pid), "-n", "-m", "-u"];
  const within = (path: string): string => `/proc/${holder.pid}/root/run/${path}`;
  run(...inside, "mount", "--make-rprivate", "/");
  run(...inside, "mount", "-t", "tmpfs", "tmpfs", "/run");
  run(...inside, "hostname", hostName);
  for (const folder of ["dbus", "avahi-daemon"]) mkdirSync(within(folder));
  writeFileSync(within("avahi.conf"), config);
  const bus = talking([...inside, "dbus-daemon", "--system", "--nofork", "--nopidfile"]);
  await until("the bus is up", () => existsSync(within("dbus/system_bus_socket")));
  const options = ["--no-drop-root", "--no-rlimits", "--no-chroot", "-f", "/run/avahi.conf"];
  const daemon = talking([...inside, "avahi-daemon", ...options]);
  await until("Avahi is up", () => daemon.said().includes("Server startup complete"));
  return {
    browse: async () => {
      const browser = Bun.spawn([...inside, "avahi-browse", "-rtp", "_peernet._tcp"]);
      return resolved(await new Response(browser.stdout).text());
    },
    watch: () => talking([...inside, "avahi-browse", "-p", "_peernet._tcp"]),
    publish: async (name, port, ...txt) => {
      const service = ["-s", name, "_peernet._tcp", String(port), ...txt];
      const publisher = talking([...inside, "avahi-publish", ...service]);
      await until(`${name} is published`, () => publisher.said().includes("Established"));
      return publisher;
    },
    [Symbol.dispose]: () => {
      for (const program of [daemon, bus, holder]) program[Symbol.dispose]();
    },
  };
}

/** The lines of `=;eth0;IPv4;name;type;domain;host;address;port;"txt" "txt"`. */
const resolved = (output: string): readonly Resolved[] =>
  output
    .split("\n")
    .filter((line) => line.startsWith("="))
    .map((line) => line.split(";"))
    .map(([, name = "", protocol = "", instance = "", , , host = "", address = "", port, txt]) => ({
      interface: name,
      protocol,
      name: instance.replace(/\\(\d{3})/g, (_, code) => String.fromCharCode(Number(code))),
      host,
      address,
      port: Number(port),
      txt: [...(txt ?? "").matchAll(/"([^"]*)"/g)].map(([, entry = ""]) => entry).sort(),
    }));

function talking(command: readonly string[]): Talking & { readonly pid: number } {
  const child = Bun.spawn([...command], { stdin: "pipe", stdout: "pipe", stderr: "pipe" });
  let said = "";
  const listen = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) said += decoder.decode(chunk, { stream: true });
  };
  void listen(child.stdout);
  void listen(child.stderr);
  return { pid: child.pid, said: () => said, [Symbol.dispose]: () => child.kill() };
}

function run(...command: readonly string[]): void {
  const { exitCode, stderr } = Bun.spawnSync([...command]);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
}
