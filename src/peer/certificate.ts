/**
 * Writes a machine's one certificate, and names certificates by their fingerprint. Never parses
 * certificates, and never judges their names or dates: nothing here decides trust.
 */

import { createPublicKey, type KeyObject, sign } from "node:crypto";
import type { Fingerprint } from "../contract/terms.ts";
import { base64url, concatenate } from "../contract/text/encoding.ts";

/** Bytes of a certificate's serial number. */
export const serialBytes = 16;

/**
 * Makes a machine's certificate as PEM: self-signed with ECDSA and SHA-256, `CN=peernet` for all,
 * not a CA, for signing only, for TLS clients and servers. It is valid from 1970-01-01 to the last
 * second that can be written, so that no clock can break a pin. The key must be P-256; the serial
 * is 16 random bytes. Source: RFC 5280 (certificate), RFC 5758 (algorithm), X.690 (DER).
 */
export function selfSigned(privateKey: KeyObject, serial: Uint8Array): string {
  const algorithm = sequence(oid(1, 2, 840, 10045, 4, 3, 2));
  const name = sequence(der(0x31, sequence(oid(2, 5, 4, 3), der(0x0c, ascii("peernet")))));
  const validity = sequence(der(0x17, ascii("700101000000Z")), der(0x18, ascii("99991231235959Z")));
  const extensions = sequence(
    criticalExtension(oid(2, 5, 29, 19), sequence()),
    criticalExtension(oid(2, 5, 29, 15), der(0x03, Uint8Array.of(7, 0x80))),
    extension(
      oid(2, 5, 29, 37),
      sequence(oid(1, 3, 6, 1, 5, 5, 7, 3, 1), oid(1, 3, 6, 1, 5, 5, 7, 3, 2)),
    ),
  );
  const signed = sequence(
    der(0xa0, der(0x02, Uint8Array.of(2))),
    der(0x02, positive(serial)),
    algorithm,
    name,
    validity,
    name,
    createPublicKey(privateKey).export({ type: "spki", format: "der" }),
    der(0xa3, extensions),
  );
  const signature = sign("sha256", signed, privateKey);
  return pemOf(sequence(signed, algorithm, der(0x03, Uint8Array.of(0), signature)));
}

/** Names a certificate: `sha256:` and base64url of the SHA-256 of its DER. */
export const fingerprintOf = (
  certificate: Uint8Array,
  sha256: (bytes: Uint8Array) => Uint8Array,
): Fingerprint => `sha256:${base64url(sha256(certificate))}`;

/** A certificate's DER as PEM (RFC 7468). */
export function pemOf(certificate: Uint8Array): string {
  const lines = certificate.toBase64().replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

/** One DER value: tag, shortest length, contents. */
function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const body = concatenate(contents);
  const length = bigEndian(body.length);
  const header = body.length < 0x80 ? [tag, body.length] : [tag, 0x80 | length.length, ...length];
  return concatenate([Uint8Array.from(header), body]);
}

const sequence = (...members: readonly Uint8Array[]): Uint8Array => der(0x30, ...members);

const extension = (id: Uint8Array, value: Uint8Array): Uint8Array => sequence(id, der(0x04, value));

const criticalExtension = (id: Uint8Array, value: Uint8Array): Uint8Array =>
  sequence(id, der(0x01, Uint8Array.of(0xff)), der(0x04, value));

function oid(first: number, second: number, ...arcs: readonly number[]): Uint8Array {
  return der(0x06, Uint8Array.of(40 * first + second, ...arcs.flatMap(base128)));
}

function base128(arc: number): readonly number[] {
  const bytes = [arc & 0x7f];
  for (let rest = arc >>> 7; rest !== 0; rest >>>= 7) bytes.unshift(0x80 | (rest & 0x7f));
  return bytes;
}

function bigEndian(value: number): readonly number[] {
  const bytes: number[] = [];
  for (let rest = value; rest !== 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return bytes;
}

/** Fixes the two highest bits, so that the INTEGER is positive and has no byte too many. */
function positive(serial: Uint8Array): Uint8Array {
  const [first = 0, ...rest] = serial;
  return Uint8Array.of((first & 0x3f) | 0x40, ...rest);
}

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
