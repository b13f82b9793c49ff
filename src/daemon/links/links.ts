/**
 * Keeps the link to every peer: hellos, token exchanges and their repair, and the calls for asking
 * and unpairing. A credential goes only to a proven pinned key.
 */

import { PeernetError } from "../../contract/errors.ts";
import { handHeadMs } from "../../contract/limits/watch.ts";
import {
  askDeadlineMs,
  helloJitter,
  helloMs,
  helloPauseMaxMs,
  helloPauseMs,
  hellosAtOnceMax,
  tokenLifeMs,
} from "../../contract/limits.ts";
import type { OutputOf } from "../../contract/operation/operation.ts";
import type { Checkpoint } from "../../contract/peer.ts";
import { standingOf } from "../../contract/text/standing.ts";
import type { Wire } from "../../contract/wire.ts";
import { scopesAt } from "../../core/grants.ts";
import { isTokenAged } from "../../core/peers/link.ts";
import type { Exporter } from "../../peer/call-over.ts";
import { lifetimeOf } from "../../peer/token.ts";
import { type Instant, instantOf } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import { detach } from "../context/detached.ts";
import { noteRestored } from "../context/restored.ts";
import type { ReverseCalls } from "../network/reverse-calls.ts";
import { aboutOf } from "../peers/about.ts";
import { handToken } from "../peers/tokens.ts";
import { announcing } from "./announced.ts";
import { type Asked, PeerCalls, type Replied, type Waiting } from "./calls.ts";
import type { Finder } from "./finder.ts";
import { type GreetingParts, introductionTo, noteGreeting } from "./greeting.ts";
import { atPaceOf } from "./pacing.ts";
import { ReverseHellos } from "./reverse-hellos.ts";
import { type HelloKeys, noteKey } from "./topics.ts";

/** Dependencies of the links. */
export interface LinkParts extends GreetingParts {
  readonly finder: Finder;
  /** Connections that peers made for calls of them. */
  readonly reverse: Pick<ReverseCalls, "carrier" | "dueForHello" | "dueInMs">;
  /** Ends the connections of a peer that refuses this machine. */
  readonly onRefused: (fingerprint: string) => unknown;
}

/** The links of this machine. */
export class Links {
  readonly #parts: LinkParts;
  readonly #calls: PeerCalls;
  readonly #reverse: ReverseHellos;
  #underWay = 0;

  constructor(parts: LinkParts) {
    this.#parts = parts;
    this.#calls = new PeerCalls(parts);
    const onRejected = (fingerprint: string) => this.#rejected(fingerprint);
    this.#reverse = new ReverseHellos({ ...parts, calls: this.#calls, onRejected });
  }

