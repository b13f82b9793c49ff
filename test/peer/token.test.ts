import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHmac, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { tokenBytesMax, tokenLifeMs } from "../../src/contract/limits.ts";
import { Token } from "../../src/contract/terms.ts";
import { base64url } from "../../src/contract/text/encoding.ts";
import type { Identity } from "../../src/peer/identity.ts";
import { lifetimeOf, mint, verify } from "../../src/peer/token.ts";
import { machine } from "./memory.ts";

const [ours, theirs, stranger] = [machine(), machine(), machine()];
const peer = theirs.fingerprint;
const jti = "01234567-89ab-7def-8123-456789abcdef";
const issuedAtMs = 1_700_000_000_999;
const expiresAtMs = 1_700_000_000_000 + tokenLifeMs;
const now = { nowMs: issuedAtMs, expired: "refuse" } as const;

// Nothing here may reach for the network, whatever a token asks for.
const realFetch = globalThis.fetch;
let fetches = 0;
beforeAll(() => {
  const forbidden = async (): Promise<never> => {
    fetches++;
    throw new Error("a token made this machine fetch");
  };
  globalThis.fetch = Object.assign(forbidden, { preconnect: forbidden });
});
afterAll(() => {
  globalThis.fetch = realFetch;
  expect(fetches).toBe(0);
});

type Json = Readonly<Record<string, unknown>>;
const ownHeader: Json = { alg: "EdDSA", typ: "peernet-peer+jwt" };
const ownClaims: Json = {
  iss: ours.fingerprint,
  aud: ours.fingerprint,
  sub: peer,
  cnf: { "x5t#S256": peer.slice(7) },
  jti,
  iat: 1_700_000_000,
  exp: expiresAtMs / 1000,
};
const part = (value: unknown): string => base64url(new TextEncoder().encode(JSON.stringify(value)));

