/** Requests that no peer sends: bytes, and things in the form of requests, drawn from a seed. */

import { base64url } from "../../src/contract/text/encoding.ts";
import { wire } from "../../src/contract/wire.ts";
import { askFor, hello } from "../daemon/attack/asking.ts";
import { requestOf } from "../daemon/attack/connection.ts";
import type { Draw } from "../support/histories.ts";

/** A request, and whether anybody's key is proven with it. */
export interface Fuzzed {
  readonly bytes: Uint8Array;
  readonly path: string;
  /** True when the connection proves a key; no peer's. */
  readonly hasKey: boolean;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const paths = Object.keys(wire);

/** Texts at which parsers fall. */
const words: readonly string[] = [
  ...["", "0", "-1", "null", "1e999", "{}", "[]", '"', "\\", "\u0000", "\u202e", "\ud800"],
  ...["__proto__", "constructor", "../..", "%00", "%2e%2e", "hydrate", "HYDRATE", " hydrate"],
  ...["a".repeat(300), "😀".repeat(40), "\r\n", "\r\n\r\n", "content-length: 5"],
];

/** A value of JSON, as deep as its depth. */
function anyValue(draw: Draw, depth: number): unknown {
  const kind = draw.below(depth > 0 ? 8 : 6);
  switch (kind) {
    case 0:
      return null;
    case 1:
      return draw.oneIn(2);
    case 2:
      return draw.pick([0, -0, 1, -1, 2 ** 53, 1e308, 0.1, draw.below(1_000)]);
    case 6:
      return Array.from({ length: draw.below(4) }, () => anyValue(draw, depth - 1));
    case 7:
      return anyObject(draw, depth);
    default:
      return draw.pick(words);
  }
}

const fields = [
  ...["ask_id", "thread_id", "handle", "question", "version", "protocols", "scopes", "share"],
  ...["checkpoint", "witness", "port", "token", "about", "tag", "document", "__proto__", "name"],
];

const anyObject = (draw: Draw, depth: number): Record<string, unknown> =>
  Object.fromEntries(
    Array.from({ length: draw.below(6) }, () => [draw.pick(fields), anyValue(draw, depth - 1)]),
  );

/** A body: JSON of any shape, or a text that is nearly JSON. */
export function anyBody(draw: Draw): string {
  const text = JSON.stringify(draw.oneIn(3) ? anyValue(draw, 3) : anyObject(draw, 3)) ?? "";
  return draw.oneIn(4) ? new TextDecoder().decode(mutated(draw, encode(text))) : text;
}

/** Bytes with some of them changed, cut, doubled or put in. */
export function mutated(draw: Draw, bytes: Uint8Array): Uint8Array {
  let out = Uint8Array.from(bytes);
  for (let times = draw.between(1, 4); times > 0; times -= 1) {
    const at = draw.below(out.length + 1);
    const end = Math.min(out.length, at + draw.below(20));
    switch (draw.below(9)) {
      case 0:
      case 4:
      case 5:
        out = Uint8Array.from(out, (byte, index) => (index === at ? draw.below(256) : byte));
        break;
      case 1:
        out = Uint8Array.from([...out.subarray(0, at), ...out.subarray(end)]);
        break;
      case 2:
        out = Uint8Array.from([...out.subarray(0, end), ...out.subarray(at)]);
        break;
      case 3:
      case 6:
      case 7:
        out = Uint8Array.from([
          ...out.subarray(0, at),
          ...encode(draw.pick(words)),
          ...out.subarray(at),
        ]);
        break;
      default:
        out = out.slice(0, at);
    }
  }
  return out;
}

/** A token that no machine minted, or that was minted for another. */
function anyToken(draw: Draw, stolen: string): string | undefined {
  const part = (value: unknown): string => base64url(encode(JSON.stringify(value)));
  switch (draw.below(6)) {
    case 0:
      return undefined;
    case 1:
      return stolen;
    case 2:
      return new TextDecoder("latin1").decode(mutated(draw, encode(stolen))).replace(/[\r\n]/g, "");
    case 3:
      return `${part({ alg: "none", typ: "peernet-peer+jwt" })}.${part(anyObject(draw, 2))}.`;
    case 4:
      return `${part({ alg: "HS256" })}.${stolen.split(".")[1]}.${base64url(draw.bytes(32))}`;
    default:
      return base64url(draw.bytes(draw.below(200)));
  }
}

const anyPath = (draw: Draw): string => {
  const path = draw.pick(paths);
  const other = [`/v1/${path}/`, `/V1/${path}`, `/v1//${path}`, `/v1/${path}?a=1`, `/${path}`];
  return draw.oneIn(5) ? draw.pick([...other, `/v1/../v1/${path}`, "/", "*"]) : `/v1/${path}`;
};

const headers = [
  "content-type: application/json\r\n",
  "content-type: application/json; charset=utf-7\r\n",
  "content-type: text/plain\r\n",
  "content-type: application/json\r\nx-forwarded-for: 127.0.0.1\r\nforwarded: for=127.0.0.1\r\n",
  "content-type: application/json\r\ntransfer-encoding: chunked\r\n",
  "content-type: application/json\r\nexpect: 100-continue\r\n",
  "content-type: application/json\r\nupgrade: websocket\r\nconnection: upgrade\r\n",
  "",
];

/** A body that a peer is answered: of a hello, and of an ask to all other paths. */
const wholeBody = (path: string): string =>
  JSON.stringify(path.includes("hello") ? { ...hello, port: null } : askFor());

/** A request of somebody who may ask nothing; `stolen` is a token minted for another key. */
export function fuzzed(draw: Draw, stolen: string): Fuzzed {
  const path = anyPath(draw);
  const hasKey = draw.oneIn(2);
  if (draw.oneIn(8)) return { bytes: draw.bytes(draw.below(400)), path, hasKey };
  const token = anyToken(draw, stolen);
  const method = draw.oneIn(6) ? draw.pick(["GET", "PUT", "OPTIONS", "HEAD", "post", "P"]) : "POST";
  const sending = { method, headers: draw.oneIn(3) ? draw.pick(headers) : (headers[0] ?? "") };
  // Where only the token is wrong, it is the token that must be refused.
  const isWhole = draw.oneIn(3);
  const text = requestOf(
    path,
    isWhole ? wholeBody(path) : anyBody(draw),
    token === undefined ? sending : { ...sending, token },
  );
  const bytes = encode(text);
  return { bytes: draw.oneIn(3) ? mutated(draw, bytes) : bytes, path, hasKey };
}
