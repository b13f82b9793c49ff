/**
 * One TLS connection to a paired machine, pinned to its certificate. No byte of ours goes to any
 * other key.
 */

import { connect, type TLSSocket } from "node:tls";
import { fingerprintOf } from "./certificate.ts";
import type { Identity } from "./identity.ts";

/** A connection whose other end has proven the pinned key. */
export type PinnedSocket = TLSSocket;

/** The address of a peer; read again for each request. */
export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

/** The pinned key, and the one to present. */
export interface Pin {
  readonly identity: Identity;
  readonly peer: { readonly fingerprint: string; readonly certificate: string };
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
}

/** One dial. */
export interface Dialling {
  readonly address: PeerAddress;
  /** Ends the handshake. */
  readonly signal: AbortSignal;
  /** The only protocol to offer by ALPN; none is offered unless given. */
  readonly protocol?: string;
}

const pinMismatch = "PEERNET_PIN";

/** Performs the handshake with the pinned machine. @throws Error */
export function pinnedSocket(
  { identity, peer, sha256 }: Pin,
  { address: { host, port }, signal, protocol }: Dialling,
): Promise<PinnedSocket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connect({
      host,
      port,
      cert: identity.certificate,
      key: identity.key,
      minVersion: "TLSv1.3",
      // Only this certificate, and it must be the leaf: an issuer could mint any other.
      ca: peer.certificate,
      rejectUnauthorized: true,
      // An address is not the machine's name, so no name is sent.
      servername: "",
      ...(protocol === undefined ? {} : { ALPNProtocols: [protocol] }),
      checkServerIdentity: (_host, certificate) =>
        fingerprintOf(certificate.raw, sha256) === peer.fingerprint
          ? undefined
          : Object.assign(new Error("another key"), { code: pinMismatch }),
    });
    const abort = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    signal.addEventListener("abort", abort, { once: true });
    socket.once("secureConnect", () => {
      signal.removeEventListener("abort", abort);
      resolve(socket);
    });
    // Stays for the connection's full life: an error after the handshake must not be thrown.
    socket.on("error", reject);
    socket.once("close", () => {
      signal.removeEventListener("abort", abort);
      reject(cut());
    });
  });
}

/** The error of a connection that the other end closed instead of replying. */
export const cut = (): Error =>
  Object.assign(new Error("it closed the connection"), { code: "ECONNRESET" });

/** True when the other end closed the connection instead of replying. */
export const isCut = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ECONNRESET";

/** True when the other end proved another key than the pinned one. */
export const isPinFailure = (error: unknown): boolean =>
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
