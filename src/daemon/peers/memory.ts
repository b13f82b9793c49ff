/**
 * The volatile half of one peer: its link, its handles, its pace. Each verb notes one observation;
 * nothing else writes here.
 */

import { PeernetError } from "../../contract/errors.ts";
import { watchingMs } from "../../contract/limits/watch.ts";
import { helloPauseMs, linkLifeMs } from "../../contract/limits.ts";
import type { HelloOutput, Peer } from "../../contract/peer.ts";
import { type Bucket, takeAsk } from "../../core/admission.ts";
import { type LinkFacts, noLink } from "../../core/peers/link.ts";
import { type Sighting, sight } from "../../core/peers/sighting.ts";
import type { Instant } from "../../platform/effects.ts";

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
}

/** What this run of the daemon observed of one peer. */
export class PeerMemory {
  #link: Omit<LinkFacts, "refused"> = noLink;
  #detail: string | null = null;
  #isElsewhere = false;
  #roundTripMs: number | null = null;
  #version: string | null = null;
  #features: readonly string[] = [];
  #handles: Handles = [];
  #handlesBootMs = 0;
  #announced: string | null | undefined;
  #seenAt: Whereabouts | null = null;
  #sightings: readonly Sighting[] = [];
  #nextHelloMs = 0;
  #bucket: Bucket | undefined;
  #failures = 0;
  #watchesUntilMs = 0;
  #hurriedMs = Number.NEGATIVE_INFINITY;
  #greeting: Promise<void> | null = null;
  #exchanging: Promise<void> | null = null;

  /** Facts of the link, without the refusal that the row holds. */
  get link(): Omit<LinkFacts, "refused"> {
    return this.#link;
  }

  /** The reason that the last dial failed, or null. */
  get detail(): string | null {
    return this.#detail;
  }

  /** True where the last dial found a machine of another key. */
  get isElsewhere(): boolean {
    return this.#isElsewhere;
  }

  /** Milliseconds that the last call took, or null. */
  get roundTripMs(): number | null {
    return this.#roundTripMs;
  }

  /** The version that the peer runs, or null. */
  get version(): string | null {
    return this.#version;
  }

  /** Optional parts of the protocol that its last hello listed. */
  get features(): readonly string[] {
    return this.#features;
  }

  /** The address that its last authenticated connection came from, with the port it told. */
  get seenAt(): Whereabouts | null {
    return this.#seenAt;
  }

  /** Addresses that its authenticated requests came from recently. */
  get sightings(): readonly Sighting[] {
    return this.#sightings;
  }

  /** The monotonic instant at which a hello is due. */
  get nextHelloMs(): number {
    return this.#nextHelloMs;
  }

  /** Dials that failed since the last that succeeded. */
  get failures(): number {
    return this.#failures;
  }

  /** True while a hello to it is under way. */
  get isGreeted(): boolean {
    return this.#greeting !== null;
  }

