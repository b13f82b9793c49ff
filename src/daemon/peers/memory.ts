/**
 * The volatile half of one peer: its link, its handles, its rate. Each method notes one
 * observation; no other code writes here.
 */

import { PeernetError } from "../../contract/errors.ts";
import { type Rate, rates } from "../../contract/limits/rates.ts";
import { watchingMs } from "../../contract/limits/watch.ts";
import { helloPauseMs, linkLifeMs } from "../../contract/limits.ts";
import type { HelloOutput, Peer } from "../../contract/peer.ts";
import { type Bucket, takeCall } from "../../core/admission.ts";
import { type LinkFacts, noLink, type ReverseOf } from "../../core/peers/link.ts";
import { type Sighting, sight } from "../../core/peers/sighting.ts";
import type { TopicsTold } from "../../core/topics/topics.ts";
import type { Instant } from "../../platform/effects.ts";
import { listedOf } from "./listed.ts";

/** An address of a peer. */
export interface Whereabouts {
  readonly host: string;
  readonly port: number;
}

type Handles = NonNullable<HelloOutput["handles"]>;

/** The facts of a hello that a daemon remembers until it ends. */
export interface Told {
  readonly version: string;
  readonly features: readonly string[];
  readonly handles?: Handles | null | undefined;
  readonly hidden?: HelloOutput["hidden"];
  readonly checkpoint?: { readonly seq: number } | null | undefined;
  readonly overlap?: number | undefined;
}

/** This run's observations of one peer. */
export class PeerMemory {
  /** The count of its changed files in its last hello; null when it shows none. */
  overlap: number | null = null;
  /** The topics of its last hello; null before the first of this run. */
  topics: TopicsTold | null = null;
  #link: Omit<LinkFacts, "refused"> = noLink;
  #detail: string | null = null;
  #isElsewhere = false;
  #roundTripMs: number | null = null;
  #version: string | null = null;
  #features: readonly string[] = [];
  /** The length of its trail as last told; null before. */
  trailSeq: number | null = null;
  #handles: Handles = [];
  #handlesBootMs = 0;
  #hidden: HelloOutput["hidden"];
  #announced: string | null | undefined;
  #seenAt: Whereabouts | null = null;
  #sightings: readonly Sighting[] = [];
  #nextHelloMs = 0;
  #bucket: Bucket | undefined;
  readonly #slowedUntilMs = new Map<Rate, number>();
  #failures = 0;
  #watchesUntilMs = 0;
  #hurriedMs = Number.NEGATIVE_INFINITY;
  #greeting: Promise<void> | null = null;
  #exchanging: Promise<void> | null = null;

  /** Facts of the link, without the refusal that the row holds. */
  get link(): Omit<LinkFacts, "refused"> {
    return this.#link;
  }

  /** The reason of the last dial's failure, or null. */
  get detail(): string | null {
    return this.#detail;
  }

  /** True when the last dial found a machine with another key. */
  get isElsewhere(): boolean {
    return this.#isElsewhere;
  }

  /** Duration of the last call in ms, or null. */
  get roundTripMs(): number | null {
    return this.#roundTripMs;
  }

  /** The peer's version, or null. */
  get version(): string | null {
    return this.#version;
  }

  /** Optional parts of the protocol in its last hello. */
  get features(): readonly string[] {
    return this.#features;
  }

  /** The address of its last authenticated connection, with the port from its hello. */
  get seenAt(): Whereabouts | null {
    return this.#seenAt;
  }

  /** Addresses from which its authenticated requests came recently. */
  get sightings(): readonly Sighting[] {
    return this.#sightings;
  }

  /** The monotonic instant at which a hello is due. */
  get nextHelloMs(): number {
    return this.#nextHelloMs;
  }

  /** Failed dials since the last successful one. */
  get failures(): number {
    return this.#failures;
  }

  /** True while a hello to it is in progress. */
  get isGreeted(): boolean {
    return this.#greeting !== null;
  }

  /** Notes a dial that the peer answered, and makes a hello due if the peer had been away. */
  reached(answered: { readonly bootMs: number; readonly tookMs: number }): void {
    this.carried(answered);
    this.#link = { ...this.#link, dialled: true };
  }

