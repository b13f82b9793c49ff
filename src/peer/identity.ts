/**
 * This machine's identity: its TLS key and certificate, and the key that signs its tokens and
 * checkpoints. All three live in one file, written once. Never replaces, repairs or guesses an
 * identity: a new one would silently end every pairing, so any unexpected state is an error.
 */

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
  X509Certificate,
} from "node:crypto";
import { PeernetError } from "../contract/errors.ts";
import type { Fingerprint } from "../contract/terms.ts";
import { base64url, fromBase64url } from "../contract/text/encoding.ts";
import { stateNames } from "../contract/text/state-names.ts";
import type { Effects, StateFiles } from "../platform/effects.ts";
import { fingerprintOf, selfSigned, serialBytes } from "./certificate.ts";

/** This machine's keys and certificate. */
export interface Identity {
  readonly fingerprint: Fingerprint;
  /** The TLS certificate, as PEM. */
  readonly certificate: string;
  /** The P-256 key of the certificate, as PEM (PKCS #8). */
  readonly key: string;
  /** Ed25519, for peer tokens and audit checkpoints. */
  readonly signing: {
    /** The 32 bytes of the public key, base64url. */
    readonly publicKey: string;
    readonly privateKey: KeyObject;
  };
}

/** The file in the state folder that holds the identity: TLS key, certificate, signing key. */
export const identityFile = stateNames.identity;
/** The file of signed checkpoints: if it exists, an identity existed. */
const checkpointsFile = stateNames.checkpoints;

/**
 * Reads this machine's identity, or creates its first one. The file is written once, in one atomic
 * step, and never again.
 * @throws {state_unsafe} when the file is damaged, unsafe, or missing although it has been used
 * @throws {storage_full}
 */
export function loadOrCreate(effects: Pick<Effects, "files" | "random" | "sha256">): Identity {
  const { files, random, sha256 } = effects;
  const stored = files.read(identityFile);
  if (stored !== null) {
    const identity = parse(stored, sha256);
    if (identity === null) throw unusable(files, "is damaged");
    return identity;
  }
  if (files.read(checkpointsFile) !== null) throw unusable(files, "is missing");
  const created = create(random.bytes(serialBytes));
  const identity = parse(created, sha256);
  if (identity === null) throw new PeernetError("internal");
  files.write(identityFile, created);
  return identity;
}

/** Signs bytes with this machine's Ed25519 key (RFC 8032): 64 bytes, base64url. */
export const sign = (identity: Identity, bytes: Uint8Array): string =>
  base64url(signBytes(null, bytes, identity.signing.privateKey));

/**
 * True when the key of that public key signed the bytes; key and signature are base64url. False for
 * malformed input; never throws.
 */
export function verifySignature(publicKey: string, bytes: Uint8Array, signature: string): boolean {
  const signatureBytes = fromBase64url(signature);
  if (signatureBytes === null || fromBase64url(publicKey)?.length !== 32) return false;
  try {
    const jwk = { kty: "OKP", crv: "Ed25519", x: publicKey };
    return verifyBytes(null, bytes, createPublicKey({ key: jwk, format: "jwk" }), signatureBytes);
  } catch {
    return false;
  }
}

function create(serial: Uint8Array): string {
  const { privateKey: tlsKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { privateKey: signingKey } = generateKeyPairSync("ed25519");
  return pemOfKey(tlsKey) + selfSigned(tlsKey, serial) + pemOfKey(signingKey);
}

const pemOfKey = (key: KeyObject): string =>
  key.export({ type: "pkcs8", format: "pem" }).toString();

const block = (label: string): string =>
  `(-----BEGIN ${label}-----\\n[A-Za-z0-9+/=\\n]+-----END ${label}-----\\n)`;
const identityText = new RegExp(
  `^${block("PRIVATE KEY")}${block("CERTIFICATE")}${block("PRIVATE KEY")}$`,
);

/** Null unless the text is exactly one TLS key, its self-signed certificate, one signing key. */
function parse(text: string, sha256: Effects["sha256"]): Identity | null {
  const [, key, certificate, signingKey] = identityText.exec(text) ?? [];
  if (key === undefined || certificate === undefined || signingKey === undefined) return null;
  try {
    const x509 = new X509Certificate(certificate);
    if (!belongsTo(x509, createPrivateKey(key))) return null;
    const privateKey = createPrivateKey(signingKey);
    const { crv, x: publicKey } = createPublicKey(privateKey).export({ format: "jwk" });
    if (crv !== "Ed25519" || publicKey === undefined) return null;
    const fingerprint = fingerprintOf(x509.raw, sha256);
    return { fingerprint, certificate, key, signing: { publicKey, privateKey } };
  } catch {
    return null;
  }
}

/**
 * True when a certificate is the self-signed one of a P-256 key. Its own signature is checked too:
 * a flipped bit anywhere in it would otherwise pass as another fingerprint.
 */
const belongsTo = (certificate: X509Certificate, key: KeyObject): boolean =>
  key.asymmetricKeyDetails?.namedCurve === "prime256v1" &&
  certificate.checkPrivateKey(key) &&
  certificate.verify(certificate.publicKey);

const unusable = (files: StateFiles, what: string): PeernetError =>
  new PeernetError("state_unsafe", {
    message: `${identityFile} ${what}`,
    hint: `restore it from a backup, or move ${files.folder} away and pair again`,
  });
