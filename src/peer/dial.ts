/**
 * One raw TLS 1.3 connection to a machine that may not be a peer yet. Probing and pairing use it,
 * since their callers must see the certificate and the exporter of their own connection. Trusts no
 * reply; every reply is bounded and every step ends with the caller's signal.
 */

import { connect, type TLSSocket } from "node:tls";
import { PeernetError } from "../contract/errors.ts";
import { handshakesMax } from "../contract/limits.ts";
import type { Fingerprint } from "../contract/terms.ts";
import { formatAddress } from "../contract/text/address.ts";
import { type Called, callOver } from "./call-over.ts";
import { fingerprintOf, pemOf } from "./certificate.ts";
import type { Identity } from "./identity.ts";

/** A reply as received: none of it is trusted yet. */
export interface RawReply {
  readonly status: number;
  readonly body: unknown;
}

/** A connection to a machine known by the key it proved. */
export interface Dialled {
  readonly fingerprint: Fingerprint;
  /** PEM of the certificate whose key the machine proved. */
  readonly certificate: string;
  /** RFC 8446 exporter of this connection, 32 bytes. */
  exporter(label: string): Uint8Array;
  /** Posts JSON on this connection. @throws {peer_unreachable} {peer_timeout} */
  post(path: string, body: unknown, token?: string): Promise<RawReply>;
  /** True once the other end closed the connection instead of replying. */
  wasCut(): boolean;
  close(): void;
}

/** The machine to dial, and the identity to present. */
export interface DialOptions {
  readonly host: string;
  readonly port: number;
  /** Null presents no certificate: a probe does not reveal who asks. */
  readonly identity: Identity | null;
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  /** Ends the connection, at any step. */
  readonly signal: AbortSignal;
}

/** Connects. @throws {peer_unreachable} {peer_timeout} */
export async function dial(options: DialOptions): Promise<Dialled> {
  const socket = await handshake(options);
  const der = socket.getPeerCertificate().raw;
  if (!(der instanceof Uint8Array) || der.length === 0) {
    socket.destroy();
    throw unreachable(options, "it proved no certificate");
  }
  const calls = callOver(socket);
  return {
    fingerprint: fingerprintOf(der, options.sha256),
    certificate: pemOf(der),
    exporter: (label) => new Uint8Array(socket.exportKeyingMaterial(32, label, Buffer.alloc(0))),
    post: async (path, body, token) => {
      const { signal } = options;
      try {
        return read(await calls.call(path, JSON.stringify(body), { token: token ?? null, signal }));
      } catch (error) {
        if (signal.aborted) throw timedOut(options);
        throw unreachable(options, error instanceof Error ? error.message : "its reply is unread");
      }
    },
    wasCut: calls.wasCut,
    close: calls.close,
  };
}

function read({ status, bytes }: Called): RawReply {
  try {
    return { status, body: JSON.parse(new TextDecoder().decode(bytes)) };
  } catch {
    throw new TypeError("its reply could not be read");
  }
}

/** Performs the handshake, and repeats it when the other end closes some connections early. */
async function handshake(options: DialOptions): Promise<TLSSocket> {
  for (let time = 0; time < handshakesMax; time += 1) {
    const shaken = await handshakeOnce(options);
    if (shaken !== "cut") return shaken;
  }
  throw unreachable(options, "it closed the connection");
}

/** Performs one handshake; `cut` when the other end closed the connection meanwhile. */
function handshakeOnce(options: DialOptions): Promise<TLSSocket | "cut"> {
  const { host, port, identity, signal } = options;
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      minVersion: "TLSv1.3",
      // No authority vouches for a machine: the caller judges its key by the fingerprint.
      rejectUnauthorized: false,
      // An address is not the machine's name, so no name is sent.
      servername: "",
      ...(identity === null ? {} : { cert: identity.certificate, key: identity.key }),
    });
    const abort = (): void => {
      socket.destroy();
      reject(timedOut(options));
    };
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    socket.once("secureConnect", () => resolve(socket));
    // Stays for the connection's full life: an error after the handshake must not be thrown.
    socket.on("error", (error: Error) => {
      if ("code" in error && error.code === "ECONNRESET") resolve("cut");
      else reject(notConnected(options, error));
    });
    socket.once("close", () => {
      signal.removeEventListener("abort", abort);
      resolve("cut");
    });
  });
}

/** The refusal for a connection that the system could not make. */
function notConnected(options: DialOptions, error: Error): PeernetError {
  const code = "code" in error ? String(error.code) : "";
  if (unresolved.has(code)) {
    return new PeernetError("peer_unreachable", {
      message: `no network here knows an address of ${options.host}`,
      hint: "give the address that it shows there: peernet pair --open",
    });
  }
  return unreachable(options, failures[code] ?? "the connection failed");
}

/** Codes of the system for a name without an address. */
const unresolved: ReadonlySet<string> = new Set(["ENOTFOUND", "EAI_AGAIN", "ENODATA", "ENOENT"]);

/** The failures of a connection, by the system's code. */
const failures: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  EHOSTUNREACH: "no network leads there",
  ENETUNREACH: "no network leads there",
  ETIMEDOUT: "it did not answer",
};

const addressOf = ({ host, port }: DialOptions): string => formatAddress(host, port);

function unreachable(options: DialOptions, why: string): PeernetError {
  return new PeernetError("peer_unreachable", {
    message: `${addressOf(options)} cannot be reached: ${why}`,
    hint: "look there: peernet status",
  });
}

const timedOut = (options: DialOptions): PeernetError =>
  new PeernetError("peer_timeout", { message: `${addressOf(options)} did not answer in time` });
