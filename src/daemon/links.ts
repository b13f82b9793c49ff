/**
 * Keeps the link to every peer: hellos, token exchanges and their repair, and the calls that
 * asking and unpairing make. A credential goes only where the pinned key was proven.
 */

import { PeernetError } from "../contract/errors.ts";
import {
  askDeadlineMs,
  helloJitter,
  helloMs,
  helloPauseMaxMs,
  helloPauseMs,
  hellosAtOnceMax,
  lookElsewhereMs,
  probeMs,
  tokenLifeMs,
  tryAgainMs,
} from "../contract/limits.ts";
import type { InputOf, OutputOf } from "../contract/operation.ts";
import { protocols, type Wire } from "../contract/wire.ts";
import { isTokenAged } from "../core/link.ts";
import type { Reply } from "../peer/client.ts";
import { lifetimeOf } from "../peer/token.ts";
import { type Instant, instantOf } from "../platform/effects.ts";
import type { PeerRow } from "../store/peers.ts";
import { aboutOf, type BoundPort } from "./about.ts";
import type { Context } from "./context.ts";
import type { Finder, Whereabouts } from "./finding.ts";
import { later, type PeerMemories, told } from "./peer-state.ts";
import { keepToken, tokenToHand } from "./tokens.ts";
import type { Trail } from "./trail.ts";

/** What links need of the daemon. */
export interface LinkParts {
  readonly context: Context;
  readonly memories: PeerMemories;
  readonly trail: Trail;
  readonly port: BoundPort;
  readonly finder: Finder;
}

/** How long a call may take. */
export interface Waiting {
  readonly deadlineMs: number;
  /** Whether a person waits for it: then a peer that is not there is tried to the end. */
  readonly isAwaited?: boolean;
}

/** What a row is called with. */
interface Asked<K extends keyof Wire> extends Waiting {
  readonly input: InputOf<Wire[K]>;
}

