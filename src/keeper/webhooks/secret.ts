/** The secret of a webhook, and the two things that it signs. */

import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { lv } from "../../contract/text/encoding.ts";
import { webhookSecretBytes } from "../../contract/webhooks/limits.ts";

/** A file with more is none of a secret. */
const fileBytesMax = 1_024;

/**
 * The secret in a file of this user alone, in the form of Standard Webhooks: `whsec_` and base64;
 * null for any other.
 */
export function readSecret(path: string, uid: number): Uint8Array | null {
  let handle: number;
  try {
    handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    const stats = fstatSync(handle);
    const isAlone = stats.isFile() && stats.uid === uid && (stats.mode & 0o077) === 0;
    return isAlone && stats.size <= fileBytesMax ? secretIn(readFileSync(handle, "utf8")) : null;
  } finally {
    closeSync(handle);
  }
}

function secretIn(text: string): Uint8Array | null {
  const [, encoded] = /^whsec_([A-Za-z0-9+/]+={0,2})\s*$/.exec(text) ?? [];
  if (encoded === undefined) return null;
  const bytes = Buffer.from(encoded, "base64");
  const { min, max } = webhookSecretBytes;
  return bytes.length >= min && bytes.length <= max ? bytes : null;
}

const hmac = (key: Uint8Array, content: Uint8Array | string): string =>
  new Bun.CryptoHasher("sha256", key).update(content).digest("base64");

/** The signature of an event (Standard Webhooks 1.0). */
export const signatureOf = (
  key: Uint8Array,
  { id, at, body }: { readonly id: string; readonly at: number; readonly body: string },
): string => `v1,${hmac(key, `${id}.${at}.${body}`)}`;

/**
 * The reply that proves the secret. Its first byte stands in no header, so that no reply to a
 * challenge is the signature of an event.
 */
export const proofOf = (key: Uint8Array, nonce: string): string =>
  `v1,${hmac(key, lv("peernet-webhook-v1", nonce))}`;
