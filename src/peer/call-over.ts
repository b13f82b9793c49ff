/**
 * Calls over one socket, whichever end dialled it: one request at a time, each with its reply.
 * Trusts only the end of a reply, and accepts only one strict form.
 */

import type { TLSSocket } from "node:tls";
import { BodyBytes, HeadBytes, type ReplyHead, replyHeadOf } from "./framing.ts";

/** A reply as received: its bytes are not read yet. */
export interface Called {
  readonly status: number;
  readonly bytes: Uint8Array;
}

/** Calls over one socket. */
export interface CallsOver {
  /**
   * Posts JSON to `/v1/<path>` and waits for the reply. A failed call ends the socket, and so does
   * a last reply. A request of which no byte left leaves the socket open.
   * @throws the signal's reason, an error as in `isWithheld`, or one that says why no reply came
   */
  call(path: string, body: Body, options: CallOptions): Promise<Called>;
  /** True while another call may be made. */
  isOpen(): boolean;
  /** True once the other end closed the socket instead of replying. */
  wasCut(): boolean;
  close(): void;
}

/** RFC 8446 exporter of a connection, 32 bytes. */
export type Exporter = (label: string) => Uint8Array;

/**
 * The JSON of a call; a function is asked for it right before the first byte leaves, and is given
 * the exporter of the connection that carries it.
 */
export type Body = string | ((exporter: Exporter) => string);

/** The token of a call, and the signal that ends it. */
export interface CallOptions {
  readonly token: string | null;
  readonly signal: AbortSignal;
  /** Asked right before the first byte leaves; none leaves where it is false. */
  readonly mayLeave?: (() => boolean) | undefined;
}

const withheldCode = "PEERNET_WITHHELD";

/** True for a request of which no byte left: it was not to leave when its connection was ready. */
export const isWithheld = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && error.code === withheldCode;

/** Makes calls over a socket whose handshake is done and whose key was judged. */
export function callOver(socket: TLSSocket): CallsOver {
  const calls = new CalledSocket(socket);
  socket.on("data", (bytes: Buffer) => calls.take(bytes));
  // After the end no reply comes, whether or not the socket closes by itself.
  socket.on("end", () => calls.end());
  socket.on("close", () => calls.end());
  return {
    call: (path, body, options) => calls.call(path, body, options),
    isOpen: () => !calls.isOver,
    wasCut: () => calls.wasCut,
    close: () => calls.fail(new Error("closed")),
  };
}

/** A call in progress. */
interface Waiting {
  readonly resolve: (called: Called) => void;
  readonly reject: (error: unknown) => void;
}

const unreadable = "its reply could not be read";

/** One socket, and the present call on it. */
class CalledSocket {
  readonly #socket: TLSSocket;
  #waiting: Waiting | null = null;
  #head = new HeadBytes();
  #reply: { readonly head: ReplyHead; readonly body: BodyBytes } | null = null;
  /** True once bytes of the reply have come. */
  #hasBegun = false;
  isOver = false;
  wasCut = false;

  constructor(socket: TLSSocket) {
    this.#socket = socket;
  }

  async call(path: string, body: Body, options: CallOptions): Promise<Called> {
    const { token, signal, mayLeave } = options;
    signal.throwIfAborted();
    if (this.isOver) throw new Error("it closed the connection");
    if (this.#waiting !== null) throw new TypeError("a call is under way on this socket");
    if (mayLeave?.() === false) throw withheld();
    const text = typeof body === "string" ? body : body(this.#exporter);
    const abort = (): void => this.fail(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    const { promise, resolve, reject } = Promise.withResolvers<Called>();
    this.#waiting = { resolve, reject };
    this.#head = new HeadBytes();
    this.#hasBegun = false;
    this.#socket.write(requestOf(path, text, token));
    return promise.finally(() => signal.removeEventListener("abort", abort));
  }

  readonly #exporter: Exporter = (label) =>
    new Uint8Array(this.#socket.exportKeyingMaterial(32, label, Buffer.alloc(0)));

  take(bytes: Buffer): void {
    const waiting = this.#waiting;
    this.#hasBegun = true;
    // Without a call in progress, such bytes could pass for the next reply.
    if (waiting === null || !this.#takes(bytes)) {
      this.fail(new Error(unreadable));
      return;
    }
    const { head = null, body = null } = this.#reply ?? {};
    const whole = body?.whole ?? null;
    if (head === null || whole === null) return;
    this.#waiting = null;
    this.#reply = null;
    if (head.isLast) this.fail(new Error("that reply was the last"));
    waiting.resolve({ status: head.status, bytes: whole });
  }

  /** False for bytes that are no head of a reply, or that extend beyond the reply. */
  #takes(bytes: Buffer): boolean {
    if (this.#reply !== null) return this.#reply.body.take(bytes);
    const taken = this.#head.take(bytes);
    if (taken === "more") return true;
    const head = taken === "doubtful" ? null : replyHeadOf(taken.text);
    if (taken === "doubtful" || head === null || taken.rest.length > head.length) return false;
    this.#reply = { head, body: new BodyBytes(head.length, taken.rest) };
    return true;
  }

  /** The other end has ended its sending. */
  end(): void {
    this.wasCut = this.#waiting !== null && !this.#hasBegun;
    this.fail(new Error(this.#hasBegun ? unreadable : "it closed the connection"));
  }

  /** Ends the socket, and the present call. */
  fail(error: unknown): void {
    this.isOver = true;
    this.#socket.destroy();
    this.#waiting?.reject(error);
    this.#waiting = null;
  }
}

const withheld = (): Error =>
  Object.assign(new Error("it was not to leave"), { code: withheldCode });

function requestOf(path: string, body: string, token: string | null): string {
  const authorization = token === null ? "" : `authorization: Bearer ${token}\r\n`;
  return (
    `POST /v1/${path} HTTP/1.1\r\nhost: peernet\r\ncontent-type: application/json\r\n` +
    `${authorization}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}
