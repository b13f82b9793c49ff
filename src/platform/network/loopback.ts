/**
 * Decides which requests a loopback listener answers: those sent to its exact address, from no page
 * but its own. A foreign page's name that resolves to this address changes nothing. Refusals do not
 * reveal that a listener is here.
 */

import { timingSafeEqual } from "node:crypto";
import type { Random } from "../effects.ts";

/** The loopback address that every system has. */
export const loopback = "127.0.0.1";

/**
 * A random loopback address (127/8: RFC 1122, 3.2.1.3), which no earlier page can have used.
 * Anything that an earlier page left in a browser's cache, or as a worker, belongs to another
 * origin. Only Linux answers at all of these addresses.
 */
export const freshLoopback = ({ integer }: Pick<Random, "integer">): string =>
  `127.${1 + integer(254)}.${integer(256)}.${1 + integer(254)}`;

/** The headers that every reply shares; each listener adds its own policy. */
export const loopbackHeaders: Readonly<Record<string, string>> = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
};

/**
 * True when a request came to this exact address, and from no page but ours. Judges the headers as
 * sent: a request's URL names only the first of two Host headers, and `get` joins both.
 */
export function isOurs(sent: Headers, origin: string): boolean {
  const from = sent.get("origin");
  const referer = sent.get("referer");
  return (
    `http://${sent.get("host")}` === origin &&
    (from === null || from === origin) &&
    (referer === null || referer.startsWith(`${origin}/`))
  );
}

/** True when two texts are equal; the time taken does not reveal where they differ. */
export function isSameSecret(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.length === second.length && timingSafeEqual(first, second);
}
