/**
 * Forged tokens against a machine whose rows would accept them: each is entered in the database
 * as if it had been minted, so that only the check of the token itself stands in its way.
 */

import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { createHmac, createPublicKey, sign } from "node:crypto";
import { join } from "node:path";
import { tokenLifeMs } from "../../../src/contract/limits.ts";
import { base64url, hex } from "../../../src/contract/text/encoding.ts";
import { type Identity, loadOrCreate } from "../../../src/peer/identity.ts";
import { stateFiles } from "../../../src/platform/files.ts";
import { random, sha256 } from "../../../src/platform/real.ts";
import { type Machine, machine } from "../../support/daemon.ts";
import { codeOf, newIdentity } from "../attack/connection.ts";
import { enrol, type HandPeer } from "../attack/pairing.ts";
import { tcpServer } from "../attack/server.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The parts of a token; each forgery changes one. */
interface Parts {
  readonly header: Fields;
  readonly claims: Fields;
  readonly sign: (signed: Uint8Array) => Uint8Array;
}

const encoded = (value: unknown): string =>
  base64url(new TextEncoder().encode(JSON.stringify(value)));

function tokenOf(parts: Parts): string {
  const signed = `${encoded(parts.header)}.${encoded(parts.claims)}`;
  return `${signed}.${base64url(parts.sign(new TextEncoder().encode(signed)))}`;
}

/** The parts of a token that the machine itself might have minted for a peer. */
function genuine(own: Identity, peer: HandPeer, jti: string): Parts {
  const iat = Math.floor(Date.now() / 1_000);
  const thumbprint = peer.identity.fingerprint.slice("sha256:".length);
  return {
    header: { alg: "EdDSA", typ: "peernet-peer+jwt" },
    claims: {
      iss: own.fingerprint,
      aud: own.fingerprint,
      sub: peer.identity.fingerprint,
      cnf: { "x5t#S256": thumbprint },
      jti,
      iat,
      exp: iat + tokenLifeMs / 1_000,
    },
    sign: (signed) => new Uint8Array(sign(null, signed, own.signing.privateKey)),
  };
}

/** Enters a token as minted for a peer. */
function enter(on: Machine, peer: HandPeer, { token, jti }: { token: string; jti: string }): void {
  using database = new Database(join(on.home, "state.db"));
  database.run("PRAGMA busy_timeout = 1000");
  const digest = hex(sha256(new TextEncoder().encode(token)));
  database.run("INSERT INTO token VALUES (?, ?, ?, ?, ?, 1)", [
    jti,
    peer.identity.fingerprint,
    digest,
    Date.now(),
    Date.now() + tokenLifeMs,
  ]);
}

const hello = { version: "1", protocols: [1], scopes: [], checkpoint: null, witness: null };

interface Given {
  readonly own: Identity;
  readonly peer: HandPeer;
  readonly address: string;
}

type Forgery = (parts: Parts, given: Given) => Parts;

const withHeader =
  (more: Fields): Forgery =>
  (parts) => ({ ...parts, header: { ...parts.header, ...more } });
const withClaims =
  (more: Fields): Forgery =>
  (parts) => ({ ...parts, claims: { ...parts.claims, ...more } });

const stranger = newIdentity();

/** The machine's public key, which everyone it pairs with is told, used as a secret. */
const hmacWithPublicKey: Forgery = (parts, { own }) => ({
  ...withHeader({ alg: "HS256" })(parts, { own } as Given), // Only `own` is looked at.
  sign: (signed) => {
    const pem = createPublicKey(own.signing.privateKey).export({ type: "spki", format: "pem" });
    return new Uint8Array(createHmac("sha256", pem).update(signed).digest());
  },
});

const signedByStranger: Forgery = (parts) => ({
  ...parts,
  sign: (signed) => new Uint8Array(sign(null, signed, stranger.signing.privateKey)),
});

const keyNamedBy =
  (field: "jku" | "x5u" | "kid"): Forgery =>
  (parts, given) =>
    withHeader({ [field]: `https://${given.address}/keys` })(signedByStranger(parts, given), given);

const forgeries: Readonly<Record<string, Forgery>> = {
  "alg none": (parts) => ({
    ...parts,
    header: { ...parts.header, alg: "none" },
    sign: () => new Uint8Array(),
  }),
  "HS256 with the public key": hmacWithPublicKey,
  "the key of another": signedByStranger,
  "a key it brings itself": (parts, given) =>
    withHeader({ jwk: { kty: "OKP", crv: "Ed25519", x: stranger.signing.publicKey } })(
      signedByStranger(parts, given),
      given,
    ),
  "a key named by kid": keyNamedBy("kid"),
  "a key at a jku": keyNamedBy("jku"),
  "a key at an x5u": keyNamedBy("x5u"),
  "a header that names a key, well signed": withHeader({ kid: "../../keys/identity.pem" }),
  "another typ": withHeader({ typ: "JWT" }),
  "a critical header": withHeader({ crit: ["b64"], b64: false }),
  "another issuer": withClaims({ iss: stranger.fingerprint }),
  "another audience": withClaims({ aud: stranger.fingerprint }),
  "a list of audiences": (parts, { own }) => ({
    ...parts,
    claims: { ...parts.claims, aud: [own.fingerprint, stranger.fingerprint] },
  }),
  "the cnf of another key": withClaims({
    cnf: { "x5t#S256": stranger.fingerprint.slice("sha256:".length) },
  }),
  "no cnf": withClaims({ cnf: undefined }),
  "another subject": withClaims({ sub: stranger.fingerprint }),
  "no exp": withClaims({ exp: undefined }),
  "an exp that is no number": withClaims({ exp: "never" }),
  "an exp a second ago": withClaims({ exp: Math.floor(Date.now() / 1_000) - 1 }),
  "a time before which it is not good": withClaims({ nbf: Math.floor(Date.now() / 1_000) + 3_600 }),
};

/** True when hello admits a token whose row is valid. */
async function statusOf(forge: Forgery): Promise<number | undefined> {
  let fetched = 0;
  await using keys = await tcpServer((socket) => {
    fetched += 1;
    socket.destroy();
  });
  await using on = await machine("on");
  const own = loadOrCreate({ files: stateFiles(on.home), random, sha256 });
  const peer = await enrol(on);
  const jti = crypto.randomUUID();
  const token = tokenOf(forge(genuine(own, peer, jti), { own, peer, address: keys.address }));
  enter(on, peer, { token, jti });
  using connection = await peer.connect();
  const reply = await connection.post("hello", hello, { token });
  expect(fetched).toBe(0);
  if (reply?.status !== 200) expect(codeOf(reply)).toBe("unauthenticated");
  return reply?.status;
}

describe("a token that has a row", () => {
  test("is accepted when the machine could have minted it", async () => {
    expect(await statusOf((parts) => parts)).toBe(200);
  });

  for (const [name, forge] of Object.entries(forgeries)) {
    test(`is refused with ${name}`, async () => {
      expect(await statusOf(forge)).toBe(401);
    });
  }
});
