/** What is known of a connection: whose key it proved, where it comes from, and its places. */

import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { connectionsPerPeerMax, connectionsUnknownMax } from "../contract/limits.ts";
import type { Fingerprint } from "../contract/terms.ts";
import { displaced } from "../core/admission.ts";

/** Where a request comes from, as the socket tells it; no header is asked. */
export interface Origin {
  readonly address: string;
  readonly transport: "loopback" | "lan";
}

/** One TLS connection whose handshake is done. */
export interface Connection {
  /** Of the certificate whose key it proved; null without one. */
  readonly fingerprint: Fingerprint | null;
  /** PEM of that certificate. */
  readonly certificate: string | null;
  readonly origin: Origin;
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
  readonly since: number;
  /** Null until a handshake proves a certificate. */
  fingerprint: Fingerprint | null;
  /** Whether that certificate is a peer's. */
  known: boolean;
  deadlineMs: number;
  readonly destroy: () => void;
}

/** IPv4 in an IPv6 coat is IPv4. */
export const plainAddress = (address: string | undefined): string =>
  (address ?? "unknown").replace(/^::ffff:(?=\d+\.)/, "");

/** The origin of a socket. */
export function originOf(socket: TLSSocket): Origin {
  const address = plainAddress(socket.remoteAddress);
  const isLoopback = address === "::1" || address.startsWith("127.");
  return { address, transport: isLoopback ? "loopback" : "lan" };
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
    const own = this.#of(fingerprint);
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
    const own = this.#of(fingerprint);
    for (const place of own) place.destroy();
    return own.length;
  }

  /** Closes what is past its deadline. */
  closeOverdue(nowMs: number): void {
    for (const place of [...this.#places.values()]) {
      if (nowMs >= place.deadlineMs) place.destroy();
    }
  }

  closeAll(): void {
    for (const place of [...this.#places.values()]) place.destroy();
  }

  /** Oldest first. */
  #of(fingerprint: Fingerprint): readonly Place[] {
    return [...this.#places.values()].filter((place) => place.fingerprint === fingerprint);
  }
}
