/**
 * The slots of one listener: strangers share some, addresses of peers have some more, each peer has
 * its own. `core/admission.ts` decides which connection yields.
 */

import type { Socket } from "node:net";
import { reverseConnectionsMax } from "../../contract/limits/reverse.ts";
import {
  connectionsKeptMax,
  connectionsPerPeerMax,
  connectionsUnknownMax,
  familiarMax,
  familiarMs,
} from "../../contract/limits.ts";
import { type Draw, ofBusiest, sourceOf, yielding } from "../../core/admission.ts";
import type { Clock } from "../../platform/effects.ts";
import type { Place } from "./connection.ts";

/** Dependencies of the slots. */
export interface PlacesParts {
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly draw: Draw;
  /** Addresses at which peers' keys were proven in the last day. */
  readonly familiar: readonly string[];
  /** Called with a stranger that was closed in favour of another. */
  readonly onDisplaced: (place: Place) => void;
}

/** The slots of one listener. */
export class Places {
  readonly #parts: PlacesParts;
  readonly #places = new Map<Socket, Place>();
  /** Sources that proved a peer's key, each with the last time. */
  readonly #familiar = new Map<string, number>();

  constructor(parts: PlacesParts) {
    this.#parts = parts;
    for (const address of parts.familiar) this.#remember(address);
  }

  /** Gives a slot to a new socket, which may displace another. */
  take(socket: Socket, place: Place): void {
    place.kept = this.#isFamiliar(place.address) && this.#keepsFor(place.address);
    this.#places.set(socket, place);
    if (place.kept) return;
    const strangers = this.#strangers(false);
    if (strangers.length <= connectionsUnknownMax) return;
    this.#displace(yielding(strangers, this.#parts.draw));
  }

  /** Notes a socket's proven key; a peer's oldest connection yields to its ninth. */
  prove(place: Place, fingerprint: Place["fingerprint"] & string, known: boolean): void {
    place.fingerprint = fingerprint;
    place.known = known;
    if (!known) return;
    this.#remember(place.address);
    const own = this.of(fingerprint).filter(({ reverse }) => reverse === null);
    if (own.length > connectionsPerPeerMax) own[0]?.destroy();
  }

  /** Notes a reverse connection of a peer, whose oldest one yields to its fourth. */
  proveReverse(place: Place, fingerprint: Place["fingerprint"] & string): void {
    place.fingerprint = fingerprint;
    place.known = true;
    place.reverse = "accepted";
    // Its machine answers when it is called, and is silent otherwise.
    place.deadlineMs = Number.POSITIVE_INFINITY;
    this.#remember(place.address);
    const own = this.of(fingerprint).filter(({ reverse }) => reverse === "accepted");
    if (own.length > reverseConnectionsMax) own[0]?.destroy();
  }

  /** Gives a place of its own to a reverse connection that this machine dialled. */
  add(socket: Socket, place: Place): void {
    this.#places.set(socket, place);
  }

  get(socket: Socket): Place | undefined {
    return this.#places.get(socket);
  }

  leave(socket: Socket): void {
    this.#places.delete(socket);
  }

  /** Closes the connections on which a fingerprint is served, at once; returns their number. */
  closeOf(fingerprint: string): number {
    const own = this.of(fingerprint).filter(({ reverse }) => reverse !== "accepted");
    for (const place of own) place.destroy();
    return own.length;
  }

  /** Closes the reverse connections of a fingerprint at once; returns their number. */
  closeReverseOf(fingerprint: string): number {
    const own = this.of(fingerprint).filter(({ reverse }) => reverse !== null);
    for (const place of own) place.destroy();
    return own.length;
  }

  /** Closes connections past their deadline. */
  closeOverdue(nowMs: number): void {
    for (const place of [...this.#places.values()]) {
      if (nowMs >= place.deadlineMs) place.destroy();
    }
  }

  /** The earliest deadline; infinite without connections. */
  earliestMs(): number {
    return Math.min(...[...this.#places.values()].map(({ deadlineMs }) => deadlineMs));
  }

  /** Closes the connections of a bound address that is gone. */
  closeAt(local: string): void {
    for (const place of [...this.#places.values()]) if (place.local === local) place.destroy();
  }

  closeAll(): void {
    for (const place of [...this.#places.values()]) place.destroy();
  }

  /** The slots of a fingerprint, the oldest first. */
  of(fingerprint: string): readonly Place[] {
    return [...this.#places.values()].filter((place) => place.fingerprint === fingerprint);
  }

  /** Slots without a peer's key: those reserved for familiar addresses, or the others. */
  #strangers(kept: boolean): readonly Place[] {
    return [...this.#places.values()].filter((place) => !place.known && place.kept === kept);
  }

  /** True when a reserved slot is free for an address, or was taken from a busier one. */
  #keepsFor(address: string): boolean {
    const kept = this.#strangers(true);
    if (kept.length < connectionsKeptMax) return true;
    const busiest = ofBusiest(kept);
    const of = (source: string): number =>
      kept.filter((place) => sourceOf(place.address) === source).length;
    const most = of(sourceOf(busiest[0]?.address ?? ""));
    if (of(sourceOf(address)) >= most) return false;
    this.#displace(busiest[this.#parts.draw(busiest.length)] ?? null);
    return true;
  }

  #displace(place: Place | null): void {
    if (place === null) return;
    place.destroy();
    this.#parts.onDisplaced(place);
  }

  #isFamiliar(address: string): boolean {
    const sinceMs = this.#familiar.get(sourceOf(address));
    return sinceMs !== undefined && this.#parts.clock.monotonicMs() - sinceMs < familiarMs;
  }

  #remember(address: string): void {
    const source = sourceOf(address);
    // The newest stands last, so that the first is the oldest.
    this.#familiar.delete(source);
    this.#familiar.set(source, this.#parts.clock.monotonicMs());
    const [first] = this.#familiar.keys();
    if (this.#familiar.size > familiarMax && first !== undefined) this.#familiar.delete(first);
  }
}
