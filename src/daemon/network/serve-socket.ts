/**
 * Serves the requests on a socket, whichever end dialled it: an accepted one, or one of our own
 * that a peer calls back on. One request at a time, each within its deadline; `admit` and `answer`
 * decide its rights.
 */

import type { TLSSocket } from "node:tls";
import type { Outcome } from "../../contract/errors.ts";
import { lingerMs, requestDeadlineMs } from "../../contract/limits.ts";
import { BodyBytes, HeadBytes } from "../../peer/framing.ts";
import type { Connection, Place } from "./connection.ts";
import { bytesOf, type RequestHead, requestHeadOf } from "./framing.ts";
import { respond, type ServingOptions } from "./request.ts";

/** A served socket: its connection, and its time limit. */
export interface Served {
  readonly connection: Connection;
  readonly place: Pick<Place, "busy" | "deadlineMs">;
  /** Its present limit of silence in ms; read after each request. */
  readonly idleMs: () => number;
}

/** Serves a socket after its handshake, until it closes. */
export type ServeSocket = (socket: TLSSocket, served: Served) => void;

/** Makes the function that serves sockets. */
export const socketServer =
  <C>(options: ServingOptions<C>): ServeSocket =>
  (socket, served) => {
    const serving = new ServedSocket(options, socket, served);
    socket.on("data", (bytes: Buffer) => serving.take(bytes));
    socket.on("end", () => serving.end());
  };

/** A body in transit, and its reader. */
interface Awaited {
  readonly bytes: BodyBytes;
  readonly resolve: (body: Buffer) => void;
}

/** One socket, and the present request on it. */
class ServedSocket<C> {
  readonly #options: ServingOptions<C>;
  readonly #socket: TLSSocket;
  readonly #served: Served;
  #head = new HeadBytes();
  #awaited: Awaited | null = null;
  /** True once this socket answers no other request: later bytes are dropped. */
  #isOver = false;

  constructor(options: ServingOptions<C>, socket: TLSSocket, served: Served) {
    this.#options = options;
    this.#socket = socket;
    this.#served = served;
  }

  /** Takes bytes as they come. */
  take(bytes: Buffer): void {
    if (this.#isOver) return;
    if (this.#awaited !== null) this.#takeBody(this.#awaited, bytes);
    // Our clients never pipeline, and nothing would limit the queue behind the first request.
    else if (this.#served.place.busy) this.#socket.destroy();
    else this.#takeHead(bytes);
  }

  /** The caller has ended its sending: a complete request is still answered. */
  end(): void {
    const isAnswered = this.#served.place.busy && this.#awaited === null;
    if (isAnswered) this.#served.connection.closeSoon = true;
    else this.#socket.destroy();
  }

  #takeHead(bytes: Buffer): void {
    const taken = this.#head.take(bytes);
    if (taken === "more") return;
    const head = taken === "doubtful" ? null : requestHeadOf(taken.text);
    const isPipelined = head?.ok === true && taken !== "doubtful" && goesOn(head.value, taken.rest);
    // Such bytes are not answered: the start of the next message cannot be trusted.
    if (taken === "doubtful" || head === null || isPipelined) {
      this.#socket.destroy();
      return;
    }
    this.#head = new HeadBytes();
    this.#serve(head, taken.rest).catch((error: unknown) => {
      this.#options.onFailure("a request", error);
      this.#socket.destroy();
    });
  }

  #takeBody({ bytes, resolve }: Awaited, piece: Buffer): void {
    if (!bytes.take(piece)) {
      this.#socket.destroy();
      return;
    }
    const { whole } = bytes;
    if (whole === null) return;
    this.#awaited = null;
    resolve(whole);
  }

  async #serve(head: Outcome<RequestHead>, rest: Buffer): Promise<void> {
    const { connection, place, idleMs } = this.#served;
    const now = () => this.#options.clock.monotonicMs();
    place.busy = true;
    place.deadlineMs = now() + requestDeadlineMs;
    connection.requests += 1;
    // Nothing beyond the head's last bytes is read until the caller is admitted.
    const isWhole = head.ok && head.value.length === rest.length;
    if (!isWhole) this.#socket.pause();
    const body = (length: number) => this.#body(new BodyBytes(length, rest));
    const response = await respond(this.#options, { head, connection, body });
    const idle = idleMs();
    const ends = connection.closeSoon || !head.ok || head.value.isLast;
    const bytes = await bytesOf(response, ends);
    this.#isOver = ends;
    // A refused client may still be sending: it gets the reply, and little time to read it.
    place.deadlineMs = now() + (ends ? lingerMs : idle);
    this.#options.onVisit();
    this.#socket.resume();
    this.#write(bytes);
  }

  #body(bytes: BodyBytes): Promise<Buffer> {
    const { whole } = bytes;
    if (whole !== null) return Promise.resolve(whole);
    return new Promise((resolve) => {
      this.#awaited = { bytes, resolve };
      this.#socket.resume();
    });
  }

  #write(bytes: Buffer): void {
    if (this.#socket.destroyed) return;
    if (this.#isOver) {
      this.#socket.end(bytes);
      return;
    }
    // A caller sends nothing else until it has taken the reply, so at most one reply waits.
    this.#socket.write(bytes, () => {
      this.#served.place.busy = false;
    });
  }
}

/** True when more bytes came than a request holds. */
const goesOn = ({ length }: RequestHead, rest: Buffer): boolean => rest.length > length;
