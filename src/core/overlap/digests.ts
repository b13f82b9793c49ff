/**
 * Digests of repositories and paths. The ones on the wire are keyed by the TLS exporter of their
 * connection, so that no two connections share one. Pure: the hash is a parameter.
 */

import { shortDigestBytes } from "../../contract/overlap/limits.ts";
import { base64url, concatenate, fromBase64url, lv } from "../../contract/text/encoding.ts";

/** SHA-256. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** The TLS exporter's label for comparing changed files. */
export const overlapLabel = "EXPORTER-peernet-overlap-v1";

const blockBytes = 64;

/** HMAC with SHA-256 (RFC 2104); the key is at most a block long. */
export function hmac(sha256: Sha256, key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = new Uint8Array(blockBytes);
  block.set(key);
  const inner = sha256(concatenate([block.map((byte) => byte ^ 0x36), message]));
  return sha256(concatenate([block.map((byte) => byte ^ 0x5c), inner]));
}

/** A repository on a connection. */
export const repositoryDigest = (sha256: Sha256, key: Uint8Array, identity: string): string =>
  base64url(hmac(sha256, key, lv("repository", identity)));

/** A path's digest on a connection; null for a text that is no digest. */
export function shortDigest(sha256: Sha256, key: Uint8Array, path: string): string | null {
  const bytes = fromBase64url(path);
  return bytes === null ? null : base64url(hmac(sha256, key, bytes).subarray(0, shortDigestBytes));
}
