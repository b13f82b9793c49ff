/**
 * Calls over reverse connections: those that a peer made because this machine cannot dial it. Each
 * carries one call at a time. Knows no operation, and trusts no reply.
 */

import type { TLSSocket } from "node:tls";
import { PeernetError } from "../../contract/errors.ts";
import { reverseHelloMs } from "../../contract/limits/reverse.ts";
import { lookElsewhereMs, requestDeadlineMs } from "../../contract/limits.ts";
import { isPrompt } from "../../contract/wire/reverse.ts";
import { type Called, type CallsOver, callOver, isWithheld } from "../../peer/call-over.ts";
import type { Carrier } from "../../peer/client.ts";
import { firstOf } from "../../peer/first-of.ts";
import type { Clock, Timers } from "../../platform/effects.ts";

/** Dependencies of the calls. */
export interface ReverseCallsParts {
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly timers: Timers;
  /** Called with a peer's present number of connections, whenever it changes. */
  readonly onChange: (fingerprint: string, connections: number) => void;
}

/** One connection. */
interface Line {
  readonly calls: CallsOver;
  /** The path of the present call; null while there is none. */
  path: string | null;
  /** Its place in the order of use: the least recently used one is taken. */
  used: number;
  helloAtMs: number;
}

/** The connections of one peer, and the calls that wait for one of them. */
interface Lines {
  readonly lines: Set<Line>;
  readonly waiting: Set<() => void>;
}

/** A connection whose own hello is due. */
export interface DueLine {
  readonly fingerprint: string;
  /** Calls over this very connection. */
  readonly carrier: Carrier;
}

/** The calls over the connections of every peer. */
export class ReverseCalls {
  readonly #parts: ReverseCallsParts;
  readonly #peers = new Map<string, Lines>();
  #uses = 0;
  #isOver = false;

  constructor(parts: ReverseCallsParts) {
    this.#parts = parts;
  }

