/** The volatile halves of all peers, their connections, and the peers in the form of lists. */

import type { Peer } from "../../contract/peer.ts";
import { formatAddress } from "../../contract/text/address.ts";
import { nameHalf } from "../../contract/text/handle.ts";
import { type LinkState, linkOf } from "../../core/peers/link.ts";
import { type PeerClient, peerClient } from "../../peer/client.ts";
import type { Instant } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Context } from "../context/context.ts";
import { bothGrants } from "./grants.ts";
import { PeerMemory } from "./memory.ts";
import { noRejections } from "./rejections.ts";

interface Client {
  readonly certificate: string;
  readonly calls: PeerClient;
}

/** Sessions here and the number of files that they share, by the name of a peer's session. */
type Shared = ReadonlyMap<string, readonly { readonly name: string; readonly files: number }[]>;

const none: Shared = new Map();

/** The memory of every peer. */
export class PeerMemories {
  readonly #context: Context;
  readonly #memories = new Map<string, PeerMemory>();
  readonly #clients = new Map<string, Client>();
  /** Credentials that peers rejected. */
  readonly rejections = noRejections();
  /** Sessions here that share changed files with each session of a peer; set by the assembly. */
  shared: (fingerprint: string, now: Instant) => Shared = () => none;
  #tailnet: { readonly online: ReadonlyMap<string, boolean>; readonly bootMs: number } | null =
    null;

  constructor(context: Context) {
    this.#context = context;
  }

  /** The memory of a peer; a new one is due for a hello at once. */
  of(fingerprint: string): PeerMemory {
    const known = this.#memories.get(fingerprint);
    if (known !== undefined) return known;
    const memory = new PeerMemory();
    this.#memories.set(fingerprint, memory);
    return memory;
  }

  /** Notes the tailnet's word on its machines, by their addresses; none when it has no word. */
  tailnetSaid(online: ReadonlyMap<string, boolean>): void {
    const bootMs = this.#context.effects.clock.bootMs();
    this.#tailnet = online.size === 0 ? null : { online, bootMs };
    this.#context.events.tell({ of: "memory" });
  }

  /** The tailnet's word on an address; absent without one. */
  #tailnetOn(host: string | null, bootMs: number): Pick<Peer, "tailnet"> {
    const said = this.#tailnet;
    const online = said?.online.get(host ?? "");
    if (said === null || online === undefined) return {};
    return { tailnet: { online, age_ms: Math.max(0, Math.floor(bootMs - said.bootMs)) } };
  }

  /** Makes a hello to every peer due: this machine has moved, and they do not know its address. */
  hurry(): void {
    for (const memory of this.#memories.values()) memory.greetAt(0);
    // Its connections belong to an address that may be gone: they would fail only by silence.
    for (const { calls } of this.#clients.values()) calls.close();
    this.#clients.clear();
  }

  /** Calls pinned to a peer's certificate; kept from one use to the next. */
  client(peer: PeerRow): PeerClient {
    const known = this.#clients.get(peer.fingerprint);
    if (known?.certificate === peer.certificate) return known.calls;
    known?.calls.close();
    const { timers, sha256 } = this.#context.effects;
    const { identity } = this.#context;
    const calls = peerClient({ identity, peer, timers, sha256 });
    this.#clients.set(peer.fingerprint, { certificate: peer.certificate, calls });
    return calls;
  }

  /** Removes a peer's memory and aborts its calls. */
  forget(fingerprint: string): void {
    this.#clients.get(fingerprint)?.calls.close();
    this.#clients.delete(fingerprint);
    this.#memories.delete(fingerprint);
    this.rejections.forget(fingerprint);
  }

  /** Aborts every call. */
  close(): void {
    for (const fingerprint of [...this.#memories.keys(), ...this.#clients.keys()]) {
      this.forget(fingerprint);
    }
  }

  /** Every peer in the form of `status` and `peers`. */
  all(now: Instant): Peer[] {
    return this.#context.tables.peers.all().map((peer) => this.shown(peer, now));
  }

  /** The state of a peer's link. */
  linkOf(peer: PeerRow, { bootMs }: Pick<Instant, "bootMs">): LinkState {
    const { link } = this.of(peer.fingerprint);
    const facts = {
      ...link,
      dialled: hasAddress(peer) ? link.dialled : false,
      refused: peer.refused,
      // A peer that ends the pairing itself removes its credential.
      unpaired: peer.refused && peer.bearer === null,
    };
    return linkOf(facts, bootMs);
  }

  /** A peer in the form of `status` and `peers`. */
  shown(peer: PeerRow, now: Instant): Peer {
    const memory = this.of(peer.fingerprint);
    const { link, detail, reason } = this.linkOf(peer, now);
    const disagrees = this.#context.tables.peers.disagreements(peer.fingerprint).size > 0;
    const seenAgeMs = this.#seenAge(memory, peer.last_seen_at_ms, now);
    return {
      name: peer.name,
      named_by: peer.named_by,
      fingerprint: peer.fingerprint,
      link,
      link_detail: detail ?? (link === "up" ? null : memory.detail),
      link_reason: link === "down" && memory.isElsewhere ? "another_machine" : reason,
      address: peer.host === null ? null : formatAddress(peer.host, peer.port),
      round_trip_ms: link === "down" ? null : memory.roundTripMs,
      grants: bothGrants(peer, now),
      paired_at_ms: peer.paired_at_ms,
      acknowledged: peer.acknowledged,
      version: memory.version,
      last_seen_at_ms: seenAgeMs === null ? null : Math.max(0, Math.floor(now.wallMs - seenAgeMs)),
      last_seen_age_ms: seenAgeMs,
      ...(link === "down" ? this.#tailnetOn(peer.host, now.bootMs) : {}),
      watches: memory.watches(now.bootMs),
      handles: link === "down" ? [] : this.#handles(peer, memory, now),
      last_known: link === "down" ? memory.lastKnown(peer.name, now) : null,
      ...(disagrees ? { witness: "disagrees" as const } : {}),
    };
  }

  #handles({ name, fingerprint }: PeerRow, memory: PeerMemory, now: Instant): Peer["handles"] {
    const handles = memory.handles(name, now);
    const shared = this.shared(fingerprint, now);
    if (shared.size === 0) return handles;
    return handles.map((handle) => {
      const overlaps = shared.get(nameHalf(handle.handle));
      return overlaps === undefined ? handle : { ...handle, overlaps: [...overlaps] };
    });
  }

  /** By the boot clock when this run of the daemon saw it, else by the wall clock. */
  #seenAge(memory: PeerMemory, seen: number | null, now: Instant): number | null {
    const { lastInboundMs, lastOutboundMs } = memory.link;
    if (lastInboundMs === null && lastOutboundMs === null) {
      return seen === null ? null : Math.max(0, Math.floor(now.wallMs - seen));
    }
    const last = Math.max(lastInboundMs ?? 0, lastOutboundMs ?? 0);
    return Math.max(0, Math.floor(now.bootMs - last));
  }
}

/** True when a peer has an address to dial. */
export const hasAddress = ({ host, port }: PeerRow): boolean => host !== null && port !== null;