  /** Notes a call that the peer answered, over whichever connection. */
  carried({ bootMs, tookMs }: { readonly bootMs: number; readonly tookMs: number }): void {
    this.#roundTripMs = Math.round(tookMs * 10) / 10;
    this.#link = { ...this.#link, failingSinceMs: null, lastOutboundMs: bootMs };
    this.#detail = null;
    this.#isElsewhere = false;
    // The peer is back: its facts need not wait for the next regular hello.
    if (this.#failures > 0) this.#nextHelloMs = 0;
    this.#failures = 0;
  }

  /** Notes the present number of reverse connections of one side. */
  reversed(of: ReverseOf, connections: number): void {
    this.#link = { ...this.#link, reverse: { ...this.#link.reverse, [of]: connections } };
  }

  /** Notes a failed dial of a peer that answers over its own connections. */
  undialled(): void {
    this.#link = { ...this.#link, dialled: false };
  }

  /** Notes a failed dial, and its reason. */
  unreached(error: unknown, bootMs: number): void {
    const failingSinceMs = this.#link.failingSinceMs ?? bootMs;
    this.#link = { ...this.#link, dialled: false, failingSinceMs };
    this.#detail = error instanceof Error ? error.message : null;
    this.#isElsewhere = error instanceof PeernetError && error.code === "fingerprint_mismatch";
    this.#failures += 1;
  }

  /** Notes an answer that this version could not use; the link keeps its other facts. */
  misfit(reason: string): void {
    this.#detail = reason;
  }

  /** Notes whether a hello named a common protocol version; returns that. */
  compared(isShared: boolean): boolean {
    this.#link = { ...this.#link, versionsApart: !isShared };
    return isShared;
  }

  /** Notes a request of the peer that says nothing about its dials of this machine. */
  heard(bootMs: number): void {
    this.#link = { ...this.#link, lastInboundMs: bootMs };
  }

  /** Notes a request of the peer: it dialled this machine, whatever it reported before. */
  called(address: string, bootMs: number): void {
    const isBack = bootMs - (this.#link.lastInboundMs ?? 0) >= linkLifeMs;
    const isElsewhere = this.#sightings.every((sighting) => sighting.address !== address);
    this.#link = { ...this.#link, lastInboundMs: bootMs, dialledBack: true };
    this.#sightings = sight(this.#sightings, address, bootMs);
    // The peer came back, or from elsewhere: the other direction is worth a try now, not at its
    // turn. A peer that calls again and again is not: each try searches every network.
    const isNews = isBack || isElsewhere;
    if (this.#link.dialled !== false || !isNews) return;
    if (bootMs - this.#hurriedMs < helloPauseMs) return;
    this.#hurriedMs = bootMs;
    this.#nextHelloMs = 0;
  }

  /** Notes the peer's listening address, as far as its connection shows. */
  seen(at: Whereabouts): void {
    this.#seenAt = at;
  }

  /**
   * Notes a hello of the peer: null handles mean that it shows none; an absent field keeps the
   * last.
   */
  told(hello: Told, bootMs: number): void {
    this.#version = hello.version;
    this.#features = hello.features;
    this.trailSeq = hello.checkpoint?.seq ?? this.trailSeq;
    this.overlap = hello.overlap ?? null;
    if (hello.handles === undefined) return;
    this.#handles = hello.handles ?? [];
    this.#handlesBootMs = bootMs;
    this.#hidden = hello.hidden;
  }

  /** Notes an answered hello, which also reports whether the peer's last dial succeeded. */
  answeredHello(hello: Told & Pick<HelloOutput, "dialled">, bootMs: number): void {
    this.told(hello, bootMs);
    this.#link = { ...this.#link, dialledBack: hello.dialled ?? this.#link.dialledBack };
  }

  /** Notes whether a person there watches; that holds for a while after each hello. */
  watched(isWatching: boolean, bootMs: number): void {
    this.#watchesUntilMs = isWatching ? bootMs + watchingMs : 0;
  }

  /** True while a person there watches the sessions of this machine. */
  watches(bootMs: number): boolean {
    return bootMs < this.#watchesUntilMs;
  }

  /** Makes a hello due at once, when the handles to announce have changed; null announces none. */
  announce(handles: string | null, monotonicMs: number): void {
    // A hello in progress may have left before the change: the next sweep sees it again.
    if (handles === this.#announced || this.isGreeted) return;
    this.#announced = handles;
    if (this.#failures === 0) this.#nextHelloMs = monotonicMs;
  }

  /** Sets the monotonic instant of the next hello. */
  greetAt(monotonicMs: number): void {
    this.#nextHelloMs = monotonicMs;
  }

  /** Runs a hello, or joins the present one. */
  greeting(run: () => Promise<void>): Promise<void> {
    this.#greeting ??= run().finally(() => {
      this.#greeting = null;
    });
    return this.#greeting;
  }

  /** Runs an exchange of tokens, or joins the present one. */
  exchanging(run: () => Promise<void>): Promise<void> {
    this.#exchanging ??= run().finally(() => {
      this.#exchanging = null;
    });
    return this.#exchanging;
  }

  /** Takes one ask from the peer's rate; false when it must wait. */
  takeAsk(monotonicMs: number): boolean {
    const bucket = takeCall(this.#bucket, rates.asks, monotonicMs);
    this.#bucket = bucket;
    return bucket.passes;
  }

  /** Notes that the peer takes no call of a rate before a time. */
  slowed(rate: Rate, untilMs: number): void {
    this.#slowedUntilMs.set(rate, Math.max(untilMs, this.slowedUntilMs(rate)));
  }

  /** The monotonic time before which the peer takes no call of a rate. */
  slowedUntilMs(rate: Rate): number {
    return this.#slowedUntilMs.get(rate) ?? 0;
  }

  /** The peer's last handles, unchanged, and their age; null when there are none. */
  lastKnown(peer: string, { bootMs }: Instant): NonNullable<Peer["last_known"]> | null {
    if (this.#handles.length === 0) return null;
    const age_ms = Math.max(0, Math.floor(bootMs - this.#handlesBootMs));
    const handles = this.#handles.map(({ name, project, state, state_for_ms, ...rest }) => ({
      handle: `${peer}/${name}`,
      ...{ project, state, state_for_ms },
      expires_in_ms: 0,
      ...listedOf(rest, this.#hidden),
    }));
    return { age_ms, handles };
  }

  /** The peer's last handles, less those that have expired since. */
  handles(peer: string, { bootMs }: Instant): Peer["handles"] {
    const passed = Math.max(0, Math.floor(bootMs - this.#handlesBootMs));
    return this.#handles
      .filter((handle) => handle.expires_in_ms > passed)
      .map((handle) => ({
        handle: `${peer}/${handle.name}`,
        project: handle.project,
        state: handle.state,
        state_for_ms:
          handle.state === null || handle.state_for_ms === null
            ? null
            : handle.state_for_ms + passed,
        expires_in_ms: handle.expires_in_ms - passed,
        ...listedOf(handle, this.#hidden),
        ...(handle.way === undefined ? {} : { way: handle.way }),
      }));
  }
}
