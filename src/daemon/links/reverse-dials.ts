/**
 * Reverse connections that this machine dials and keeps: to each peer that cannot dial it, so that
 * the peer's calls have a way. Serves nothing itself, and judges no call.
 */

import { reverseConnectionsMax, reverseProbeMs } from "../../contract/limits/reverse.ts";
import {
  askDeadlineMs,
  helloPauseMaxMs,
  helloPauseMs,
  hellosAtOnceMax,
} from "../../contract/limits.ts";
import { reverseProtocol } from "../../contract/wire/reverse.ts";
import { cut, type PinnedSocket, pinnedSocket } from "../../peer/pinned-socket.ts";
import { type Instant, instantOf } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Context } from "../context/context.ts";
import { detach } from "../context/detached.ts";
import type { Connection } from "../network/connection.ts";
import type { PeerMemories } from "../peers/memories.ts";
import type { DialablePeer } from "./calls.ts";

/** Dependencies of the dials. */
export interface ReverseDialParts {
  readonly context: Context;
  readonly memories: PeerMemories;
  /** Serves a peer's calls on a connection that this machine dialled. */
  readonly serve: (socket: PinnedSocket) => Connection;
}

/** The connections to one peer. */
interface Kept {
  readonly sockets: Set<PinnedSocket>;
  /** The address at which they were dialled. */
  at: string;
  underWay: number;
  /** Consecutive connections that ended before a call came. */
  failures: number;
  /** The monotonic instant before which no other is dialled. */
  nextMs: number;
}

/** The facts by which a peer gets such connections. */
export type ReverseWanting = Pick<ReverseDialParts, "context" | "memories">;

/** A peer that takes such connections and cannot dial this machine; null for any other. */
export function wantsReverse(
  { context, memories }: ReverseWanting,
  fingerprint: string,
): DialablePeer | null {
  const { features, link } = memories.of(fingerprint);
  if (link.dialledBack !== false || !features.includes("reverse")) return null;
  const peer = context.tables.peers.get(fingerprint);
  if (peer === null || peer.refused) return null;
  const { host, port, bearer } = peer;
  if (host === null || port === null || bearer === null) return null;
  return { ...peer, host, port, bearer };
}

/** The dialled connections to every peer. */
export class ReverseDials {
  readonly #parts: ReverseDialParts;
  readonly #peers = new Map<string, Kept>();
  readonly #ended = new AbortController();

  constructor(parts: ReverseDialParts) {
    this.#parts = parts;
  }

  /** Dials where connections are missing; closes those that are no longer wanted. */
  sweep({ monotonicMs }: Instant): void {
    const { context } = this.#parts;
    for (const { fingerprint } of context.tables.peers.grants()) {
      const peer = this.#wanted(fingerprint);
      if (peer !== null) this.#fill(peer, monotonicMs);
    }
    for (const fingerprint of [...this.#peers.keys()]) {
      if (this.#wanted(fingerprint) === null) this.drop(fingerprint);
    }
  }

  /** Milliseconds until a missing connection is dialled. */
  dueInMs({ monotonicMs }: Instant): number {
    const missing = [...this.#peers.values()].filter(
      ({ sockets, underWay }) => sockets.size + underWay < reverseConnectionsMax,
    );
    return Math.min(...missing.map(({ nextMs }) => nextMs - monotonicMs));
  }

  /** Closes the connections to a peer. */
  drop(fingerprint: string): void {
    const kept = this.#peers.get(fingerprint);
    this.#peers.delete(fingerprint);
    for (const socket of kept?.sockets ?? []) socket.destroy();
  }

  /** Closes all connections, and dials again at once: this machine has moved. */
  hurry(): void {
    for (const fingerprint of [...this.#peers.keys()]) this.drop(fingerprint);
  }

  /** Closes all connections and ends the present dials. */
  close(): void {
    this.#ended.abort();
    this.hurry();
  }

  #wanted(fingerprint: string): DialablePeer | null {
    return wantsReverse(this.#parts, fingerprint);
  }

  #fill(peer: DialablePeer, nowMs: number): void {
    const { fingerprint } = peer;
    const at = `${peer.host} ${peer.port}`;
    // The connections to its former address would end by silence alone.
    if ((this.#peers.get(fingerprint)?.at ?? at) !== at) this.drop(fingerprint);
    const empty = { sockets: new Set<PinnedSocket>(), at, underWay: 0, failures: 0, nextMs: 0 };
    const kept = this.#peers.get(fingerprint) ?? empty;
    this.#peers.set(fingerprint, kept);
    // While it cannot be reached, the link's own hellos look for it.
    if (nowMs < kept.nextMs || this.#parts.memories.of(fingerprint).failures > 0) return;
    let free = hellosAtOnceMax - this.#underWay();
    while (kept.sockets.size + kept.underWay < reverseConnectionsMax && free > 0) {
      free -= 1;
      kept.underWay += 1;
      detach(this.#parts.context.effects.log, "a reverse connection", () => this.#dial(peer, kept));
    }
  }

  #underWay(): number {
    return [...this.#peers.values()].reduce((sum, { underWay }) => sum + underWay, 0);
  }

  async #dial(peer: DialablePeer, kept: Kept): Promise<void> {
    try {
      const socket = await this.#connected(peer);
      // Meanwhile the peer may have gone, moved or come within reach.
      const isCurrent = this.#peers.get(peer.fingerprint) === kept;
      if (isCurrent && this.#wanted(peer.fingerprint) !== null) this.#keep(peer, kept, socket);
      else socket.destroy();
    } catch {
      this.#failed(kept);
    } finally {
      kept.underWay -= 1;
      this.#parts.context.events.tell({ of: "memory" });
    }
  }

  /** Connects by the one protocol. @throws Error */
  async #connected(peer: DialablePeer): Promise<PinnedSocket> {
    const { identity, effects } = this.#parts.context;
    const deadline = new AbortController();
    const cancel = effects.timers.after(askDeadlineMs, () => deadline.abort());
    try {
      const socket = await pinnedSocket(
        { identity, peer, sha256: effects.sha256 },
        {
          address: { host: peer.host, port: peer.port },
          signal: AbortSignal.any([deadline.signal, this.#ended.signal]),
          protocol: reverseProtocol,
        },
      );
      if (socket.alpnProtocol === reverseProtocol) return socket;
      socket.destroy();
      throw cut();
    } finally {
      cancel();
    }
  }

  #keep({ fingerprint }: PeerRow, kept: Kept, socket: PinnedSocket): void {
    // An address translation between the machines forgets silent connections without a word.
    socket.setKeepAlive(true, reverseProbeMs);
    const connection = this.#parts.serve(socket);
    kept.sockets.add(socket);
    this.#count(fingerprint, kept);
    socket.once("close", () => {
      kept.sockets.delete(socket);
      if (connection.requests > 0) kept.failures = 0;
      else this.#failed(kept);
      this.#count(fingerprint, kept);
    });
  }

  #failed(kept: Kept): void {
    kept.failures += 1;
    const pauseMs = helloPauseMs * 2 ** Math.min(kept.failures - 1, 10);
    const { monotonicMs } = instantOf(this.#parts.context.effects.clock);
    kept.nextMs = monotonicMs + Math.min(helloPauseMaxMs, pauseMs);
  }

  #count(fingerprint: string, { sockets }: Kept): void {
    const { context, memories } = this.#parts;
    // At the end of a daemon its store closes before the last connection does.
    if (this.#ended.signal.aborted || context.tables.peers.get(fingerprint) === null) return;
    memories.of(fingerprint).reversed("ours", sockets.size);
    context.events.tell({ of: "memory" });
  }
}
