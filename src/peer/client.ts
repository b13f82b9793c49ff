/**
 * Typed calls of the wire table to one paired machine, pinned to its certificate. Trusts a reply
 * only after its schema has validated it; sends no byte of a request to any other key.
 */

import { errorTable, isErrorCode, PeernetError } from "../contract/errors.ts";
import { attemptsMax, callsPerPeerMax, handshakesMax } from "../contract/limits.ts";
import type { InputOf, OutputOf } from "../contract/operation/operation.ts";
import { ToldBytes, ToldRefs } from "../contract/reads/told.ts";
import { Names } from "../contract/terms.ts";
import { retryAfterOf, tooFast } from "../contract/wire/too-fast.ts";
import { type Wire, wire } from "../contract/wire.ts";
import type { Timers } from "../platform/effects.ts";
import {
  type Body,
  type Called,
  type CallOptions,
  type Exporter,
  isWithheld,
} from "./call-over.ts";
import { gate } from "./gate.ts";
import type { Identity } from "./identity.ts";
import { type Pinned, pinned, type Sent } from "./pinned.ts";
import { isCut, isPinFailure, type PeerAddress } from "./pinned-socket.ts";

/** A validated reply, and its original bytes. */
export interface Reply<O> {
  readonly output: O;
  readonly bytes: Uint8Array;
}

/** The input of a call; a function makes it for each attempt, right before it leaves. */
export type Input<I> = I | ((exporter: Exporter) => I);

/** Calls to one peer. */
export interface PeerClient {
  /**
   * Calls a row. @throws {peer_unreachable} {peer_timeout} {peer_refused} {fingerprint_mismatch}
   * {version_unsupported}, the code of the peer's answer when its row allows that, or an
   * error as in `isWithheld`
   */
  call<K extends keyof Wire>(
    path: K,
    input: Input<InputOf<Wire[K]>>,
    options: CallBounds,
  ): Promise<Reply<OutputOf<Wire[K]>>>;
  /** Aborts the present calls and closes the connections. */
  close(): void;
}

/** The way and the limits of a call. */
export interface CallBounds {
  /** The address to dial, or connections that the peer made for calls of it. */
  readonly way: PeerAddress | Carrier;
  readonly token: string;
  readonly deadlineMs: number;
  /** Asked right before the first byte of each attempt leaves; none leaves where it is false. */
  readonly mayLeave?: (() => boolean) | undefined;
}

/** Connections that a peer made, its key proven on each. */
export interface Carrier {
  /** Calls over one of them, or over several in turn. @throws Error when none replies */
  readonly carry: (sent: Sent, options: CallOptions) => Promise<Called>;
}

/** The peer that a client is pinned to. */
export interface PeerClientOptions {
  readonly identity: Identity;
  readonly peer: {
    readonly name: string;
    readonly fingerprint: string;
    readonly certificate: string;
  };
  readonly timers: Timers;
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
}

/** A client for one peer; connects when first used. */
export function peerClient(options: PeerClientOptions): PeerClient {
  const connections = pinned(options);
  const ended = new AbortController();
  // Each call holds a connection, and the peer allows only so many.
  const places = gate(callsPerPeerMax);
  const call: PeerClient["call"] = async (path, input, bounds) => {
    const deadline = new AbortController();
    const cancel = options.timers.after(bounds.deadlineMs, () => deadline.abort());
    const signal = AbortSignal.any([deadline.signal, ended.signal]);
    try {
      await places.enter(signal);
      try {
        const { status, bytes } = await sendAgain(connections, { path, input, bounds, signal });
        return { output: outputOf(path, status, bytes), bytes };
      } finally {
        places.leave();
      }
    } catch (error) {
      throw namedError(error, options.peer.name, deadline.signal.aborted);
    } finally {
      cancel();
    }
  };
  const close = (): void => {
    ended.abort();
    connections.close();
  };
  return { call, close };
}

interface Sending {
  readonly path: string;
  readonly input: unknown;
  readonly bounds: CallBounds;
  readonly signal: AbortSignal;
}

/**
 * Sends a request, and repeats it once if it fails before a reply: a kept connection may have died
 * unseen. A connection that the peer closed may only mean that it is full: then it is repeated a
 * few more times.
 */
