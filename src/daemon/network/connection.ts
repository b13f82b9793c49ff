/** What is known of a connection: whose key it proved, where it comes from, and its places. */

import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { OriginRefusal } from "../../contract/discovery.ts";
import { connectionsPerPeerMax, connectionsUnknownMax } from "../../contract/limits.ts";
import type { Fingerprint } from "../../contract/terms.ts";
import { displaced } from "../../core/admission.ts";

/** Where a request comes from, as the socket and tailscaled tell it; no header is asked. */
export interface Origin {
  readonly address: string;
  readonly transport: "loopback" | "lan" | "tailnet";
  /** The tailnet's stable id of the node, and its user. */
  readonly node: string | null;
  readonly login: string | null;
  /** Why it is not the same user's machine, where that is known. */
  readonly refusal: OriginRefusal | null;
}

/** An origin as the audit trail has it. */
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
  /** Of the certificate whose key it proved; null without one. */
  readonly fingerprint: Fingerprint | null;
  /** PEM of that certificate. */
  readonly certificate: string | null;
  /** As the socket tells it, until tailscaled was asked. */
  origin: Origin;
  /** Whether tailscaled was asked about this connection. */
  isPlaced: boolean;
  /** Both ends, as tailscaled is asked about them. */
  readonly ends: Ends;
  /** RFC 8446 exporter of this connection, 32 bytes. */
  exporter(label: string): Uint8Array;
  /** Requests seen on it, this one included. */
  requests: number;
  /** Closes it once the reply that is being written has gone. */
  closeSoon: boolean;
}

/** A place taken by a socket, from the moment it is accepted. */
export interface Place {
  readonly address: string;
  /** The bound `address:port` it came to. */
  readonly local: string;
  readonly since: number;
  /** Null until a handshake proves a certificate. */
  fingerprint: Fingerprint | null;
  /** Whether that certificate is a peer's. */
  known: boolean;
  /** Whether a request on it has not yet been answered. */
  busy: boolean;
  deadlineMs: number;
  readonly destroy: () => void;
}

/** `host:port`, IPv6 in brackets; the host alone where no port is known. */
export function hostAndPort(host: string, port: number | null): string {
  const bracketed = host.includes(":") ? `[${host}]` : host;
  return port === null ? bracketed : `${bracketed}:${port}`;
}

/** IPv4 in an IPv6 coat is IPv4. */
export const plainAddress = (address: string | undefined): string =>
  (address ?? "unknown").replace(/^::ffff:(?=\d+\.)/, "");

/** An address as sockets write it: one text for each, also for IPv6. */
export function canonical(address: string): string {
  const url = URL.parse(`http://[${address.replace(/%.*$/, "")}]`);
  return url === null ? address : url.hostname.slice(1, -1);
}

/** The ends of a socket. */
export const endsOf = (socket: TLSSocket): Ends => ({
  localAddress: plainAddress(socket.localAddress),
  remoteAddress: plainAddress(socket.remoteAddress),
  remotePort: socket.remotePort ?? 0,
});

/** The origin of a connection as far as its socket tells it. */
export function socketOrigin({ remoteAddress: address }: Ends): Origin {
  const isLoopback = address === "::1" || address.startsWith("127.");
  const transport = isLoopback ? "loopback" : "lan";
  return { address, transport, node: null, login: null, refusal: null };
}

/** The places of one listener: unknown sockets share some, each peer has its own. */
export class Places {
  readonly #places = new Map<Socket, Place>();

  /** Gives a place to a new socket; whoever holds most makes room for it. */
  take(socket: Socket, place: Place): void {
    this.#places.set(socket, place);
    const unknown = [...this.#places.values()].filter((other) => !other.known);
    if (unknown.length > connectionsUnknownMax) displaced(unknown)?.destroy();
  }

  /** Notes whose key a socket proved; a peer's oldest connection yields to its ninth. */
  prove(place: Place, fingerprint: Fingerprint, known: boolean): void {
    place.fingerprint = fingerprint;
    place.known = known;
    const own = this.of(fingerprint);
    if (known && own.length > connectionsPerPeerMax) own[0]?.destroy();
  }

  get(socket: Socket): Place | undefined {
    return this.#places.get(socket);
  }

  leave(socket: Socket): void {
    this.#places.delete(socket);
  }

  /** Closes every connection of a fingerprint at once; tells how many there were. */
  closeOf(fingerprint: Fingerprint): number {
    const own = this.of(fingerprint);
    for (const place of own) place.destroy();
    return own.length;
  }

  /** Closes what is past its deadline. */
  closeOverdue(nowMs: number): void {
    for (const place of [...this.#places.values()]) {
      if (nowMs >= place.deadlineMs) place.destroy();
    }
  }

  /** The earliest deadline; infinite where nobody has a place. */
  earliestMs(): number {
    return Math.min(...[...this.#places.values()].map(({ deadlineMs }) => deadlineMs));
  }

  /** Closes what came to one bound address, which has gone. */
  closeAt(local: string): void {
    for (const place of [...this.#places.values()]) if (place.local === local) place.destroy();
  }

  closeAll(): void {
    for (const place of [...this.#places.values()]) place.destroy();
  }

  /** Those of a fingerprint, the oldest first. */
  of(fingerprint: Fingerprint): readonly Place[] {
    return [...this.#places.values()].filter((place) => place.fingerprint === fingerprint);
  }
}
