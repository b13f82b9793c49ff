/** What the daemon remembers of each peer while it runs: its link, its handles, its connections. */

import { seenMs } from "../../contract/limits.ts";
import type { Checkpoint, HelloOutput, Peer } from "../../contract/peer.ts";
import type { Bucket } from "../../core/admission.ts";
import { checkpointBytes } from "../../core/audit-chain.ts";
import { type LinkFacts, linkOf, noLink } from "../../core/peers/link.ts";
import type { Sighting } from "../../core/peers/sighting.ts";
import { type PeerClient, peerClient } from "../../peer/client.ts";
import { verifySignature } from "../../peer/identity.ts";
import type { Instant } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Context } from "../context/context.ts";
import { hostAndPort } from "../network/connection.ts";

/** An address that was proven to be a machine's. */
export interface Whereabouts {
  readonly host: string;
  readonly port: number;
}

/** The volatile half of a peer. */
export interface PeerMemory {
  link: Omit<LinkFacts, "refused">;
  /** Why the last dial failed. */
  detail: string | null;
  roundTripMs: number | null;
  version: string | null;
  handles: NonNullable<HelloOutput["handles"]>;
  handlesBootMs: number;
  /** The handles here that it was to be told of at the last sweep; null for none at all. */
  telling: string | null | undefined;
  /** Where its last authenticated connection came from, with the port it told. */
  seenAt: Whereabouts | null;
  /** Where its authenticated requests came from of late. */
  sightings: readonly Sighting[];
  nextHelloMs: number;
  /** What is left of the asks that this peer allows at once. */
  asked: Bucket | undefined;
  /** Dials that failed since the last that did not. */
  failures: number;
  greeting: Promise<void> | null;
  exchanging: Promise<void> | null;
  client: { readonly certificate: string; readonly calls: PeerClient } | null;
}

/** The memory of every peer. */
export class PeerMemories {
  readonly #context: Context;
  readonly #memories = new Map<string, PeerMemory>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** The memory of a peer; a new one is due for a hello at once. */
  of(fingerprint: string): PeerMemory {
    const known = this.#memories.get(fingerprint);
    if (known !== undefined) return known;
    const memory: PeerMemory = {
      link: noLink,
      detail: null,
      roundTripMs: null,
      version: null,
      handles: [],
      handlesBootMs: 0,
      telling: undefined,
      seenAt: null,
      sightings: [],
      nextHelloMs: 0,
      asked: undefined,
      failures: 0,
      greeting: null,
      exchanging: null,
      client: null,
    };
    this.#memories.set(fingerprint, memory);
    return memory;
  }

  /** Makes a hello due to everyone: this machine has moved, and they do not know where to. */
  hurry(): void {
    for (const memory of this.#memories.values()) {
      memory.nextHelloMs = 0;
      // Its connections belong to an address that may be gone: they would fail by silence only.
      memory.client?.calls.close();
      memory.client = null;
    }
  }

  /** Calls pinned to a peer's certificate; kept from one use to the next. */
  client(peer: PeerRow): PeerClient {
    const memory = this.of(peer.fingerprint);
    if (memory.client?.certificate === peer.certificate) return memory.client.calls;
    memory.client?.calls.close();
    const { timers, sha256 } = this.#context.effects;
    const { identity } = this.#context;
    const calls = peerClient({ identity, peer, timers, sha256 });
    memory.client = { certificate: peer.certificate, calls };
    return calls;
  }

  /** Forgets a peer and ends what is under way with it. */
  forget(fingerprint: string): void {
    this.#memories.get(fingerprint)?.client?.calls.close();
    this.#memories.delete(fingerprint);
  }