  /** Notes a call that the peer answered, and makes a hello due if it had been away. */
  reached({ bootMs, tookMs }: { readonly bootMs: number; readonly tookMs: number }): void {
    this.#roundTripMs = Math.round(tookMs * 10) / 10;
    this.#link = { ...this.#link, dialled: true, failingSinceMs: null, lastOutboundMs: bootMs };
    this.#detail = null;
    this.#isElsewhere = false;
    // It is back: what it can tell of itself need not wait for the next hello's turn.
    if (this.#failures > 0) this.#nextHelloMs = 0;
    this.#failures = 0;
  }

  /** Notes a dial that failed, and its reason. */
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

  /** Notes whether a hello named a protocol version that both machines speak; returns it. */
  compared(isShared: boolean): boolean {
    this.#link = { ...this.#link, versionsApart: !isShared };
    return isShared;
  }

  /** Notes a connection of the peer that exchanged tokens. */
  exchanged(bootMs: number): void {
    this.#link = { ...this.#link, lastInboundMs: bootMs };
  }

  /** Notes a request of the peer: it dialled this machine, whatever it said before. */
  called(address: string, bootMs: number): void {
    const isBack = bootMs - (this.#link.lastInboundMs ?? 0) >= linkLifeMs;
    const isElsewhere = this.#sightings.every((sighting) => sighting.address !== address);
    this.#link = { ...this.#link, lastInboundMs: bootMs, dialledBack: true };
    this.#sightings = sight(this.#sightings, address, bootMs);
    // It came back, or from elsewhere: the other direction is worth a try now, not at its turn.
    // One that calls on and on is not: each try searches every network.
    const isNews = isBack || isElsewhere;
    if (this.#link.dialled !== false || !isNews) return;
    if (bootMs - this.#hurriedMs < helloPauseMs) return;
    this.#hurriedMs = bootMs;
    this.#nextHelloMs = 0;
  }

  /** Notes the address that the peer listens on, as far as its connection shows. */
  seen(at: Whereabouts): void {
    this.#seenAt = at;
  }

  /** Notes a hello of the peer: null handles may not be shown; without the field the last stay. */
  told(hello: Told, bootMs: number): void {
    this.#version = hello.version;
    this.#features = hello.features;
    if (hello.handles === undefined) return;
    this.#handles = hello.handles ?? [];
    this.#handlesBootMs = bootMs;
  }

  /** Notes an answered hello, which also tells whether the peer's last dial succeeded. */
  answeredHello(hello: Told & Pick<HelloOutput, "dialled">, bootMs: number): void {
    this.told(hello, bootMs);
    this.#link = { ...this.#link, dialledBack: hello.dialled ?? this.#link.dialledBack };
  }

  /** Notes whether a person there watches; that is believed for a while after each hello. */
  watched(isWatching: boolean, bootMs: number): void {
    this.#watchesUntilMs = isWatching ? bootMs + watchingMs : 0;
  }

  /** True while a person there watches the sessions of this machine. */
  watches(bootMs: number): boolean {
    return bootMs < this.#watchesUntilMs;
  }

  /** Makes a hello due at once, when the handles to announce have changed; null announces none. */
  announce(handles: string | null, monotonicMs: number): void {
    if (handles === this.#announced) return;
    this.#announced = handles;
    if (this.#failures === 0) this.#nextHelloMs = monotonicMs;
  }

  /** Sets the monotonic instant of the next hello. */
  greetAt(monotonicMs: number): void {
    this.#nextHelloMs = monotonicMs;
  }

  /** Runs a hello, or joins the one under way. */
  greeting(run: () => Promise<void>): Promise<void> {
    this.#greeting ??= run().finally(() => {
      this.#greeting = null;
    });
    return this.#greeting;
  }

  /** Runs an exchange of tokens, or joins the one under way. */
  exchanging(run: () => Promise<void>): Promise<void> {
    this.#exchanging ??= run().finally(() => {
      this.#exchanging = null;
    });
    return this.#exchanging;
  }

  /** Takes one ask of those that the peer allows; false when it must wait. */
  takeAsk(monotonicMs: number): boolean {
    const bucket = takeAsk(this.#bucket, monotonicMs);
    this.#bucket = bucket;
    return bucket.passes;
  }

  /** The handles that the peer told last, as they were then, and their age; null for none. */
  lastKnown(peer: string, { bootMs }: Instant): NonNullable<Peer["last_known"]> | null {
    if (this.#handles.length === 0) return null;
    const age_ms = Math.max(0, Math.floor(bootMs - this.#handlesBootMs));
    const handles = this.#handles.map(({ name, project, state, state_for_ms, ...rest }) => ({
      handle: `${peer}/${name}`,
      ...{ project, state, state_for_ms },
      expires_in_ms: 0,
      ...listedOf(rest),
    }));
    return { age_ms, handles };
  }

  /** The handles that the peer told, less those that have run out since. */
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
        ...listedOf(handle),
      }));
  }
}

type Listed = Pick<Handles[number], "harness" | "branch" | "sha" | "dirty" | "summary">;

/** The facts of a session that a hello may hold, those that it did hold. */
const listedOf = ({ harness, branch, sha, dirty, summary }: Listed): Listed => ({
  ...(harness === undefined ? {} : { harness }),
  ...(branch === undefined ? {} : { branch }),
  ...(sha === undefined ? {} : { sha }),
  ...(dirty === undefined ? {} : { dirty }),
  ...(summary === undefined ? {} : { summary }),
});
