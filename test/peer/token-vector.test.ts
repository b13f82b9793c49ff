/** A token and a checkpoint's signature as they are published, byte for byte. */

import { expect, test } from "bun:test";
import { createPrivateKey } from "node:crypto";
import { sign, verifySignature } from "../../src/peer/identity.ts";
import { mint, verify } from "../../src/peer/token.ts";
import vector from "../vectors/token.json";
import { machine } from "./memory.ts";

const { minter, peer, issued_at_ms: issuedAtMs, jti, token, signed } = vector;
const fingerprint = (text: string): `sha256:${string}` => `sha256:${text.slice("sha256:".length)}`;
const jwk = { kty: "OKP", crv: "Ed25519", x: minter.token_key, d: minter.private_key };
const identity = {
  ...machine(),
  fingerprint: fingerprint(minter.fingerprint),
  signing: {
    publicKey: minter.token_key,
    privateKey: createPrivateKey({ key: jwk, format: "jwk" }),
  },
};

test("mint() gives the bytes of the vector, and verify() takes them until they end", async () => {
  const issued = { peer: fingerprint(peer), jti, issuedAtMs };
  expect(await mint(identity, issued)).toBe(token);
  const at = (nowMs: number) => verify(identity, token, { nowMs, expired: "refuse" });
  expect(await at(issuedAtMs)).toMatchObject({ jti, peer });
  expect(await at(vector.expires_at_ms - 1)).not.toBeNull();
  expect(await at(vector.expires_at_ms)).toBeNull();
});

test("sign() gives the signature of the vector, which verifySignature() takes", () => {
  const bytes = Uint8Array.fromHex(signed.bytes);
  expect(sign(identity, bytes)).toBe(signed.signature);
  expect(verifySignature(minter.token_key, bytes, signed.signature)).toBe(true);
});
