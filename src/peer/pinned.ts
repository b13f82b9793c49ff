/**
 * Connections to one paired machine, pinned to its certificate and kept while they last. Sends no
 * byte of a request to any other key; trusts nothing in a reply.
 */

import { connect, type TLSSocket } from "node:tls";
import {
  type Called,
  type CallOptions,
  type CallsOver,
  callOver,
  isWithheld,
} from "./call-over.ts";
import { fingerprintOf } from "./certificate.ts";
import type { Identity } from "./identity.ts";

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

/** Connections to one machine. */
export interface Pinned {
  /** Calls on a kept connection, or on a new one. @throws Error, for a cut one as in `isCut` */
  call(address: PeerAddress, sent: Sent, options: CallOptions): Promise<Called>;
  /** Closes kept connections. Present calls end by their signal. */
  close(): void;
}

/** The path and the JSON of a call. */
export interface Sent {
  readonly path: string;
  readonly body: string;
}

/** Makes connections on demand. */
export function pinned(pin: Pin): Pinned {
  let kept: { readonly at: string; readonly calls: CallsOver }[] = [];
  let isClosed = false;
  const close = (): void => {
    for (const { calls } of kept) calls.close();
    kept = [];
  };
  const taken = (at: string): CallsOver | undefined => {
    kept = kept.filter(({ calls }) => calls.isOpen());
    const index = kept.findLastIndex((each) => each.at === at);
    return index < 0 ? undefined : kept.splice(index, 1)[0]?.calls;
  };
  const call: Pinned["call"] = async (address, { path, body }, options) => {
    const at = `${address.host} ${address.port}`;
    const calls = taken(at) ?? callOver(await pinnedSocket(pin, address, options.signal));
    try {
      const called = await calls.call(path, body, options);
      if (isClosed) calls.close();
      else if (calls.isOpen()) kept.push({ at, calls });
      return called;
    } catch (error) {
      if (isWithheld(error) && !isClosed) kept.push({ at, calls });
      if (isWithheld(error)) throw error;
      // The kept connections may have died of the same cause.
      close();
      throw calls.wasCut() ? cut() : error;
    }
  };
  return {
    call,
    close: () => {
      isClosed = true;
      close();
    },
  };
}

const pinMismatch = "PEERNET_PIN";

/** Performs the handshake with the pinned machine. @throws Error */
function pinnedSocket(
  { identity, peer, sha256 }: Pin,
  { host, port }: PeerAddress,
  signal: AbortSignal,
): Promise<TLSSocket> {
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

const cut = (): Error =>
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