/** The links of this machine. */
export class Links {
  readonly #parts: LinkParts;
  #underWay = 0;

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  /** Greets every peer that is due, so many at once. */
  sweep(now: Instant): void {
    const { context, memories } = this.#parts;
    for (const peer of context.tables.peers.all()) {
      if (this.#underWay >= hellosAtOnceMax) return;
      if (memories.of(peer.fingerprint).nextHelloMs <= now.monotonicMs) {
        void this.greet(peer.fingerprint);
      }
    }
  }

  /** Says hello to a peer, or waits for the hello under way. Never rejects. */
  greet(fingerprint: string, waiting: Waiting = { deadlineMs: askDeadlineMs }): Promise<void> {
    const memory = this.#parts.memories.of(fingerprint);
    if (memory.greeting !== null) return memory.greeting;
    this.#underWay += 1;
    const greeting = this.#hello(fingerprint, waiting).finally(() => {
      this.#underWay -= 1;
      memory.greeting = null;
      memory.nextHelloMs = this.#nextHelloMs(memory.failures);
    });
    memory.greeting = greeting;
    return greeting;
  }

  #nextHelloMs(failures: number): number {
    const { clock, random } = this.#parts.context.effects;
    const pauseMs =
      failures === 0
        ? helloMs
        : Math.min(helloPauseMaxMs, helloPauseMs * 2 ** Math.min(failures - 1, 10));
    const spread = 2 * helloJitter * pauseMs;
    const varied = pauseMs - spread / 2 + (random.integer(1_000) / 1_000) * spread;
    return clock.monotonicMs() + varied;
  }

  async #hello(fingerprint: string, waiting: Waiting): Promise<void> {
    const { context, memories, trail } = this.#parts;
    const { clock, log } = context.effects;
    const memory = memories.of(fingerprint);
    try {
      const peer = this.#dialable(fingerprint);
      if (this.#needsExchange(peer)) await this.exchange(fingerprint, waiting.deadlineMs);
      const startedMs = clock.monotonicMs();
      const input = this.#introduction(peer);
      const { output } = await this.call(fingerprint, "hello", { input, ...waiting });
      const now = instantOf(clock);
      memory.roundTripMs = Math.round((now.monotonicMs - startedMs) * 10) / 10;
      memory.version = output.version;
      memory.handles = output.handles ?? [];
      memory.handlesBootMs = now.bootMs;
      memory.link = { ...memory.link, dialledBack: output.dialled };
      const ownKey = context.identity.signing.publicKey;
      await context.transact(now, ({ tables }) => {
        const row = tables.peers.get(fingerprint);
        if (row === null) return { value: undefined };
        const witness = later(row.witness, output.witness, ownKey);
        tables.peers.put({ ...told(row, output, now), witness });
        return { value: undefined };
      });
      trail.sweep(now);
    } catch (error) {
      // The link says what is wrong; a peer that sleeps is no fault of this daemon.
      if (!(error instanceof PeernetError)) log.error("hello_failed", { fingerprint });
      else if (error.code === "peer_refused") await this.#refused(fingerprint);
    }
  }

  #introduction(peer: PeerRow): InputOf<Wire["hello"]> {
    return {
      version: this.#parts.context.version,
      protocols: [...protocols],
      scopes: [...peer.scopes],
      checkpoint: this.#parts.trail.latest,
      witness: peer.checkpoint,
    };
  }

  async #refused(fingerprint: string): Promise<void> {
    const { context } = this.#parts;
    await context.transact(instantOf(context.effects.clock), ({ tables }) => {
      const row = tables.peers.get(fingerprint);
      if (row !== null && !row.refused) tables.peers.put({ ...row, refused: true });
      return { value: undefined };
    });
  }

  /**
   * A peer that has an address and a token.
   * @throws {peer_unknown} {peer_unreachable} {peer_refused}
   */
  #dialable(fingerprint: string): PeerRow & { readonly host: string; readonly port: number } {
    const peer = this.#parts.context.tables.peers.get(fingerprint);
    if (peer === null) throw new PeernetError("peer_unknown");
    const { host, port, bearer } = peer;
    // Told so by its proven key: until a pairing anew there is nothing to try.
    if (peer.refused && bearer === null) throw new PeernetError("peer_refused");
    if (host === null || port === null || bearer === null) {
      throw new PeernetError("peer_unreachable", {
        message: `${peer.name} has not yet been heard of since the pairing`,
        hint: "pair again: peernet pair",
      });
    }
    return { ...peer, host, port };
  }

  #needsExchange(peer: PeerRow): boolean {
    const nowMs = this.#parts.context.effects.clock.wallMs();
    const aged = (issuedAtMs: number, lifeMs: number): boolean =>
      isTokenAged({ issuedAtMs, lifeMs }, nowMs);
    const life = peer.bearer === null ? null : lifetimeOf(peer.bearer);
    const bearerAged =
      life !== null && aged(peer.bearer_at_ms ?? 0, life.expiresAtMs - life.issuedAtMs);
    const minted = this.#parts.context.tables.peers.tokens(peer.fingerprint);
    const newest = minted.at(-1);
    const mintedAged = newest === undefined || aged(newest.issued_at_ms, tokenLifeMs);
    return !peer.exchanged || bearerAged || mintedAged;
  }

  /** Hands a peer the token minted for it and receives this machine's. May be repeated. */
  async exchange(fingerprint: string, deadlineMs: number): Promise<void> {
    const { context, port } = this.#parts;
    const now = instantOf(context.effects.clock);
    const peer = this.#dialable(fingerprint);
    const minted = await tokenToHand(context, fingerprint, now);
    const kept = await context.transact(now, (work) => {
      const isPeer = work.tables.peers.get(fingerprint) !== null;
      return { value: isPeer && keepToken(work, minted) };
    });
    if (!kept) throw new PeernetError("peer_unknown");
    const about = aboutOf(context, port, peer.scopes);
    const input = { token: minted.token, about };
    const { output } = await this.#call(peer, "token", { input, deadlineMs });
    await context.transact(now, ({ tables }) => {
      const row = tables.peers.get(fingerprint);
      if (row === null) return { value: undefined };
      tables.peers.put({
        ...row,
        bearer: output.token,
        bearer_at_ms: Math.floor(now.wallMs),
        token_key: output.about.token_key,
        their_scopes: output.about.scopes,
        exchanged: true,
        acknowledged: true,
        refused: false,
      });
      return { value: undefined };
    });
  }

  /**
   * Calls a row of a peer. A credential that is refused is exchanged once: it may only be old.
   * @throws {peer_unknown} {peer_unreachable} {peer_timeout} {peer_refused} or the row's errors
   */
  async call<K extends keyof Wire>(
    fingerprint: string,
    path: K,
    asked: Asked<K>,
  ): Promise<Reply<OutputOf<Wire[K]>>> {
    try {
      return await this.#reach(fingerprint, path, asked);
    } catch (error) {
      if (!(error instanceof PeernetError) || error.code !== "peer_refused") throw error;
      // Throws again where there is no token to exchange.
      await this.exchange(fingerprint, asked.deadlineMs);
      return await this.#call(this.#dialable(fingerprint), path, asked);
    }
  }

  /**
   * Calls a peer where it was; where it is not, or is slow to answer, it is looked for by its
   * fingerprint, and called where that was proven. A row that both places answer is idempotent.
   */
  async #reach<K extends keyof Wire>(
    fingerprint: string,
    path: K,
    asked: Asked<K>,
  ): Promise<Reply<OutputOf<Wire[K]>>> {
    const { clock, timers } = this.#parts.context.effects;
    const untilMs = clock.monotonicMs() + asked.deadlineMs;
    const direct = this.#call(this.#dialable(fingerprint), path, asked);
    const slow = Promise.withResolvers<true>();
    const cancel = timers.after(lookElsewhereMs, () => slow.resolve(true));
    // Its outcome is awaited below, whichever comes first.
    const failed = direct.then(
      () => false,
      (error: unknown) => isUnreached(error),
    );
    const isElsewhere = await Promise.race([failed, slow.promise]);
    cancel();
    if (!isElsewhere) return direct;
    const elsewhere = this.#elsewhere(fingerprint, path, { ...asked, untilMs });
    // The first that answers is the answer, also if the answer is no.
    const here = direct.catch((error: unknown) =>
      isUnreached(error) ? null : Promise.reject(error),
    );
    const there = elsewhere.catch((error: unknown) =>
      isUnreached(error) ? null : Promise.reject(error),
    );
    const first = await Promise.race([here, there]);
    return first ?? (await here) ?? (await there) ?? direct;
  }

  /** Looks for a peer and calls it there; for a person it tries again until the time is over. */
  async #elsewhere<K extends keyof Wire>(
    fingerprint: string,
    path: K,
    asked: Asked<K> & { readonly untilMs: number },
  ): Promise<Reply<OutputOf<Wire[K]>>> {
    const { clock, timers } = this.#parts.context.effects;
    for (let tried: unknown = null; ; ) {
      const peer = this.#dialable(fingerprint);
      const { moved, searched } = await this.#locate(peer);
      const deadlineMs = asked.untilMs - clock.monotonicMs();
      const isOver = deadlineMs <= 0 || (moved === null && (!asked.isAwaited || !searched));
      if (isOver) throw tried ?? notFound(peer);
      try {
        // Where it was is tried as well: its daemon may only have been restarted.
        const attempt = {
          ...asked,
          deadlineMs: Math.min(deadlineMs, moved ? deadlineMs : probeMs),
        };
        return await this.#call({ ...peer, ...moved }, path, attempt);
      } catch (error) {
        if (!isUnreached(error)) throw error;
        tried = error;
      }
      await new Promise<void>((resolve) => timers.after(tryAgainMs, resolve));
    }
  }

  /** A new address of a peer, stored and recorded; null when it is nowhere else. */
  async #locate(
    peer: PeerRow,
  ): Promise<{ readonly moved: Whereabouts | null; readonly searched: boolean }> {
    const { context, memories, finder } = this.#parts;
    const { seenAt } = memories.of(peer.fingerprint);
    const isNews = seenAt !== null && (seenAt.host !== peer.host || seenAt.port !== peer.port);
    const hint = isNews ? seenAt : null;
    const { found, searched } = await finder.locate(peer.fingerprint, hint);
    const isSame = found?.host === peer.host && found.port === peer.port;
    if (found === null || isSame) return { moved: null, searched };
    const { host, port } = found;
    await context.transact(instantOf(context.effects.clock), (work) => {
      const row = work.tables.peers.get(peer.fingerprint);
      if (row === null) return { value: undefined };
      work.tables.peers.put({ ...row, host, port });
      work.record({
        direction: "out",
        verb: "move",
        outcome: "ok",
        peer_fingerprint: row.fingerprint,
        peer_name: row.name,
        origin_address: host,
      });
      return { value: undefined };
    });
    return { moved: { host, port }, searched };
  }

  async #call<K extends keyof Wire>(
    peer: PeerRow & { readonly host: string; readonly port: number },
    path: K,
    { input, deadlineMs }: Asked<K>,
  ): Promise<Reply<OutputOf<Wire[K]>>> {
    const { context, memories } = this.#parts;
    const address = { host: peer.host, port: peer.port };
    const bounds = { address, token: peer.bearer ?? "", deadlineMs };
    const memory = memories.of(peer.fingerprint);
    try {
      const reply = await memories.client(peer).call(path, input, bounds);
      const lastOutboundMs = context.effects.clock.bootMs();
      memory.link = { ...memory.link, dialled: true, lastOutboundMs };
      memory.detail = null;
      memory.failures = 0;
      return reply;
    } catch (error) {
      this.#failed(peer, error);
      throw error;
    }
  }

  #failed({ fingerprint, host, port }: PeerRow, error: unknown): void {
    if (!isUnreached(error)) return;
    const row = this.#parts.context.tables.peers.get(fingerprint);
    // It was found elsewhere meanwhile: that nobody is here any more says nothing.
    if (row === null || row.host !== host || row.port !== port) return;
    const memory = this.#parts.memories.of(fingerprint);
    memory.link = { ...memory.link, dialled: false };
    memory.detail = error instanceof Error ? error.message : null;
    memory.failures += 1;
  }
}

const isUnreached = (error: unknown): boolean =>
  error instanceof PeernetError && unreached.has(error.code);

const notFound = ({ name }: PeerRow): PeernetError =>
  new PeernetError("peer_unreachable", { message: `${name} was not found` });

/** What says that a peer could not be dialled, and not merely that it said no. */
const unreached: ReadonlySet<string> = new Set([
  "peer_unreachable",
  "peer_timeout",
  "fingerprint_mismatch",
]);
