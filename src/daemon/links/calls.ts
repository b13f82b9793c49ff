/**
 * Calls one row of a peer: where it was, or where its fingerprint is proven now. Remembers how each
 * dial went; judges no answer.
 */

import { PeernetError } from "../../contract/errors.ts";
import { lookElsewhereMs, probeMs, tryAgainMs } from "../../contract/limits.ts";
import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import type { Wire } from "../../contract/wire.ts";
import type { Reply } from "../../peer/client.ts";
import { instantOf } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Context } from "../context/context.ts";
import type { PeerMemories } from "../peers/memories.ts";
import type { Whereabouts } from "../peers/memory.ts";
import type { Finder } from "./finder.ts";

/** How long a call may take. */
export interface Waiting {
  readonly deadlineMs: number;
  /** Whether a person waits for it: then a peer that is not there is tried to the end. */
  readonly isAwaited?: boolean;
}

/** What a row is called with. */
export interface Asked<K extends keyof Wire> extends Waiting {
  /** Made for each attempt: what it tells may be over, or forbidden, by the next one. */
  readonly input: () => InputOf<Wire[K]>;
}

/** A peer that can be dialled. */
export type DialablePeer = PeerRow & { readonly host: string; readonly port: number };

/** What calling peers needs of the daemon. */
export interface PeerCallParts {
  readonly context: Context;
  readonly memories: PeerMemories;
  readonly finder: Finder;
}

/** Calls to every peer. */
export class PeerCalls {
  readonly #parts: PeerCallParts;

  constructor(parts: PeerCallParts) {
    this.#parts = parts;
  }

  /**
   * A peer that has an address and a token.
   * @throws {peer_unknown} {peer_unreachable} {peer_refused}
   */
  dialable(fingerprint: string): DialablePeer {
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

  /**
   * Calls a peer where it was; where it is not, or is slow to answer, it is looked for by its
   * fingerprint, and called where that was proven. A row that both places answer is idempotent.
   */
  async reach<K extends keyof Wire>(
    fingerprint: string,
    path: K,
    asked: Asked<K>,
  ): Promise<Reply<OutputOf<Wire[K]>>> {
    const { clock, timers } = this.#parts.context.effects;
    const untilMs = clock.monotonicMs() + asked.deadlineMs;
    const direct = this.direct(this.dialable(fingerprint), path, asked);
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
      const peer = this.dialable(fingerprint);
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
        return await this.direct({ ...peer, ...moved }, path, attempt);
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

  /** Calls a peer at one address, and notes how that went. */
  async direct<K extends keyof Wire>(
    peer: DialablePeer,
    path: K,
    { input, deadlineMs }: Asked<K>,
  ): Promise<Reply<OutputOf<Wire[K]>>> {
    const { context, memories } = this.#parts;
    const address = { host: peer.host, port: peer.port };
    const bounds = { address, token: peer.bearer ?? "", deadlineMs };
    const memory = memories.of(peer.fingerprint);
    const { clock } = context.effects;
    const startedMs = clock.monotonicMs();
    try {
      const reply = await memories.client(peer).call(path, input(), bounds);
      memory.reached({ bootMs: clock.bootMs(), tookMs: clock.monotonicMs() - startedMs });
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
    const { effects, events } = this.#parts.context;
    this.#parts.memories.of(fingerprint).unreached(error, effects.clock.bootMs());
    events.tell({ of: "memory" });
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