  /**
   * Greets every peer that is due, a limited number at once. Reachable peers soon learn that
   * handles came or went, or that they may see none.
   */
  sweep(now: Instant): void {
    const { context, memories } = this.#parts;
    this.#reverse.sweep(now);
    const peers = context.tables.peers.grants();
    const announced = announcing(this.#parts, now);
    for (const { fingerprint, grants } of peers) {
      const memory = memories.of(fingerprint);
      const watches = grants.mine && memory.watches(now.bootMs);
      memory.announce(announced(grants, watches), now.monotonicMs);
      if (this.#underWay < hellosAtOnceMax && memory.nextHelloMs <= now.monotonicMs) {
        detach(context.effects.log, "greeting", () => this.greet(fingerprint));
      }
    }
  }

  /** Tells the person's other machines at once that a person here began to watch, or stopped. */
  tellWatching(now: Instant): void {
    const { context, memories } = this.#parts;
    for (const { fingerprint, grants } of context.tables.peers.grants()) {
      if (grants.mine) memories.of(fingerprint).greetAt(now.monotonicMs);
    }
    this.sweep(now);
  }

  /**
   * Sends the latest checkpoint to each reachable peer. A hello answers with the checkpoint held
   * before it: the second shows that the first was kept.
   */
  async handHead(): Promise<void> {
    const { context, memories } = this.#parts;
    const now = instantOf(context.effects.clock);
    // A peer that answers over its own connections takes a checkpoint like any other.
    const up = memories.all(now).filter((peer) => standingOf(peer).fix === null);
    const hand = async (fingerprint: string): Promise<void> => {
      await this.greet(fingerprint, { deadlineMs: handHeadMs });
      await this.greet(fingerprint, { deadlineMs: handHeadMs });
    };
    await Promise.all(up.slice(0, hellosAtOnceMax).map((peer) => hand(peer.fingerprint)));
  }

  /**
   * Milliseconds until a hello is due; at once while one is in progress, since its end sets the
   * next.
   */
  dueInMs(now: Instant): number {
    const { context, memories } = this.#parts;
    const hellos = context.tables.peers.grants().map(({ fingerprint }) => {
      const { isGreeted, nextHelloMs } = memories.of(fingerprint);
      return isGreeted ? 0 : nextHelloMs - now.monotonicMs;
    });
    return Math.min(this.#reverse.dueInMs(now), ...hellos);
  }

  /** Says hello to a peer, or waits for the present hello. Never rejects. */
  greet(fingerprint: string, waiting: Waiting = { deadlineMs: askDeadlineMs }): Promise<void> {
    const memory = this.#parts.memories.of(fingerprint);
    return memory.greeting(async () => {
      this.#underWay += 1;
      const succeeded = await this.#hello(fingerprint, waiting);
      this.#underWay -= 1;
      // A call may have reached it meanwhile: then a hello is due soon. A peer that has not yet
      // dialled this machine may need connections to call over.
      const isAwaited = memory.link.dialledBack === null && memory.features.includes("reverse");
      const isSettled = succeeded && !isAwaited;
      memory.greetAt(this.#nextHelloMs(isSettled ? 0 : Math.max(1, memory.failures)));
    });
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

  async #hello(fingerprint: string, waiting: Waiting): Promise<boolean> {
    const { context, memories } = this.#parts;
    const { log } = context.effects;
    const memory = memories.of(fingerprint);
    try {
      const isAged = this.#needsExchange(this.#calls.callable(fingerprint));
      if (isAged) await this.exchange(fingerprint, waiting.deadlineMs);
      // The present row: during the exchange the peer may have lost the right to ask.
      let held: Checkpoint | null = null;
      const keys: HelloKeys = [];
      const input = (exporter: Exporter) => {
        noteKey(keys, exporter);
        const peer = this.#calls.callable(fingerprint);
        held = peer.checkpoint;
        return introductionTo(this.#parts, peer, exporter);
      };
      const { output } = await this.call(fingerprint, "hello", { input, ...waiting });
      await noteGreeting(this.#parts, fingerprint, { output, keys });
      await noteRestored(context, { fingerprint, held, told: output.checkpoint });
      return true;
    } catch (error) {
      // The link shows the problem; a sleeping peer is no fault of this daemon.
      if (!(error instanceof PeernetError)) log.error("hello_failed", { fingerprint });
      else if (error.code === "peer_refused") await this.#rejected(fingerprint);
      else if (error.code === "version_unsupported") {
        memory.misfit(error.message);
        context.events.tell({ of: "memory" });
      }
      return false;
    }
  }

  /** Notes a rejected credential; after the second one the peer refuses this machine. */
  async #rejected(fingerprint: string): Promise<void> {
    const { context, memories, onRefused } = this.#parts;
    const bearer = context.tables.peers.get(fingerprint)?.bearer ?? "";
    const { monotonicMs } = instantOf(context.effects.clock);
    if (!memories.rejections.noted(fingerprint, bearer, monotonicMs)) return;
    onRefused(fingerprint);
    await context
      .transact(instantOf(context.effects.clock), ({ tables }) => {
        const row = tables.peers.get(fingerprint);
        if (row !== null && !row.refused) tables.peers.put({ ...row, refused: true });
        return { value: undefined };
      })
      .catch(() => context.effects.log.error("refusal_not_stored", { fingerprint }));
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

  /**
   * Gives a peer the token minted for it and receives this machine's. Idempotent; concurrent
   * requests share one exchange.
   */
  exchange(fingerprint: string, deadlineMs: number): Promise<void> {
    const memory = this.#parts.memories.of(fingerprint);
    return memory.exchanging(() => this.#exchange(fingerprint, deadlineMs));
  }

  async #exchange(fingerprint: string, deadlineMs: number): Promise<void> {
    const { context, port } = this.#parts;
    const now = instantOf(context.effects.clock);
    const peer = this.#calls.callable(fingerprint);
    const minted = await handToken(context, fingerprint, now);
    if (minted === null) throw new PeernetError("peer_unknown");
    const about = aboutOf(context, port, scopesAt(peer.grants, now));
    const input = () => ({ token: minted.token, about });
    const { output } = await this.#calls.near(fingerprint, "token", { input, deadlineMs });
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
    const { monotonicMs } = instantOf(context.effects.clock);
    this.#parts.memories.rejections.exchanged(fingerprint, monotonicMs);
  }

  /**
   * Calls a row of a peer. A refused credential is exchanged once: it may only be old.
   * @throws {peer_unknown} {peer_unreachable} {peer_timeout} {peer_refused} or the row's errors
   */
  async call<K extends keyof Wire>(
    fingerprint: string,
    path: K,
    asked: Asked<K>,
  ): Promise<Replied<OutputOf<Wire[K]>>> {
    const { effects } = this.#parts.context;
    const untilMs = effects.clock.monotonicMs() + asked.deadlineMs;
    const left = (): number => Math.max(1, untilMs - effects.clock.monotonicMs());
    const memory = this.#parts.memories.of(fingerprint);
    return atPaceOf({ effects, memory }, { path, untilMs }, async () => {
      try {
        return await this.#calls.reach(fingerprint, path, { ...asked, deadlineMs: left() });
      } catch (error) {
        if (!(error instanceof PeernetError) || error.code !== "peer_refused") throw error;
        // Throws again when there is no token to exchange.
        await this.exchange(fingerprint, left());
        const again = { ...asked, deadlineMs: left() };
        return await this.#calls.near(fingerprint, path, again);
      }
    });
  }
}