async function sendAgain(connections: Pinned, sending: Sending): Promise<Called> {
  const { path, input, bounds, signal } = sending;
  const body: Body = (exporter) =>
    JSON.stringify(typeof input === "function" ? input(exporter) : input);
  const sent = { path, body };
  const options = { token: bounds.token, signal, mayLeave: bounds.mayLeave };
  if ("carry" in bounds.way) return bounds.way.carry(sent, options);
  for (let time = 1; ; time += 1) {
    try {
      return await connections.call(bounds.way, sent, options);
    } catch (error) {
      if (signal.aborted || isPinFailure(error) || isUnsent(error)) throw error;
      if (time > 1 && (!isCut(error) || time >= handshakesMax)) throw error;
    }
  }
}

/** True for a request of which no byte left, since its content may not leave any more. */
const isUnsent = (error: unknown): boolean => isWithheld(error) || error instanceof PeernetError;

function outputOf<K extends keyof Wire>(
  path: K,
  status: number,
  bytes: Uint8Array,
): OutputOf<Wire[K]> {
  const reply: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  if (status !== 200) throw refusalOf(path, reply, status);
  const parsed = wire[path].output.safeParse(reply);
  if (!parsed.success) {
    throw new PeernetError("version_unsupported", {
      message: "the peer's reply does not fit this version",
    });
  }
  // The row's own schema parsed it; the compiler cannot follow K through the table.
  return parsed.data as OutputOf<Wire[K]>;
}

/**
 * A refusal in our own words: only the peer's code and bounded details are used. An unknown code
 * comes from a later version; a reply without a code comes from another program.
 */
export function refusalOf(path: keyof Wire, reply: unknown, status: number): PeernetError {
  const error =
    typeof reply === "object" && reply !== null && "error" in reply ? reply.error : undefined;
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : null;
  if (!isErrorCode(code)) {
    const isOther = typeof code !== "string";
    return new PeernetError(isOther ? "peer_unreachable" : "version_unsupported", {
      message: isOther
        ? `no peernet answers there: HTTP ${status}`
        : "the peer refused for a reason that this version does not know",
      details: { status },
    });
  }
  const allowed: readonly string[] = wire[path].errors;
  if (code === "unauthenticated" && allowed.includes(code)) return new PeernetError("peer_refused");
  if (!allowed.includes(code)) {
    return new PeernetError("internal", {
      message: `the peer failed: ${errorTable[code].message}`,
      hint: "look at its daemon.log",
    });
  }
  const details =
    typeof error === "object" && error !== null && "details" in error ? error.details : undefined;
  if (code === "rate_limited") return tooFast(retryAfterOf(details));
  return new PeernetError(code, { details: believed(details) });
}

/** The known details, each checked for shape and size. */
function believed(details: unknown): Readonly<Record<string, unknown>> {
  const told: Readonly<Record<string, unknown>> = Object(details);
  const live = Names.safeParse(told.live);
  const repositories = Names.safeParse(told.repositories);
  const refs = ToldRefs.safeParse(told.refs);
  const bytes = ToldBytes.safeParse(told.bytes);
  const attempts = told.attempts_left;
  return {
    ...(told.paused === true ? { paused: true } : {}),
    ...(live.success ? { live: live.data } : {}),
    ...(repositories.success ? { repositories: repositories.data } : {}),
    ...(refs.success ? { refs: refs.data } : {}),
    ...(bytes.success ? { bytes: bytes.data } : {}),
    ...(typeof attempts === "number" && attempts >= 0 && attempts <= attemptsMax
      ? { attempts_left: attempts }
      : {}),
  };
}

function namedError(error: unknown, name: string, timedOut: boolean): Error {
  if (error instanceof PeernetError || isWithheld(error)) return error;
  if (timedOut) {
    return new PeernetError("peer_timeout", { message: `${name} did not answer in time` });
  }
  if (isPinFailure(error)) {
    return new PeernetError("fingerprint_mismatch", {
      message: `another machine answers at ${name}'s address`,
      hint: `peernet peers show ${name}`,
    });
  }
  return new PeernetError("peer_unreachable", { message: `${name} cannot be reached` });
}
