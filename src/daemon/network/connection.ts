/** A connection: its proven key, its origin, and its slot. */

import type { TLSSocket } from "node:tls";
import type { OriginRefusal } from "../../contract/discovery.ts";
import type { Fingerprint } from "../../contract/terms.ts";
import { plainAddress } from "../../contract/text/address.ts";
import { fingerprintOf, pemOf } from "../../peer/certificate.ts";

/** The origin of a request, from the socket and tailscaled; never from a header. */
export interface Origin {
  readonly address: string;
  readonly transport: "loopback" | "lan" | "tailnet";
  /** The tailnet's stable id of the node, and its user. */
  readonly node: string | null;
  readonly login: string | null;
  /** The reason why it is not the same user's machine, when that is known. */
  readonly refusal: OriginRefusal | null;
}

/** An origin in the form of the audit trail. */
export const recordedOrigin = ({ address, transport, node, login }: Origin) => ({
  origin_address: address,
  origin_transport: transport,
  origin_node: node,
  origin_login: login,
});

/** The ends of a connection. */
export interface Ends {
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** One TLS connection whose handshake is done. */
export interface Connection {
  /** The fingerprint of the certificate whose key it proved; null without one. */
  readonly fingerprint: Fingerprint | null;
  /** PEM of that certificate. */
  readonly certificate: string | null;
  /** From the socket, until tailscaled was asked. */
  origin: Origin;
  /** True once tailscaled was asked about this connection. */
  isPlaced: boolean;
  /** Both ends, for the question to tailscaled. */
  readonly ends: Ends;
  /** RFC 8446 exporter of this connection, 32 bytes. */
  exporter(label: string): Uint8Array;
  /** Requests on it, including this one. */
  requests: number;
  /** Closes it after the present reply. */
  closeSoon: boolean;
  /** True when this machine dialled it, so that its peer can call. */
  readonly isReverse: boolean;
}

/** A slot taken by a socket, from the moment it is accepted. */
export interface Place {
  readonly address: string;
  /** True for a slot reserved for addresses that proved a peer's key in the last day. */
  kept: boolean;
  /** True once its handshake is done. */
  settled: boolean;
  /** The bound `address:port` at which it arrived. */
  readonly local: string;
  readonly since: number;
  /** This machine's end of a reverse connection; null for any other. */
  reverse: "accepted" | "dialled" | null;
  /** Null until a handshake proves a certificate. */
  fingerprint: Fingerprint | null;
  /** True when that certificate is a peer's. */
  known: boolean;
  /** True while a request on it waits for its reply. */
  busy: boolean;
  deadlineMs: number;
  readonly destroy: () => void;
}

/** The ends of a socket. */
export const endsOf = (socket: TLSSocket): Ends => ({
  localAddress: plainAddress(socket.localAddress ?? "unknown"),
  remoteAddress: plainAddress(socket.remoteAddress ?? "unknown"),
  remotePort: socket.remotePort ?? 0,
});

/** A connection after its handshake, from its socket; this machine may have dialled it. */
export function connectionOf(
  socket: TLSSocket,
  sha256: (bytes: Uint8Array) => Uint8Array,
  isReverse = false,
): Connection {
  const raw: unknown = socket.getPeerCertificate()?.raw;
  const der = raw instanceof Uint8Array && raw.length > 0 ? raw : null;
  const ends = endsOf(socket);
  return {
    fingerprint: der === null ? null : fingerprintOf(der, sha256),
    certificate: der === null ? null : pemOf(der),
    origin: socketOrigin(ends),
    isPlaced: false,
    ends,
    exporter: (label) => new Uint8Array(socket.exportKeyingMaterial(32, label, Buffer.alloc(0))),
    requests: 0,
    closeSoon: false,
    isReverse,
  };
}

/** The origin of a connection as far as its socket shows it. */
export const socketOrigin = ({ remoteAddress }: Ends): Origin => originAt(remoteAddress);

/** The origin of a connection whose address alone is known. */
export function originAt(address: string): Origin {
  const isLoopback = address === "::1" || address.startsWith("127.");
  const transport = isLoopback ? "loopback" : "lan";
  return { address, transport, node: null, login: null, refusal: null };
}