/** A token as `mint` would make it, with changes, signed with a key that may be another's. */
function forge(header: Json, claims: unknown, identity: Identity = ours): string {
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${base64url(sign(null, Buffer.from(text), identity.signing.privateKey))}`;
}
/** A token signed with our own key in which one claim differs. */
const claiming = (changes: Json): string => forge(ownHeader, { ...ownClaims, ...changes });
const without = (claim: string): string => claiming({ [claim]: undefined });

describe("mint()", () => {
  test("mint() writes exactly the published header and claims", async () => {
    const token = await mint(ours, { peer, jti, issuedAtMs });
    expect(token).toBe(forge(ownHeader, ownClaims));
    expect(Token.parse(token)).toBe(token);
    expect(token.length).toBeLessThan(tokenBytesMax / 2);
  });

  test("mint() gives the same bytes for the same input, others for another", async () => {
    const token = await mint(ours, { peer, jti, issuedAtMs });
    expect(await mint(ours, { peer, jti, issuedAtMs })).toBe(token);
    expect(await mint(ours, { peer, jti, issuedAtMs: issuedAtMs + 1 })).not.toBe(token);
    expect(await mint(ours, { peer, jti: "another", issuedAtMs })).not.toBe(token);
    expect(await mint(ours, { peer: stranger.fingerprint, jti, issuedAtMs })).not.toBe(token);
    expect(await mint(stranger, { peer, jti, issuedAtMs })).not.toBe(token);
  });
});

describe("verify()", () => {
  test("verify() reads what mint() made", async () => {
    const token = await mint(ours, { peer, jti, issuedAtMs });
    expect(await verify(ours, token, now)).toEqual({ jti, peer, expiresAtMs });
  });

  test("verify() holds up to the last millisecond before exp, and not at exp", async () => {
    const token = await mint(ours, { peer, jti, issuedAtMs });
    const at = (nowMs: number) => verify(ours, token, { nowMs, expired: "refuse" });
    expect(await at(expiresAtMs)).toBeNull();
    expect(await at(expiresAtMs + 86_400_000)).toBeNull();
  });

  test("verify() does not care when its clock is behind the one that issued", async () => {
    const token = await mint(ours, { peer, jti, issuedAtMs });
    const at = (nowMs: number) => verify(ours, token, { nowMs, expired: "refuse" });
    expect(await at(issuedAtMs - 86_400_000)).not.toBeNull();
    expect(await at(0)).not.toBeNull();
  });

  test("verify() ignores only what exp says when an expired token is allowed", async () => {
    const token = await mint(ours, { peer, jti, issuedAtMs });
    const late = { nowMs: expiresAtMs + 40 * 86_400_000, expired: "allow" } as const;
    expect(await verify(ours, token, late)).toEqual({ jti, peer, expiresAtMs });
    expect(await verify(ours, without("exp"), late)).toBeNull();
    expect(await verify(ours, claiming({ exp: "soon" }), late)).toBeNull();
    expect(await verify(ours, claiming({ iss: peer }), late)).toBeNull();
    expect(await verify(ours, claiming({ sub: stranger.fingerprint }), late)).toBeNull();
    expect(await verify(ours, forge(ownHeader, ownClaims, theirs), late)).toBeNull();
  });
});

describe("verify() refuses", () => {
  /** Refused in both modes; a control shows that the same token, unchanged, is good. */
  async function refused(token: string): Promise<void> {
    expect(await verify(ours, token, now)).toBeNull();
    expect(await verify(ours, token, { ...now, expired: "allow" })).toBeNull();
    expect(await verify(ours, forge(ownHeader, ownClaims), now)).not.toBeNull();
  }

  test("alg none, in any spelling, with and without a signature", async () => {
    const [, , signature] = forge(ownHeader, ownClaims).split(".");
    for (const alg of ["none", "None", "NONE", "nOnE", ""]) {
      const text = `${part({ ...ownHeader, alg })}.${part(ownClaims)}`;
      await refused(`${text}.`);
      await refused(text);
      await refused(`${text}.${signature}`);
      await refused(forge({ ...ownHeader, alg }, ownClaims));
    }
  });

  test("HS256 with the public key as the secret, in every form of it", async () => {
    const key = createPublicKey(ours.signing.privateKey);
    const secrets = [
      Buffer.from(ours.signing.publicKey, "base64url"),
      Buffer.from(ours.signing.publicKey),
      Buffer.from(key.export({ type: "spki", format: "pem" })),
      key.export({ type: "spki", format: "der" }),
      Buffer.from(ours.certificate),
    ];
    for (const alg of ["HS256", "HS384", "HS512"]) {
      for (const secret of secrets) {
        const text = `${part({ ...ownHeader, alg })}.${part(ownClaims)}`;
        const tag = createHmac(`sha${alg.slice(2)}`, secret)
          .update(text)
          .digest();
        await refused(`${text}.${base64url(tag)}`);
      }
    }
  });

  test("RS256 and ES256 with a key of the attacker's", async () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const curve = generateKeyPairSync("ec", { namedCurve: "P-256" });
    for (const [alg, key] of [
      ["RS256", { key: rsa.privateKey }],
      ["ES256", { key: curve.privateKey, dsaEncoding: "ieee-p1363" as const }],
    ] as const) {
      const text = `${part({ ...ownHeader, alg })}.${part(ownClaims)}`;
      await refused(`${text}.${base64url(sign("sha256", Buffer.from(text), key))}`);
    }
  });

  test("a header with any other member, even signed with our own key", async () => {
    const attacker = createPublicKey(theirs.signing.privateKey).export({ format: "jwk" });
    for (const extra of [
      { kid: "1" },
      { kid: "../../keys/identity.pem" },
      { jku: "http://127.0.0.1:1/keys" },
      { x5u: "http://127.0.0.1:1/certificate" },
      { jwk: attacker },
      { x5c: [theirs.certificate] },
      { crit: ["exp"], exp: 0 },
      { b64: false, crit: ["b64"] },
      { zip: "DEF" },
      { cty: "JWT" },
    ]) {
      await refused(forge({ ...ownHeader, ...extra }, ownClaims, theirs));
      await refused(forge({ ...ownHeader, ...extra }, ownClaims, ours));
    }
  });

  test("another typ, alg or order of the header, even signed with our own key", async () => {
    for (const header of [
      { alg: "EdDSA" },
      { alg: "EdDSA", typ: "JWT" },
      { alg: "EdDSA", typ: "Peernet-Peer+JWT" },
      { alg: "EdDSA", typ: "application/peernet-peer+jwt" },
      { alg: "Ed25519", typ: "peernet-peer+jwt" },
      { typ: "peernet-peer+jwt", alg: "EdDSA" },
      { typ: "peernet-peer+jwt" },
    ]) {
      await refused(forge(header, ownClaims));
    }
  });

  test.each(["iss", "aud", "sub", "cnf", "jti", "exp"])("a token without %s", async (claim) => {
    await refused(without(claim));
    await refused(claiming({ [claim]: null }));
    await refused(claiming({ [claim]: 7.5 }));
    await refused(claiming({ [claim]: {} }));
  });

  test("another issuer, audience or subject", async () => {
    await refused(claiming({ iss: peer }));
    await refused(claiming({ aud: peer }));
    await refused(claiming({ aud: [ours.fingerprint] }));
    await refused(claiming({ aud: [ours.fingerprint, peer] }));
    await refused(claiming({ sub: stranger.fingerprint }));
    await refused(claiming({ sub: "" }));
    await refused(claiming({ sub: peer.slice(7) }));
  });

  test("a confirmation of another certificate than the subject's", async () => {
    await refused(claiming({ cnf: { "x5t#S256": stranger.fingerprint.slice(7) } }));
    await refused(claiming({ cnf: { "x5t#S256": peer } }));
    await refused(claiming({ cnf: { "x5t#S256": null } }));
    await refused(claiming({ cnf: { jkt: peer.slice(7) } }));
    await refused(claiming({ cnf: [peer.slice(7)] }));
    await refused(claiming({ cnf: peer.slice(7) }));
  });

  test("claims that are no object", async () => {
    for (const claims of [null, [], "text", 1, true]) await refused(forge(ownHeader, claims));
  });

  test("a token that another machine minted, for us or for itself", async () => {
    const issued = { peer: ours.fingerprint, jti, issuedAtMs };
    await refused(await mint(theirs, issued));
    await refused(await mint(stranger, { ...issued, peer }));
    await refused(forge(ownHeader, ownClaims, theirs));
  });

  test("a token with any one character replaced, removed or added", async () => {
    const token = await mint(ours, { peer, jti, issuedAtMs });
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === "A" ? "B" : "A";
      const [head, tail] = [token.slice(0, at), token.slice(at + 1)];
      expect(await verify(ours, head + other + tail, now)).toBeNull();
      expect(await verify(ours, head + tail, now)).toBeNull();
    }
    for (const text of [`${token}.`, `.${token}`, `${token}A`, `${token}=`, ` ${token}`, "", "."]) {
      expect(await verify(ours, text, now)).toBeNull();
    }
  });

  test("every flipped bit of the signature and every other spelling of it", async () => {
    const token = await mint(ours, { peer, jti, issuedAtMs });
    const at = token.lastIndexOf(".") + 1;
    const [text, signature] = [token.slice(0, at), Buffer.from(token.slice(at), "base64url")];
    for (let bit = 0; bit < signature.length * 8; bit++) {
      const flipped = Buffer.from(signature);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(await verify(ours, text + base64url(flipped), now)).toBeNull();
    }
    for (const last of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/") {
      const spelled = token.slice(0, -1) + last;
      expect(await verify(ours, spelled, now)).toEqual(
        spelled === token ? { jti, peer, expiresAtMs } : null,
      );
    }
  });
});

describe("a token that was verified before", () => {
  test("is past its time when its time is over", async () => {
    const token = await mint(ours, { peer, jti, issuedAtMs });
    const at = (nowMs: number) => verify(ours, token, { nowMs, expired: "refuse" });
    expect(await at(expiresAtMs - 1)).toEqual({ jti, peer, expiresAtMs });
    expect(await at(expiresAtMs)).toBeNull();
  });

  test("is not known to another machine", async () => {
    const token = await mint(ours, { peer, jti, issuedAtMs });
    expect(await verify(ours, token, now)).not.toBeNull();
    expect(await verify(theirs, token, now)).toBeNull();
  });
});

describe("lifetimeOf()", () => {
  test("lifetimeOf() reads a token of any machine, without judging it", async () => {
    const expected = { issuedAtMs: 1_700_000_000_000, expiresAtMs, jti };
    expect(lifetimeOf(await mint(ours, { peer, jti, issuedAtMs }))).toEqual(expected);
    expect(lifetimeOf(await mint(theirs, { peer, jti, issuedAtMs }))).toEqual(expected);
  });

  test("lifetimeOf() is null, not an error, for what does not read as a token", () => {
    const exp = 1_700_000_000;
    for (const changes of [
      { iat: undefined },
      { exp: undefined },
      { jti: undefined },
      { jti: 1 },
      { iat: "1" },
      { iat: -1 },
      { iat: exp, exp },
      { iat: exp + 1, exp },
      { iat: 1.0001 },
      { exp: 1e300 },
      { exp: Number.MAX_SAFE_INTEGER },
    ]) {
      expect(lifetimeOf(claiming(changes))).toBeNull();
    }
    for (const text of ["", ".", "..", "a.b.c", "a.!.c", "a.bnVsbA.c", "a.W10.c", "\0.\0.\0"]) {
      expect(lifetimeOf(text)).toBeNull();
    }
    expect(lifetimeOf(claiming({ iat: exp - 1, exp }))?.expiresAtMs).toBe(exp * 1000);
  });
});
