/**
 * Mints and checks peer tokens: the credential that this machine signs for a peer (a JWT, RFC
 * 7519). Never lets a token choose how it is checked, and never uses another machine's key. Does
 * not decide the peer's rights: scopes are in its row.
 */

import { createPublicKey } from "node:crypto";
import { JOSEError } from "jose/errors";
import { decodeJwt } from "jose/jwt/decode";
import { SignJWT } from "jose/jwt/sign";
import { jwtVerify } from "jose/jwt/verify";
import { peersMax, tokenLifeMs, tokensPerPeerMax } from "../contract/limits.ts";
import { Fingerprint } from "../contract/terms.ts";
import { base64url, fromBase64url } from "../contract/text/encoding.ts";
import type { Identity } from "./identity.ts";

/** The claims of a verified token. */
export interface TokenClaims {
  readonly jti: string;
  /** The machine that may bear the token. */
  readonly peer: Fingerprint;
  readonly expiresAtMs: number;
}

const header = { alg: "EdDSA", typ: "peernet-peer+jwt" } as const;
/** The only valid header: a token that differs in one byte was not minted here. */
const headerText = base64url(new TextEncoder().encode(JSON.stringify(header)));

/**
 * Mints a token for a peer: bound to the certificate that it must prove (RFC 8705), signed with
 * Ed25519, valid for `tokenLifeMs` from the second of its issue. The same input gives the same
 * bytes.
 */
export function mint(
  identity: Identity,
  issued: { readonly peer: Fingerprint; readonly jti: string; readonly issuedAtMs: number },
): Promise<string> {
  const iat = Math.floor(issued.issuedAtMs / 1000);
  const claims = {
    iss: identity.fingerprint,
    aud: identity.fingerprint,
    sub: issued.peer,
    cnf: { "x5t#S256": thumbprintOf(issued.peer) },
    jti: issued.jti,
    iat,
    exp: iat + tokenLifeMs / 1000,
  };
  return new SignJWT(claims).setProtectedHeader(header).sign(identity.signing.privateKey);
}

/**
 * Reads a token that this machine minted; null for any other. It is valid up to the last
 * millisecond before `exp`, by the clock that wrote it. `expired: "allow"` ignores the value of
 * `exp` but not its absence. The caller still compares `peer` with the connection and the row.
 */
export async function verify(
  identity: Identity,
  token: string,
  at: { readonly nowMs: number; readonly expired: "refuse" | "allow" },
): Promise<TokenClaims | null> {
  const known = knownOf(identity);
  const claims = known.get(token) ?? (await read(identity, token));
  if (claims === null) return null;
  known.set(token, claims);
  if (known.size > knownMax) forgetOldest(known);
  return at.expired === "refuse" && at.nowMs >= claims.expiresAtMs ? null : claims;
}

/**
 * The claims of verified tokens, by the token's full text. The cache does not decide validity: each
 * request reads the token's row, so a revoked token is refused at once.
 */
const verified = new WeakMap<Identity, Map<string, TokenClaims>>();
const knownMax = peersMax * tokensPerPeerMax;

function knownOf(identity: Identity): Map<string, TokenClaims> {
  const known = verified.get(identity) ?? new Map<string, TokenClaims>();
  verified.set(identity, known);
  return known;
}

function forgetOldest(known: Map<string, TokenClaims>): void {
  const [oldest] = known.keys();
  if (oldest !== undefined) known.delete(oldest);
}

/** Checks everything about a token except its expiry. */
async function read(identity: Identity, token: string): Promise<TokenClaims | null> {
  const [first, , signature, ...rest] = token.split(".");
  if (first !== headerText || signature === undefined || rest.length > 0) return null;
  // Bits that the last character does not need would give one token several texts.
  if (fromBase64url(signature) === null) return null;
  try {
    const { payload } = await jwtVerify(token, createPublicKey(identity.signing.privateKey), {
      algorithms: [header.alg],
      typ: header.typ,
      issuer: identity.fingerprint,
      audience: identity.fingerprint,
      requiredClaims: ["exp", "jti", "cnf", "sub"],
      // Each use checks the expiry: the cache must not extend it.
      clockTolerance: Number.MAX_SAFE_INTEGER,
    });
    return claimsOf(payload);
  } catch (error) {
    if (error instanceof JOSEError) return null;
    throw error;
  }
}

/**
 * A token's issue and expiry by its minter's clock, for the machine that bears it. **Verifies
 * nothing**: the bearer cannot, and only needs to know when to exchange the token. Null when it is
 * not shaped like our tokens.
 */
export function lifetimeOf(
  token: string,
): { readonly issuedAtMs: number; readonly expiresAtMs: number; readonly jti: string } | null {
  try {
    const { iat, exp, jti } = decodeJwt(token);
    if (!isSecond(iat) || !isSecond(exp) || exp <= iat || typeof jti !== "string") return null;
    return { issuedAtMs: iat * 1000, expiresAtMs: exp * 1000, jti };
  } catch (error) {
    if (error instanceof JOSEError) return null;
    throw error;
  }
}

/** A fingerprint as `x5t#S256` has it. */
const thumbprintOf = (fingerprint: Fingerprint): string => fingerprint.slice("sha256:".length);

function claimsOf(payload: Readonly<Record<string, unknown>>): TokenClaims | null {
  const { aud, sub, cnf, jti, exp, nbf } = payload;
  // Our tokens have no later start.
  if (nbf !== undefined) return null;
  const peer = Fingerprint.safeParse(sub);
  const bound = typeof cnf === "object" && cnf !== null && "x5t#S256" in cnf;
  if (!peer.success || !bound || cnf["x5t#S256"] !== thumbprintOf(peer.data)) return null;
  if (typeof aud !== "string" || typeof jti !== "string" || !isSecond(exp)) return null;
  return { jti, peer: peer.data, expiresAtMs: exp * 1000 };
}

/** Whole seconds since 1970 that are still whole in milliseconds. */
const isSecond = (value: unknown): value is number =>
  typeof value === "number" &&
  Number.isInteger(value) &&
  value >= 0 &&
  Number.isSafeInteger(value * 1000);
