/**
 * Calls one row of a peer, at its known address or where its fingerprint is proven now. Remembers
 * each dial's outcome; judges no answer.
 */

import { PeernetError } from "../../contract/errors.ts";
import { lookElsewhereMs, probeMs, tryAgainMs } from "../../contract/limits.ts";
import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import type { Wire } from "../../contract/wire.ts";
import type { Exporter } from "../../peer/call-over.ts";
import type { CallBounds, Carrier, Reply } from "../../peer/client.ts";
import { firstOf } from "../../peer/first-of.ts";
import { instantOf } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Context } from "../context/context.ts";
import type { ReverseCalls } from "../network/reverse-calls.ts";
import type { PeerMemories } from "../peers/memories.ts";
import type { Whereabouts } from "../peers/memory.ts";
import type { Finder } from "./finder.ts";

/** The time limit of a call. */
export interface Waiting {
  readonly deadlineMs: number;
  /** True when a person waits for it: an absent peer is then tried until the deadline. */
  readonly isAwaited?: boolean;
  /** Asked right before the first byte of each attempt leaves; none leaves where it is false. */
  readonly mayLeave?: () => boolean;
}

/** The input of a call, and its time limit. */
export interface Asked<K extends keyof Wire> extends Waiting {
  /** Made as each attempt leaves: before, its content may become outdated or forbidden. */
  readonly input: (exporter: Exporter) => InputOf<Wire[K]>;
}

/** A peer that can be called: there is a token for it. */
export type CallablePeer = PeerRow & { readonly bearer: string };

/** A peer that can be dialled. */
export type DialablePeer = CallablePeer & { readonly host: string; readonly port: number };

/** A reply, and the machine that dialled its connection if it was a reverse one. */
export type Replied<O> = Reply<O> & { readonly reverse?: "theirs" };

/** Dependencies of calling peers. */
export interface PeerCallParts {
  readonly context: Context;
  readonly memories: PeerMemories;
  readonly finder: Finder;
  /** Connections that peers made for calls of them. */
  readonly reverse: Pick<ReverseCalls, "carrier">;
}

/** Calls to every peer. */
export class PeerCalls {
  readonly #parts: PeerCallParts;

  constructor(parts: PeerCallParts) {
    this.#parts = parts;
  }

  /** A peer that has a token. @throws {peer_unknown} {peer_unreachable} {peer_refused} */
  callable(fingerprint: string): CallablePeer {
    const peer = this.#parts.context.tables.peers.get(fingerprint);
    if (peer === null) throw new PeernetError("peer_unknown");
    const { bearer } = peer;
    // Its proven key refused this machine: before a new pairing no attempt can succeed.
    if (peer.refused && bearer === null) throw new PeernetError("peer_refused");
    // A machine that met this one calls first: until then it may not know this one's token.
    const isSilent = peer.exchanged && !peer.acknowledged;
    if (bearer === null || isSilent) throw unheard(peer);
    return { ...peer, bearer };
  }

  /**
   * A peer that has an address and a token.
   * @throws {peer_unknown} {peer_unreachable} {peer_refused}
   */
  dialable(fingerprint: string): DialablePeer {
    const peer = this.callable(fingerprint);
    const { host, port } = peer;
    if (host === null || port === null) throw unheard(peer);
    return { ...peer, host, port };
  }

  /**
   * Calls a peer over the connections that it made, or at its known address. A failed or slow call
   * is made by dialling too. A row that both ways answer is idempotent.
   */
  async near<K extends keyof Wire>(
    fingerprint: string,
    path: K,
    asked: Asked<K>,
  ): Promise<Replied<OutputOf<Wire[K]>>> {
    const { timers } = this.#parts.context.effects;
    const carrier = this.#parts.reverse.carrier(fingerprint);
    const direct = async () => this.direct(this.dialable(fingerprint), path, asked);
    if (carrier === null) return direct();
    const ways = [() => this.carried(fingerprint, carrier, { path, ...asked }), direct];
    const next = (): Promise<Replied<OutputOf<Wire[K]>>> | null => ways.shift()?.() ?? null;
    const isFinal = (error: unknown): boolean => !isUnreached(error);
    const none = (): PeernetError => new PeernetError("peer_unreachable");
    return firstOf({ next, isFinal, none, slowMs: lookElsewhereMs, timers });
  }

  /**
   * Calls a peer nearby. When it is absent or slow there, it is looked up by its fingerprint, and
   * called where that was proven.
   */
  async reach<K extends keyof Wire>(
    fingerprint: string,
    path: K,
    asked: Asked<K>,
  ): Promise<Replied<OutputOf<Wire[K]>>> {
    const { clock, timers } = this.#parts.context.effects;
    const untilMs = clock.monotonicMs() + asked.deadlineMs;
    const near = this.near(fingerprint, path, asked);
    const slow = Promise.withResolvers<true>();
    const cancel = timers.after(lookElsewhereMs, () => slow.resolve(true));
    // Its outcome is awaited below, whichever comes first.
    const failed = near.then(
      () => false,
      (error: unknown) => isUnreached(error),
    );
    const isElsewhere = await Promise.race([failed, slow.promise]);
    cancel();
    if (!isElsewhere) return near;
    const elsewhere = this.#elsewhere(fingerprint, path, { ...asked, untilMs });
    // The first reply counts, even when it is a refusal.
    const here = near.catch((error: unknown) =>
      isUnreached(error) ? null : Promise.reject(error),
    );
    const there = elsewhere.catch((error: unknown) =>
      isUnreached(error) ? null : Promise.reject(error),
    );
    const first = await Promise.race([here, there]);
    return first ?? (await here) ?? (await there) ?? near;
  }

