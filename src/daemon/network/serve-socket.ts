/**
 * Serves the requests that come over a socket, whichever end dialled it: a socket that was
 * accepted, or one of our own that a peer calls back on. One request at a time, each within its
 * deadline; what a request may do is for `admit` and `answer` to say.
 */

import type { TLSSocket } from "node:tls";
import type { Outcome } from "../../contract/errors.ts";
import { lingerMs, requestDeadlineMs } from "../../contract/limits.ts";
import { BodyBytes, HeadBytes } from "../../peer/framing.ts";
import type { Connection, Place } from "./connection.ts";
import { bytesOf, type RequestHead, requestHeadOf } from "./framing.ts";
import { respond, type ServingOptions } from "./request.ts";

/** A socket that is served: whose it is, and how long it may take. */
export interface Served {
  readonly connection: Connection;
  readonly place: Pick<Place, "busy" | "deadlineMs">;
  /** For how many ms it may be silent now; asked after each request. */
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

/** A body under way, and who waits for it. */
interface Awaited {
  readonly bytes: BodyBytes;
  readonly resolve: (body: Buffer) => void;
}

/** One socket, and the request that is under way on it. */
class ServedSocket<C> {
  readonly #options: ServingOptions<C>;
  readonly #socket: TLSSocket;
  readonly #served: Served;
  #head = new HeadBytes();
  #awaited: Awaited | null = null;
  /** True once no other request is answered here: what still comes is thrown away. */
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
    // Our clients never pipeline, and nothing would bound what waits behind the first request.
    else if (this.#served.place.busy) this.#socket.destroy();
    else this.#takeHead(bytes);
  }

  /** The caller sends no more: a request that is whole is still answered. */
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
    // Such bytes are not answered: where the next message begins cannot be trusted.
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
    // No more is read than came with the head until the caller is admitted.
    const isWhole = head.ok && head.value.length === rest.length;
    if (!isWhole) this.#socket.pause();
    const body = (length: number) => this.#body(new BodyBytes(length, rest));
    const response = await respond(this.#options, { head, connection, body });
    const idle = idleMs();
    const ends = connection.closeSoon || !head.ok || head.value.isLast;
    const bytes = await bytesOf(response, ends);
    this.#isOver = ends;
    // What was refused may still be sending: it gets the reply, and little time to read it.
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
    // Until the caller has taken the reply it sends nothing else, so that one reply waits at most.
    this.#socket.write(bytes, () => {
      this.#served.place.busy = false;
    });
  }
}

/** True where more came than a request holds. */
const goesOn = ({ length }: RequestHead, rest: Buffer): boolean => rest.length > length;