  /** Takes a connection whose proven key is that peer's. */
  take(fingerprint: string, socket: TLSSocket): void {
    const peer = this.#peers.get(fingerprint) ?? { lines: new Set(), waiting: new Set() };
    this.#peers.set(fingerprint, peer);
    const calls = callOver(socket);
    // Its own hello is due at once: the peer has not answered on it yet.
    peer.lines.add({ calls, path: null, used: 0, helloAtMs: Number.NEGATIVE_INFINITY });
    socket.once("close", () => this.#drop(fingerprint, calls));
    this.#changed(fingerprint);
  }

  /** Tells of no other change: the daemon ends. */
  close(): void {
    this.#isOver = true;
  }

  /** The number of a peer's connections. */
  countOf(fingerprint: string): number {
    return this.#peers.get(fingerprint)?.lines.size ?? 0;
  }

  /** Calls over the connections of a peer; null when it has none. */
  carrier(fingerprint: string): Carrier | null {
    return this.countOf(fingerprint) === 0
      ? null
      : { carry: (sent, options) => this.#carry(fingerprint, sent, options) };
  }

  /** The connections whose own hello is due; each is given out once. */
  dueForHello(): readonly DueLine[] {
    const nowMs = this.#parts.clock.monotonicMs();
    return [...this.#peers].flatMap(([fingerprint, { lines }]) => {
      const due = [...lines].filter(({ helloAtMs }) => nowMs - helloAtMs >= reverseHelloMs);
      return due.map((line) => {
        line.helloAtMs = nowMs;
        const tried = (): Set<Line> => new Set([...lines].filter((other) => other !== line));
        const carry: Carrier["carry"] = async (sent, options) => {
          const wanted = { path: sent.path, tried: tried(), signal: options.signal };
          const own = await this.#free(fingerprint, wanted);
          return this.#over(fingerprint, own, [sent, options]);
        };
        return { fingerprint, carrier: { carry } };
      });
    });
  }

  /** Milliseconds until a connection's own hello is due. */
  dueInMs(nowMs: number): number {
    const all = [...this.#peers.values()].flatMap(({ lines }) => [...lines]);
    return Math.min(...all.map(({ helloAtMs }) => helloAtMs + reverseHelloMs - nowMs));
  }

  /** Calls over the least recently used connection, and over another when that fails or is slow. */
  #carry(fingerprint: string, ...sending: Sending): Promise<Called> {
    const [{ path }, { signal }] = sending;
    const tried = new Set<Line>();
    const next = (): Promise<Called> | null => {
      const { lines = new Set<Line>() } = this.#peers.get(fingerprint) ?? {};
      if (signal.aborted || [...lines].every((line) => tried.has(line))) return null;
      const free = this.#free(fingerprint, { path, tried, signal });
      return free.then((line) => this.#over(fingerprint, line, sending));
    };
    const { timers } = this.#parts;
    const isFinal = (error: unknown): boolean =>
      signal.aborted || isWithheld(error) || error instanceof PeernetError;
    return firstOf({ next, isFinal, none: lost, slowMs: lookElsewhereMs, timers });
  }

  /** Waits for a connection that was not tried, and takes it. @throws Error when none is left */
  async #free(fingerprint: string, { path, tried, signal }: Wanted): Promise<Line> {
    for (;;) {
      signal.throwIfAborted();
      const peer = this.#peers.get(fingerprint);
      const untried = [...(peer?.lines ?? [])].filter((line) => !tried.has(line));
      if (peer === undefined || untried.length === 0) throw lost();
      const free = untried.filter((line) => line.path === null && line.calls.isOpen());
      const [line] = free.sort((one, other) => one.used - other.used);
      if (line !== undefined && mayTake(path, peer.lines)) {
        // At once: another call may wait for the same one.
        line.path = path;
        tried.add(line);
        return line;
      }
      await this.#changeOf(peer, signal);
    }
  }

  /** Resolves when a call over a connection of that peer ends, or one comes or goes. */
  #changeOf(peer: Lines, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        peer.waiting.delete(go);
        signal.removeEventListener("abort", go);
        resolve();
      };
      peer.waiting.add(go);
      signal.addEventListener("abort", go, { once: true });
    });
  }

  async #over(fingerprint: string, line: Line, [sent, options]: Sending): Promise<Called> {
    this.#uses += 1;
    line.used = this.#uses;
    line.path = sent.path;
    // Another connection may answer first; then the caller waits for this reply no more.
    const deadline = new AbortController();
    const cancel = this.#parts.timers.after(requestDeadlineMs, () => deadline.abort());
    const signal = AbortSignal.any([deadline.signal, options.signal]);
    try {
      return await line.calls.call(sent.path, sent.body, { ...options, signal });
    } finally {
      cancel();
      line.path = null;
      this.#wake(fingerprint);
    }
  }

  #drop(fingerprint: string, calls: CallsOver): void {
    const { lines = new Set<Line>() } = this.#peers.get(fingerprint) ?? {};
    for (const line of lines) if (line.calls === calls) lines.delete(line);
    this.#changed(fingerprint);
  }

  #changed(fingerprint: string): void {
    this.#wake(fingerprint);
    const connections = this.countOf(fingerprint);
    if (connections === 0) this.#peers.delete(fingerprint);
    if (!this.#isOver) this.#parts.onChange(fingerprint, connections);
  }

  #wake(fingerprint: string): void {
    for (const go of [...(this.#peers.get(fingerprint)?.waiting ?? [])]) go();
  }
}

type Sending = Parameters<Carrier["carry"]>;

interface Wanted {
  readonly path: string;
  readonly tried: Set<Line>;
  readonly signal: AbortSignal;
}

/** True unless such calls would take every connection from asks, hellos and waits. */
function mayTake(path: string, lines: ReadonlySet<Line>): boolean {
  if (isPrompt(path)) return true;
  const others = [...lines].filter((line) => line.path !== null && !isPrompt(line.path)).length;
  return others < Math.max(1, lines.size - 1);
}

const lost = (): Error => new Error("it closed its connections");