  /**
   * Looks for a peer and calls it there; for a person it repeats the search until the deadline. By
   * then the peer may have dialled this machine.
   */
  async #elsewhere<K extends keyof Wire>(
    fingerprint: string,
    path: K,
    asked: Asked<K> & { readonly untilMs: number },
  ): Promise<Replied<OutputOf<Wire[K]>>> {
    const { clock, timers } = this.#parts.context.effects;
    for (let tried: unknown = null; ; ) {
      const peer = this.dialable(fingerprint);
      const { moved, searched } = await this.#locate(peer);
      const deadlineMs = asked.untilMs - clock.monotonicMs();
      const isOver = deadlineMs <= 0 || (moved === null && (!asked.isAwaited || !searched));
      if (isOver) throw tried ?? notFound(peer);
      try {
        // The known address is tried as well: the peer's daemon may only have restarted.
        const attempt = {
          ...asked,
          deadlineMs: Math.min(deadlineMs, moved ? deadlineMs : probeMs),
        };
        const carrier = tried === null ? null : this.#parts.reverse.carrier(fingerprint);
        if (carrier !== null) return await this.carried(fingerprint, carrier, { path, ...attempt });
        return await this.direct({ ...peer, ...moved }, path, attempt);
      } catch (error) {
        if (!isUnreached(error)) throw error;
        tried = error;
      }
      await new Promise<void>((resolve) => timers.after(tryAgainMs, resolve));
    }
  }

  /** A new address of a peer, stored and recorded; null when it has no other. */
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
      // Another call may have found it at the same time.
      if (row === null || (row.host === host && row.port === port)) return { value: undefined };
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

  /** Calls a peer at one address, and notes the outcome. */
  async direct<K extends keyof Wire>(
    peer: DialablePeer,
    path: K,
    asked: Asked<K>,
  ): Promise<Reply<OutputOf<Wire[K]>>> {
    const { host, port } = peer;
    try {
      const { reply, ...took } = await this.#timed(peer, path, { ...asked, way: { host, port } });
      this.#parts.memories.of(peer.fingerprint).reached(took);
      this.#parts.memories.rejections.accepted(peer.fingerprint);
      return reply;
    } catch (error) {
      this.#failed(peer, error);
      throw error;
    }
  }

  /** Calls a peer over connections that it made, and notes an answer. */
  async carried<K extends keyof Wire>(
    fingerprint: string,
    way: Carrier,
    { path, ...asked }: Asked<K> & { readonly path: K },
  ): Promise<Replied<OutputOf<Wire[K]>>> {
    const peer = this.callable(fingerprint);
    const { reply, ...took } = await this.#timed(peer, path, { ...asked, way });
    this.#parts.memories.of(fingerprint).carried(took);
    this.#parts.memories.rejections.accepted(fingerprint);
    return { ...reply, reverse: "theirs" };
  }

  async #timed<K extends keyof Wire>(
    peer: CallablePeer,
    path: K,
    { input, way, deadlineMs, mayLeave }: Asked<K> & Pick<CallBounds, "way">,
  ) {
    const { clock } = this.#parts.context.effects;
    const startedMs = clock.monotonicMs();
    const client = this.#parts.memories.client(peer);
    const bounds = { way, token: peer.bearer, deadlineMs, mayLeave };
    const reply = await client.call(path, input, bounds);
    return { reply, bootMs: clock.bootMs(), tookMs: clock.monotonicMs() - startedMs };
  }

  #failed({ fingerprint, host, port }: PeerRow, error: unknown): void {
    if (!isUnreached(error)) return;
    const row = this.#parts.context.tables.peers.get(fingerprint);
    // The peer was found elsewhere meanwhile: the silence here means nothing.
    if (row === null || row.host !== host || row.port !== port) return;
    const { effects, events } = this.#parts.context;
    const memory = this.#parts.memories.of(fingerprint);
    // A peer that answers over its own connections is not away.
    if (memory.link.reverse.theirs > 0) memory.undialled();
    else memory.unreached(error, effects.clock.bootMs());
    events.tell({ of: "memory" });
  }
}

const isUnreached = (error: unknown): boolean =>
  error instanceof PeernetError && unreached.has(error.code);

const unheard = ({ name }: PeerRow): PeernetError =>
  new PeernetError("peer_unreachable", {
    message: `${name} has not yet been heard of since the pairing`,
    hint: "pair again: peernet pair",
  });

const notFound = ({ name }: PeerRow): PeernetError =>
  new PeernetError("peer_unreachable", { message: `${name} was not found` });

/** Error codes for a peer that could not be dialled, as opposed to one that refused. */
const unreached: ReadonlySet<string> = new Set([
  "peer_unreachable",
  "peer_timeout",
  "fingerprint_mismatch",
]);
