/**
 * Typed calls of the wire table to one paired machine, pinned to its certificate. Trusts a reply
 * only after its schema has validated it; sends no byte of a request to any other key.
 */

import { errorTable, isErrorCode, PeernetError } from "../contract/errors.ts";
import { attemptsMax, bodyBytesMax, callsPerPeerMax, handshakesMax } from "../contract/limits.ts";
import type { InputOf, OutputOf } from "../contract/operation/operation.ts";
import { Names } from "../contract/terms.ts";
import { formatAddress } from "../contract/text/address.ts";
import { type Wire, wire } from "../contract/wire.ts";
import type { Timers } from "../platform/effects.ts";
import { fingerprintOf } from "./certificate.ts";
import { gate } from "./gate.ts";
import type { Identity } from "./identity.ts";

/** A validated reply, and its original bytes. */
export interface Reply<O> {
  readonly output: O;
  readonly bytes: Uint8Array;
}

/** The address of a peer; read again for each request. */
export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

/** Calls to one peer. */
export interface PeerClient {
  /**
   * Calls a row. @throws {peer_unreachable} {peer_timeout} {peer_refused} {fingerprint_mismatch}
   * {version_unsupported}, or the code of the peer's answer when its row allows that
   */
  call<K extends keyof Wire>(
    path: K,
    input: InputOf<Wire[K]>,
    options: CallBounds,
  ): Promise<Reply<OutputOf<Wire[K]>>>;
  /** Aborts the present calls and closes the connections. */
  close(): void;
}

/** The limits of a call. */
export interface CallBounds {
  readonly address: PeerAddress;
  readonly token: string;
  readonly deadlineMs: number;
}

/** The peer that a client is pinned to. */
export interface PeerClientOptions {
  readonly identity: Identity;
  readonly peer: { readonly name: string; readonly fingerprint: string; certificate: string };
  readonly timers: Timers;
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
}

/** A client for one peer; connects when first used. */
export function peerClient(options: PeerClientOptions): PeerClient {
  const session = pinnedSession(options);
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
        const response = await sendAgain(session, { path, input, bounds, signal });
        const bytes = await readCapped(response);
        return { output: outputOf(path, response.status, bytes), bytes };
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
    session.close();
  };
  return { call, close };
}

const pinMismatch = "PEERNET_PIN";
/** TLS 1.3 by its number on the wire (RFC 8446, 4.2.1). */
const tls13 = 0x0304;

function pinnedSession({ identity, peer, sha256 }: PeerClientOptions): Bun.FetchSession {
  const tls = {
    cert: identity.certificate,
    key: identity.key,
    minVersion: tls13,
    // Only this certificate, and it must be the leaf: an issuer could mint any other.
    ca: peer.certificate,
    rejectUnauthorized: true,
    checkServerIdentity: (_host: string, certificate: { readonly raw: Uint8Array }) =>
      fingerprintOf(certificate.raw, sha256) === peer.fingerprint
        ? undefined
        : Object.assign(new Error("another key"), { code: pinMismatch }),
  };
  return new Bun.FetchSession({ proxy: false, tls });
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
async function sendAgain(session: Bun.FetchSession, sending: Sending): Promise<Response> {
  for (let time = 1; ; time += 1) {
    try {
      return await send(session, sending);
    } catch (error) {
      if (sending.signal.aborted || isPinFailure(error)) throw error;
      if (time > 1 && (!isCut(error) || time >= handshakesMax)) throw error;
    }
  }
}

const isCut = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ECONNRESET";

function send(
  session: Bun.FetchSession,
  { path, input, bounds, signal }: Sending,
): Promise<Response> {
  const { host, port } = bounds.address;
  return session.fetch(`https://${formatAddress(host, port)}/v1/${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${bounds.token}`,
      "accept-encoding": "identity",
    },
    body: JSON.stringify(input),
    redirect: "error",
    decompress: false,
    signal,
  });
}

/**
 * Reads a reply up to the limit, without decoding: an encoding could expand a few bytes into many.
 */
async function readCapped(response: Response): Promise<Uint8Array> {
  if (response.headers.has("content-encoding")) throw new TypeError("the reply is encoded");
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > bodyBytesMax) throw new RangeError("the reply is over the cap");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

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
  return new PeernetError(code, { details: believed(details) });
}

/** The known details, each checked for shape and size. */
function believed(details: unknown): Readonly<Record<string, unknown>> {
  const told: Readonly<Record<string, unknown>> = Object(details);
  const live = Names.safeParse(told.live);
  const attempts = told.attempts_left;
  return {
    ...(live.success ? { live: live.data } : {}),
    ...(typeof attempts === "number" && attempts >= 0 && attempts <= attemptsMax
      ? { attempts_left: attempts }
      : {}),
  };
}

const isPinFailure = (error: unknown): boolean =>
  error instanceof Error && "code" in error && pinCodes.has(String(error.code));

/** The TLS stack's error codes for another certificate than the pinned one. */
const pinCodes: ReadonlySet<string> = new Set([
  pinMismatch,
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_SIGNATURE_FAILURE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

function namedError(error: unknown, name: string, timedOut: boolean): PeernetError {
  if (error instanceof PeernetError) return error;
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
