/**
 * What a listener on loopback answers: requests that came to its very address, from no page but
 * its own, also when a page's name was made to point here. Refuses to say what they are answered.
 */

import { timingSafeEqual } from "node:crypto";
import type { Random } from "../effects.ts";

/** The address of loopback that every system has. */
export const loopback = "127.0.0.1";

/**
 * An address of loopback (127/8: RFC 1122, 3.2.1.3) that nobody can have served from before: what
 * an earlier page left in a browser, in its cache or as a worker, is at another origin. Only Linux
 * answers at all of them.
 */
export const freshLoopback = ({ integer }: Pick<Random, "integer">): string =>
  `127.${1 + integer(254)}.${integer(256)}.${1 + integer(254)}`;

/** The largest part of the headers that go with every reply; the policy is each listener's own. */
export const loopbackHeaders: Readonly<Record<string, string>> = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
};

/**
 * Whether a request came to this very address, and from no page but ours. By the headers as they
 * were sent: the URL of a request names only the first of two Host headers, `get` joins both.
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

/** Whether two texts are the same, in a time that does not tell where they differ. */
export function isSameSecret(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.length === second.length && timingSafeEqual(first, second);
}
