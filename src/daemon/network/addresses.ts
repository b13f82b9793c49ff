/**
 * Decides which addresses the peer listener is bound to: those that the settings name, as they come
 * and go. Never widens by itself: a word means its present addresses, and no other.
 */

import { PeernetError } from "../../contract/errors.ts";
import { interfacesMs } from "../../contract/limits.ts";
import { parseAddress } from "../../contract/text/address.ts";
import type { Config } from "../../platform/config.ts";
import type { Cancel, Effects } from "../../platform/effects.ts";
import { detach } from "../context/detached.ts";
import type { Listener } from "./listener.ts";

/** Dependencies of listening. */
export interface ListeningParts {
  readonly effects: Pick<Effects, "timers" | "log">;
  readonly config: Config["listen"];
  readonly listener: Listener;
  /** This machine's present addresses on its LANs. */
  readonly lanAddresses: () => readonly string[];
  /** This machine's addresses on its tailnet; empty when it is stopped or absent. */
  readonly tailnetAddresses: () => Promise<readonly string[]>;
  /** Called with the bound addresses whenever they have changed. */
  readonly onChange: (listen: readonly string[]) => void;
}

/** Keeps the listener bound to the addresses of the settings. */
export class Listening {
  readonly #parts: ListeningParts;
  /** Bound addresses, each with `address:port`. */
  readonly #bound = new Map<string, string>();
  #words: readonly string[] = [];
  #cancel: Cancel | null = null;
  #looking = false;
  /** Addresses whose port another program holds, each as `address:port`. */
  readonly #taken = new Map<string, PeernetError>();

  constructor(parts: ListeningParts) {
    this.#parts = parts;
  }

  /** `address:port` of each bound address. */
  get listen(): readonly string[] {
    return [...this.#bound.values()];
  }

  /** Addresses of the settings that another program holds; each is tried again. */
  get taken(): readonly string[] {
    return [...this.#taken.values()].map(({ details }) => String(details?.address));
  }

  /** The port of every bound address; null while none is bound. */
  get port(): number | null {
    const [first] = this.#bound.values();
    return first === undefined ? null : parseAddress(first).port;
  }

  /** Binds the present addresses, and follows them from then on. @throws {port_in_use} */
  async start(): Promise<void> {
    const { config, tailnetAddresses } = this.#parts;
    // Without a setting the decision is made once: a tailnet that comes up later widens nothing.
    const isOnTailnet = config.addresses === null && (await tailnetAddresses()).length > 0;
    this.#words = config.addresses ?? (isOnTailnet ? ["tailnet"] : ["127.0.0.1"]);
    for (const address of await this.#wanted()) await this.#bind(address);
    const [refused] = this.#taken.values();
    // Without an address nobody can ask: the starter must learn the reason.
    if (this.#bound.size === 0 && refused !== undefined) throw refused;
    const { timers, log } = this.#parts.effects;
    if (!this.#isSettled) {
      const follow = () => this.#follow();
      this.#cancel = timers.every(interfacesMs, () => detach(log, "following addresses", follow));
    }
    this.#parts.onChange(this.listen);
  }

  stop(): void {
    this.#cancel?.();
  }

  /** True when all is bound for good: an address means itself, a word may later mean others. */
  get #isSettled(): boolean {
    return this.#words.every((word) => this.#bound.has(word));
  }

  /** Binds new addresses and releases those that are gone. */
  async #follow(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const before = [...this.listen, ...this.taken].join(" ");
      const wanted = await this.#wanted();
      for (const [address, bound] of [...this.#bound]) {
        if (!wanted.includes(address)) {
          this.#bound.delete(address);
          await this.#parts.listener.unbind(bound);
        }
      }
      for (const address of this.#taken.keys()) {
        if (!wanted.includes(address)) this.#taken.delete(address);
      }
      for (const address of wanted) if (!this.#bound.has(address)) await this.#bind(address);
      if ([...this.listen, ...this.taken].join(" ") !== before) this.#parts.onChange(this.listen);
      if (this.#isSettled) this.stop();
    } catch (error) {
      const code = error instanceof PeernetError ? error.code : "internal";
      this.#parts.effects.log.warn("listening_failed", { code });
    } finally {
      this.#looking = false;
    }
  }

  /** The present addresses of the settings. */
  async #wanted(): Promise<readonly string[]> {
    const { lanAddresses, tailnetAddresses } = this.#parts;
    const tailnet = this.#words.includes("tailnet") ? await tailnetAddresses() : [];
    const meant = this.#words.flatMap((word) => {
      if (word === "lan") return lanAddresses();
      return word === "tailnet" ? tailnet : [word];
    });
    return [...new Set(meant)];
  }

  /** Binds an address; one that is absent now, or taken, is tried again later. */
  async #bind(address: string): Promise<void> {
    try {
      // One port for all addresses: a peer learns only one.
      const port = this.port ?? this.#parts.config.port;
      this.#bound.set(address, await this.#parts.listener.bind(address, port));
      this.#taken.delete(address);
    } catch (error) {
      if (!(error instanceof PeernetError)) throw error;
      const { log } = this.#parts.effects;
      if (error.code === "bad_request") log.warn("address_absent", { address });
      else if (error.code !== "port_in_use") throw error;
      else if (!this.#taken.has(address)) {
        this.#taken.set(address, error);
        log.warn("address_taken", { address });
      }
    }
  }
}