  /** Ends everything that is under way. */
  close(): void {
    for (const fingerprint of [...this.#memories.keys()]) this.forget(fingerprint);
  }

  /** Every peer as `status` and `peers` show it. */
  all(now: Instant): Peer[] {
    return this.#context.tables.peers.all().map((peer) => this.shown(peer, now));
  }

  /** A peer as `status` and `peers` show it. */
  shown(peer: PeerRow, now: Instant): Peer {
    const memory = this.of(peer.fingerprint);
    const facts = {
      ...memory.link,
      dialled: hasAddress(peer) ? memory.link.dialled : false,
      refused: peer.refused,
    };
    const { link, detail } = linkOf(facts, now.bootMs);
    const seenAgeMs = this.#seenAge(memory, peer.last_seen_at_ms, now);
    return {
      name: peer.name,
      fingerprint: peer.fingerprint,
      link,
      link_detail: detail ?? (link === "up" ? null : memory.detail),
      address: peer.host === null ? null : hostAndPort(peer.host, peer.port),
      round_trip_ms: link === "down" ? null : memory.roundTripMs,
      grants: { theirs: [...peer.scopes], ours: [...peer.their_scopes] },
      paired_at_ms: peer.paired_at_ms,
      acknowledged: peer.acknowledged,
      version: memory.version,
      last_seen_at_ms: seenAgeMs === null ? null : Math.max(0, Math.floor(now.wallMs - seenAgeMs)),
      last_seen_age_ms: seenAgeMs,
      handles: link === "down" ? [] : handlesOf(peer, memory, now),
    };
  }

  /** By the boot clock where this run of the daemon heard of it, else by the wall clock. */
  #seenAge(memory: PeerMemory, seen: number | null, now: Instant): number | null {
    const { lastInboundMs, lastOutboundMs } = memory.link;
    if (lastInboundMs === null && lastOutboundMs === null) {
      return seen === null ? null : Math.max(0, Math.floor(now.wallMs - seen));
    }
    const last = Math.max(lastInboundMs ?? 0, lastOutboundMs ?? 0);
    return Math.max(0, Math.floor(now.bootMs - last));
  }
}

/** Keeps the handles that a peer told, null where it tells none. */
export function remember(memory: PeerMemory, told: HelloOutput["handles"], now: Instant): void {
  memory.handles = told ?? [];
  memory.handlesBootMs = now.bootMs;
}

/** Whether there is anywhere to dial a peer at. */
export const hasAddress = ({ host, port }: PeerRow): boolean => host !== null && port !== null;

/** The handles a peer told, less what has run out since. */
function handlesOf(peer: PeerRow, memory: PeerMemory, now: Instant): Peer["handles"] {
  const passed = Math.max(0, Math.floor(now.bootMs - memory.handlesBootMs));
  return memory.handles
    .filter((handle) => handle.expires_in_ms > passed)
    .map((handle) => ({
      handle: `${peer.name}/${handle.name}`,
      project: handle.project,
      state: handle.state,
      state_for_ms: handle.state_for_ms === null ? null : handle.state_for_ms + passed,
      expires_in_ms: handle.expires_in_ms - passed,
    }));
}

/** What a peer told of itself, as its row keeps it: a checkpoint only if it signed it. */
export function told(
  peer: PeerRow,
  hello: Pick<HelloOutput, "scopes" | "checkpoint" | "witness">,
  now: Instant,
): PeerRow {
  // It said that it ended the pairing while this was on its way.
  if (peer.refused && peer.bearer === null) return peer;
  return {
    ...peer,
    their_scopes: hello.scopes,
    acknowledged: true,
    refused: false,
    last_seen_at_ms: Math.floor(now.wallMs),
    checkpoint: later(peer.checkpoint, hello.checkpoint, peer.token_key),
  };
}

/**
 * Whether what a peer told is worth a durable write: each hello tells that it was seen, and that
 * is kept to the nearest `seenMs`, as it only matters once this daemon has started anew.
 */
export function isNews(before: PeerRow, after: PeerRow): boolean {
  const seenForMs = Math.abs((after.last_seen_at_ms ?? 0) - (before.last_seen_at_ms ?? 0));
  return (
    seenForMs >= seenMs ||
    after.acknowledged !== before.acknowledged ||
    after.refused !== before.refused ||
    after.their_scopes.join() !== before.their_scopes.join() ||
    after.checkpoint !== before.checkpoint ||
    after.witness !== before.witness
  );
}

/** The later of two checkpoints, the new one only if that key signed it. */
export function later(
  kept: Checkpoint | null,
  offered: Checkpoint | null,
  key: string | null,
): Checkpoint | null {
  if (offered === null || key === null || offered.seq <= (kept?.seq ?? 0)) return kept;
  const signed = verifySignature(key, checkpointBytes(offered), offered.signature);
  return signed ? offered : kept;
}
