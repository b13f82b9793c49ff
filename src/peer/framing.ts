/**
 * The one form of HTTP/1.1 messages (RFC 9112) between machines: a head, then exactly the body
 * bytes that the head names. Requests and replies share it. Refuses a message that two readers
 * could read differently: it may hide another.
 */

import { bodyBytesMax, headerBytesMax } from "../contract/limits.ts";

/** The fields that a reader here obeys; each occurs at most once. */
const deciding: ReadonlySet<string> = new Set([
  ...["authorization", "connection", "content-encoding", "content-length", "content-type"],
  ...["expect", "host", "transfer-encoding", "upgrade"],
]);

/** A head in its parts. */
export interface Head {
  /** Its first line. */
  readonly start: string;
  /** The deciding fields by their names in lower case, without space around the value. */
  readonly fields: ReadonlyMap<string, string>;
}

/** A complete head, and the bytes after it. */
export interface TakenHead {
  readonly text: string;
  readonly rest: Buffer;
}

const headEnd = "\r\n\r\n";
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const nothing = Buffer.alloc(0);

/** The bytes of one head as they come, up to `headerBytesMax`. */
export class HeadBytes {
  #bytes: Buffer = nothing;

  /** Takes bytes; returns the head once it is complete. `doubtful` ends the connection. */
  take(bytes: Buffer): TakenHead | "more" | "doubtful" {
    // The end may have begun in the bytes before.
    const from = Math.max(0, this.#bytes.length - headEnd.length + 1);
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
    const end = this.#bytes.indexOf(headEnd, from, "latin1");
    const head = end < 0 ? this.#bytes : this.#bytes.subarray(0, end);
    if (head.length > headerBytesMax || hasBareLineFeed(head, from)) return "doubtful";
    if (end < 0) return "more";
    const rest = this.#bytes.subarray(end + headEnd.length);
    return { text: head.toString("latin1"), rest };
  }
}

/** True for a bare line feed: waiting for the head's end would be in vain. */
function hasBareLineFeed(bytes: Buffer, from: number): boolean {
  for (let at = bytes.indexOf(lineFeed, from); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) {
    if (bytes[at - 1] !== carriageReturn) return true;
  }
  return false;
}

/** A name, a colon, a value without controls. A folded line has no name. */
const fieldLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t\x20-\x7e\x80-\xff]*)$/;
const plainText = /^[\t\x20-\x7e]*$/;

/** Reads a head; null when one of its lines is in doubt, or a deciding field occurs twice. */
export function headOf(text: string): Head | null {
  const [start = "", ...lines] = text.split("\r\n");
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = fieldLine.exec(line) ?? [];
    if (name === undefined || value === undefined) return null;
    const known = name.toLowerCase();
    if (!deciding.has(known)) continue;
    if (fields.has(known) || !plainText.test(value)) return null;
    fields.set(known, value.trim());
  }
  return { start, fields };
}

/**
 * The length of the body that a head names: 0 without one, infinite beyond seven digits; null when
 * it is no plain number.
 */
export function lengthOf({ fields }: Head): number | null {
  const text = fields.get("content-length") ?? "0";
  if (!/^[0-9]+$/.test(text)) return null;
  return text.length > 7 ? Number.POSITIVE_INFINITY : Number(text);
}

/** True when a head requests the end of the connection after its message, or after the reply. */
export const isLastOf = ({ fields }: Head): boolean =>
  (fields.get("connection") ?? "")
    .toLowerCase()
    .split(",")
    .some((option) => option.trim() === "close");

/** The deciding parts of a reply's head. */
export interface ReplyHead {
  readonly status: number;
  readonly length: number;
  readonly isLast: boolean;
}

const statusLine = /^HTTP\/1\.1 ([2-5][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?$/;

/** Reads the head of a reply; null when it is interim, encoded, too long or in doubt. */
export function replyHeadOf(text: string): ReplyHead | null {
  const head = headOf(text);
  const [, status] = statusLine.exec(head?.start ?? "") ?? [];
  if (head === null || status === undefined) return null;
  const { fields } = head;
  const encoding = fields.get("content-encoding") ?? "identity";
  if (fields.has("transfer-encoding") || encoding !== "identity") return null;
  const length = fields.has("content-length") ? lengthOf(head) : null;
  if (length === null || length > bodyBytesMax) return null;
  return { status: Number(status), length, isLast: isLastOf(head) };
}

/** The bytes of one body as they come: one buffer of its length, however small the pieces. */
export class BodyBytes {
  #bytes: Buffer;
  #filled: number;

  /** Begins with the bytes after the head, which are no more than the length. */
  constructor(length: number, first: Buffer) {
    this.#filled = first.length;
    this.#bytes = first;
    if (first.length === length) return;
    this.#bytes = Buffer.alloc(length);
    first.copy(this.#bytes);
  }

  /** Takes a piece; false when it extends beyond the body's end. */
  take(piece: Buffer): boolean {
    if (piece.length > this.#bytes.length - this.#filled) return false;
    piece.copy(this.#bytes, this.#filled);
    this.#filled += piece.length;
    return true;
  }

  /** The body once it is complete; null until then. */
  get whole(): Buffer | null {
    return this.#filled === this.#bytes.length ? this.#bytes : null;
  }
}
