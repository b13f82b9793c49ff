/**
 * Requests and replies as bytes: reads the head of a request, writes a reply. Knows no operation.
 * Refuses a message that is not in the one form of `peer/framing.ts`, before reading a byte of its
 * body.
 */

import { accept, type Outcome, refuse } from "../../contract/errors.ts";
import { headOf, isLastOf, lengthOf } from "../../peer/framing.ts";

/** The deciding parts of a request's head. */
export interface RequestHead {
  readonly method: string;
  readonly path: string;
  /** The token of `authorization: Bearer`; null without one. */
  readonly token: string | null;
  readonly type: string;
  readonly encoding: string;
  /** Bytes of the body; infinite when it is over any limit. */
  readonly length: number;
  /** True where the caller wants no other reply on this connection. */
  readonly isLast: boolean;
}

const requestLine = /^([!-~]+) ([!-~]+) HTTP\/1\.([01])$/;

/**
 * Reads the head of a request. Null for a head that is not HTTP/1, or that asks for another
 * protocol: neither is answered. Refuses with {bad_request}.
 */
export function requestHeadOf(text: string): Outcome<RequestHead> | null {
  const [first = ""] = text.split("\r\n", 1);
  const [, method = "", path = "", minor] = requestLine.exec(first) ?? [];
  if (minor === undefined || method === "CONNECT") return null;
  const head = headOf(text);
  const length = head === null ? null : lengthOf(head);
  if (head === null || length === null) {
    return doubtful("the request's headers are in doubt", "send each header once, in plain text");
  }
  const { fields } = head;
  if (fields.has("upgrade")) return null;
  if (minor === "0") {
    return doubtful("the request is not HTTP/1.1", "send it as HTTP/1.1");
  }
  if (fields.has("transfer-encoding")) {
    return doubtful("the request has a transfer-encoding", "send it with a content-length");
  }
  if (fields.has("expect")) {
    return doubtful("the request expects an interim reply", "send it without expect");
  }
  return accept({
    method,
    path,
    token: bearerOf(fields.get("authorization") ?? ""),
    type: fields.get("content-type") ?? "",
    encoding: fields.get("content-encoding") ?? "identity",
    length,
    isLast: isLastOf(head),
  });
}

const doubtful = (message: string, hint: string): Outcome<never> =>
  refuse("bad_request", { message, hint });

/** The token of a request; the scheme's name is case-insensitive (RFC 9110, 11.1). */
const bearerOf = (authorization: string): string | null =>
  /^bearer +([A-Za-z0-9._-]+)$/i.exec(authorization)?.[1] ?? null;

/** Phrases of the statuses in our replies (RFC 9110, 15; RFC 4918, 11.5). */
const phrases: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  426: "Upgrade Required",
  429: "Too Many Requests",
  500: "Internal Server Error",
  507: "Insufficient Storage",
};

/**
 * A reply as the bytes of one write: separate writes of head and body would wake both ends twice.
 */
export async function bytesOf(response: Response, ends: boolean): Promise<Buffer> {
  const body = Buffer.from(await response.arrayBuffer());
  // A stranger learns nothing more of this machine, not even its clock.
  const head = [
    `HTTP/1.1 ${response.status} ${phrases[response.status] ?? ""}`,
    `content-type: ${response.headers.get("content-type") ?? "application/json"}`,
    `content-length: ${body.length}`,
    `connection: ${ends ? "close" : "keep-alive"}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"), body]);
}
