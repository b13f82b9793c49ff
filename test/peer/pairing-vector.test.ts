/** A whole run of pairing as it is published, so that a second implementation can check itself. */

import { expect, test } from "bun:test";
import { settle } from "../../src/contract/errors.ts";
import { fingerprintOf } from "../../src/peer/certificate.ts";
import {
  beginInitiator,
  generator,
  identifiersOf,
  passwordOf,
  respond,
  scalarFrom,
  sessionKey,
  sharedSecret,
} from "../../src/peer/cpace.ts";
import { sha256 } from "../../src/platform/real.ts";
import vector from "../vectors/pairing.json";

const fromHex = (text: string): Uint8Array => Uint8Array.fromHex(text);
const { code, initiator, responder } = vector;
const sid = fromHex(vector.sid);
const fingerprints = { initiator: initiator.fingerprint, responder: responder.fingerprint };
const inputOf = ({ random64 }: { readonly random64: string }) => ({
  ...{ code, fingerprints, sid, protocols: [1] },
  random64: fromHex(random64),
});

test("fingerprintOf() names the published certificates as published", () => {
  for (const { certificate, fingerprint } of [initiator, responder]) {
    expect(fingerprintOf(fromHex(certificate), sha256)).toBe(fingerprint);
  }
});

test("what leads to the published key is as published, step by step", () => {
  expect(passwordOf(code).toHex()).toBe(vector.PRS);
  expect(identifiersOf(fingerprints).toHex()).toBe(vector.CI);
  const base = generator(passwordOf(code), identifiersOf(fingerprints), sid);
  expect(base.toBytes().toHex()).toBe(vector.g);
  for (const [side, other] of [
    [initiator, responder],
    [responder, initiator],
  ] as const) {
    const scalar = scalarFrom(fromHex(side.random64));
    expect(BigInt(`0x${fromHex(side.scalar).reverse().toHex()}`)).toBe(scalar);
    expect(sharedSecret(scalar, fromHex(other.share))?.toHex()).toBe(vector.K);
  }
  const transcript = {
    initiatorShare: fromHex(initiator.share),
    initiatorDocument: fromHex(initiator.document),
    responderShare: fromHex(responder.share),
    responderDocument: fromHex(responder.document),
  };
  const key = sessionKey({ ...transcript, sid, secret: fromHex(vector.K) });
  expect(key.toHex()).toBe(vector.ISK);
  const hasher = new Bun.CryptoHasher("sha512").update("CPaceMac").update(sid).update(key);
  expect(hasher.digest("hex")).toBe(vector.key);
});

test("both sides send the published shares, documents and tags, and accept each other's", () => {
  const ours = settle(beginInitiator(inputOf(initiator)));
  const theirs = settle(respond(inputOf(responder), ours.share, ours.document));
  const finished = settle(ours.finish(theirs.share, theirs.document));
  for (const [sent, published] of [
    [{ ...ours, ...finished }, initiator],
    [theirs, responder],
  ] as const) {
    const { share, document, tag } = sent;
    expect([share.toHex(), document.toHex(), tag.toHex()]).toEqual([
      published.share,
      published.document,
      published.tag,
    ]);
  }
  expect(finished.accepts(Uint8Array.fromHex(responder.tag))).toBe(true);
  expect(theirs.accepts(Uint8Array.fromHex(initiator.tag))).toBe(true);
});
