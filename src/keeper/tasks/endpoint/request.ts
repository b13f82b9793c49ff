/**
 * Reads the head of a request from inside a sandbox. Strict: one request a connection, its length
 * in one header, no transfer encoding. Everything else is refused. Pure.
 */

import { bodyBytesMax } from "./limits.ts";

/** The head of a request. Every character of it is printable ASCII. */
export interface Head {
  readonly method: string;
  /** The request's target exactly as it was written. */
  readonly target: string;
  /** Values by lower-case names; a repeated name is refused. */
  readonly headers: ReadonlyMap<string, string>;
  readonly length: number;
}

/** A request that is answered at once. */
export interface Refusal {
  readonly status: number;
  readonly why: string;
}

const requestLine = /^([A-Z]{1,16}) ([\x21-\x7e]{1,2048}) HTTP\/1\.1$/;
const headerLine = /^([A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}):[ \t]*([\x20-\x7e]*?)[ \t]*$/;

/** The head in these bytes, which end with its empty line; or the reason of its refusal. */
export function readHead(bytes: Uint8Array): Head | Refusal {
  const [first = "", ...lines] = latin(bytes).slice(0, -4).split("\r\n");
  const line = requestLine.exec(first);
  if (line === null) return refusal(400, "malformed request line");
  const headers = new Map<string, string>();
  for (const each of lines) {
    const header = headerLine.exec(each);
    if (header === null) return refusal(400, "malformed header");
    const [, name = "", value = ""] = header;
    const key = name.toLowerCase();
    if (headers.has(key)) return refusal(400, `repeated header ${key}`);
    headers.set(key, value);
  }
  const [, method = "", target = ""] = line;
  const length = lengthOf(headers);
  return typeof length === "number" ? { method, target, headers, length } : length;
}

/** The length of the body; the reason why it cannot be known. */
function lengthOf(headers: ReadonlyMap<string, string>): number | Refusal {
  if (headers.has("transfer-encoding")) return refusal(411, "transfer encoding");
  if (headers.has("expect")) return refusal(417, "expectation");
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity") return refusal(415, "encoded body");
  const written = headers.get("content-length") ?? "0";
  if (!/^\d{1,9}$/.test(written)) return refusal(400, "malformed length");
  const length = Number(written);
  return length > bodyBytesMax ? refusal(413, "body too large") : length;
}

/** True for a refusal. */
export const isRefusal = (read: Head | Refusal): read is Refusal => "why" in read;

const refusal = (status: number, why: string): Refusal => ({ status, why });

/** Each byte as one character: a byte beyond ASCII matches no line. */
const latin = (bytes: Uint8Array): string => new TextDecoder("latin1").decode(bytes);
