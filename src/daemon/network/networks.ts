/**
 * The networks of this machine: its tailnet, its LANs, and its announcement on them. Combines the
 * sources of `discovery/` with the settings and the system's interfaces.
 */

import { browseMs, portDefault } from "../../contract/limits.ts";
import { parseAddress } from "../../contract/text/address.ts";
import { prefixOf } from "../../discovery/advertisement.ts";
import { type Announcement, announce } from "../../discovery/announce.ts";
import { type Browsed, browse } from "../../discovery/browse.ts";
import { configuredSource, lanSource, tailnetSource } from "../../discovery/sources.ts";
import type { LeadSource } from "../../discovery/sweep.ts";
import { resolveTailnet, type Tailnet, tailnet } from "../../discovery/tailscale.ts";
import type { Config } from "../../platform/config.ts";
import type { Effects } from "../../platform/effects.ts";
import {
  type InterfaceAddress,
  interfacesNow,
  isLan,
  lanAddresses,
  tellsInterfaces,
} from "../../platform/network/interfaces.ts";
import { runner } from "../../platform/process/run.ts";
import { build } from "../../platform/version.ts";

/** The networks that this machine announces itself on and searches. */
export interface SurroundingsParts {
  readonly effects: Effects;
  readonly config: Config;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly fingerprint: string;
  readonly tailscaledSockets?: readonly string[];
}

/** The networks of this machine. */
export class Networks {
  readonly #parts: SurroundingsParts;
  readonly #tailnet: Tailnet;
  #announcement: Announcement | null = null;
  #listen: readonly string[] = [];
  #hearsItself: boolean | null = null;

  constructor(parts: SurroundingsParts) {
    this.#parts = parts;
    const { effects, environment, tailscaledSockets } = parts;
    this.#tailnet = tailnet({
      environment,
      run: (command, given) => runner(given.environment, given.signal)(command),
      timers: effects.timers,
      clock: effects.clock,
      ownByCommand: build.target.startsWith("darwin"),
      ...(tailscaledSockets === undefined ? {} : { socketPaths: tailscaledSockets }),
    });
  }

  get tailnet(): Tailnet {
    return this.#tailnet;
  }

  /**
   * True when the last search received this machine's own announcement; null while there is none.
   */
  get hearsItself(): boolean | null {
    return this.#announcement === null ? null : this.#hearsItself;
  }

  /**
   * This machine's addresses on its LANs, except link-local ones: no URL can name their interface,
   * so no peer could be called there.
   */
  lanAddresses(): readonly string[] {
    return lanAddresses(interfacesNow()).filter((address) => !address.includes("%"));
  }

  /** This machine's addresses on its tailnet, if it can listen there. */
  async tailnetAddresses(): Promise<readonly string[]> {
    const own = await this.#tailnet.seen();
    if (typeof own === "string") return [];
    // In userspace networking the tailnet arrives by loopback, and its addresses are not ours.
    return own.tun ? own.addresses : ["127.0.0.1"];
  }

  /** The sources of a search. */
  sources(): readonly LeadSource[] {
    const { config, fingerprint } = this.#parts;
    const { discovery, tailnet: rules } = config;
    return [
      configuredSource(discovery.addresses),
      tailnetSource(discovery.tailnet ? this.#tailnet : null, rules.sameUserOnly),
      lanSource(() => this.#browse(), prefixOf(fingerprint)),
    ];
  }

  /** The address of a MagicDNS name; the name itself when the tailnet knows none. */
  async resolve(host: string): Promise<string> {
    if (/^[\d.]+$|:/.test(host)) return host;
    return resolveTailnet(host, await this.#tailnet.status()) ?? host;
  }

  /** True when the tailnet shows a machine of the same user at an address. */
  async isOfSameUser(host: string, port: number): Promise<boolean> {
    const node = await this.#tailnet.whois(host, port);
    return node !== null && node !== "silent" && node.refusal === null;
  }

  /** Announces this machine exactly while it listens on a LAN. */
  async listensOn(listen: readonly string[]): Promise<void> {
    this.#listen = listen;
    const [first] = listen;
    const isWanted = first !== undefined && this.#lanInterfaces().length > 0;
    if (isWanted && this.#announcement === null) {
      const { config, effects, fingerprint } = this.#parts;
      this.#announcement = announce({
        name: config.machine.name,
        port: parseAddress(first).port || portDefault,
        fingerprint,
        interfaces: () => this.#lanInterfaces(),
        timers: effects.timers,
        log: effects.log,
      });
    } else if (!isWanted) await this.stop();
  }

  /** Says goodbye. */
  async stop(): Promise<void> {
    const announcement = this.#announcement;
    this.#announcement = null;
    await announcement?.stop();
  }

  async #browse(): Promise<Browsed | "absent" | "unseen" | "off"> {
    const { config, effects, fingerprint } = this.#parts;
    const interfaces = this.#lanInterfaces();
    // A machine between two networks, or between two addresses of one.
    if (interfaces.length === 0) {
      if (!config.listen.addresses?.includes("lan")) return "off";
      return tellsInterfaces() ? "absent" : "unseen";
    }
    const browsed = await browse({ interfaces, timers: effects.timers, ms: browseMs });
    const own = prefixOf(fingerprint);
    this.#hearsItself = browsed.announced.some(({ prefix }) => prefix === own);
    return browsed;
  }

  /**
   * Addresses of the LAN, by interface and family, while it listens there. Includes link-local
   * ones, from which IPv6 multicast comes, although it never listens on them.
   */
  #lanInterfaces(): readonly InterfaceAddress[] {
    const hosts = this.#listen.map((bound) => parseAddress(bound).host.replace(/%.*$/, ""));
    const isAny = hosts.some((host) => host === "0.0.0.0" || host === "::");
    const lan = interfacesNow().filter(isLan);
    const heard = new Set(lan.filter(({ address }) => hosts.includes(address)).map(linkOf));
    return lan.filter((candidate) => isAny || heard.has(linkOf(candidate)));
  }
}

/** One address family of an interface. */
const linkOf = ({ name, family }: InterfaceAddress): string => `${name} ${family}`;
