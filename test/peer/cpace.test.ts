import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { ristretto255 } from "@noble/curves/ed25519.js";
import { lv } from "../../src/contract/text/encoding.ts";
import {
  documentOf,
  generator,
  identifiersOf,
  parseDocument,
  passwordOf,
  scalarFrom,
  sessionKey,
  share,
  sharedSecret,
  tagsOf,
} from "../../src/peer/cpace.ts";
import vectors from "../vectors/cpace-ristretto255.json";
import { refusalOf, seededBytes } from "./memory.ts";

const seed = `cpace ${crypto.randomUUID()}`;
console.log(`seed: ${seed}`);
const bytes = seededBytes(seed);

const fromHex = (text: string): Uint8Array => Uint8Array.fromHex(text);
const toHex = (value: Uint8Array | null): string | undefined => value?.toHex().toUpperCase();
const scalarOf = (hex: string): bigint => BigInt(`0x${fromHex(hex).reverse().toHex()}`);

const fingerprints = {
  initiator: `sha256:${"i".repeat(43)}`,
  responder: `sha256:${"r".repeat(43)}`,
};

describe("lv()", () => {
  test("lv() frames as the draft's prepend_len and lv_cat do", () => {
    const counted = (length: number) => Uint8Array.from({ length }, (_, at) => at);
    expect(lv("").toHex()).toBe("00");
    expect(lv("1234").toHex()).toBe("0431323334");
    expect(lv(counted(127)).toHex()).toBe(`7f${counted(127).toHex()}`);
    expect(lv(counted(128)).toHex()).toBe(`8001${counted(128).toHex()}`);
    expect(lv("1234", "5", "", "678").toHex()).toBe("043132333401350003363738");
  });
});

describe("the draft's vectors", () => {
  const { exchange, points } = vectors;
  const [ya, yb] = [scalarOf(exchange.ya), scalarOf(exchange.yb)];
  const sid = fromHex(exchange.sid);

  test("generator() and share() give the draft's g, Ya and Yb", () => {
    const base = generator(fromHex(exchange.PRS), fromHex(exchange.CI), sid);
    expect(toHex(base.toBytes())).toBe(exchange.g);
    expect(toHex(share(base, ya))).toBe(exchange.Ya);
    expect(toHex(share(base, yb))).toBe(exchange.Yb);
  });

  test("sharedSecret() gives the draft's K on both sides", () => {
    expect(toHex(sharedSecret(ya, fromHex(exchange.Yb)))).toBe(exchange.K);
    expect(toHex(sharedSecret(yb, fromHex(exchange.Ya)))).toBe(exchange.K);
  });

  const transcript = {
    initiatorShare: fromHex(exchange.Ya),
    initiatorDocument: fromHex(exchange.ADa),
    responderShare: fromHex(exchange.Yb),
    responderDocument: fromHex(exchange.ADb),
  };

  test("sessionKey() gives the draft's ISK_IR", () => {
    const key = sessionKey({ ...transcript, sid, secret: fromHex(exchange.K) });
    expect(toHex(key)).toBe(exchange.ISK_IR);
  });

  test("tagsOf() are HMACs by the draft's key over role, share and document", () => {
    const isk = fromHex(exchange.ISK_IR);
    const hasher = new Bun.CryptoHasher("sha512").update("CPaceMac").update(sid).update(isk);
    const key = hasher.digest();
    const tag = (text: Uint8Array) => createHmac("sha512", key).update(text).digest("hex");
    const tags = tagsOf({ ...transcript, sid, sessionKey: isk });
    const { Ya, ADa, Yb, ADb } = exchange;
    expect(tags.initiator.toHex()).toBe(tag(lv("initiator", fromHex(Ya), fromHex(ADa))));
    expect(tags.responder.toHex()).toBe(tag(lv("responder", fromHex(Yb), fromHex(ADb))));
    expect(tags.initiator.length).toBe(64);
  });

  test("sharedSecret() agrees with scalar_mult_vfy on the valid point", () => {
    const { s, X, "G.scalar_mult_vfy(s,X)": expected } = points.Valid;
    expect(toHex(sharedSecret(scalarOf(s), fromHex(X)))).toBe(expected);
  });

  test("sharedSecret() is null for the draft's invalid points, and for other lengths", () => {
    const scalar = scalarOf(points.Valid.s);
    expect(sharedSecret(scalar, fromHex(points["Invalid Y1"]))).toBeNull();
    expect(sharedSecret(scalar, fromHex(points["Invalid Y2"]))).toBeNull();
    const valid = fromHex(points.Valid.X);
    expect(sharedSecret(scalar, valid.subarray(1))).toBeNull();
    expect(sharedSecret(scalar, Uint8Array.of(...valid, 0))).toBeNull();
    expect(sharedSecret(scalar, new Uint8Array(0))).toBeNull();
  });

  test("sharedSecret() is null when an encoding is not the canonical one", () => {
    const prime = 2n ** 255n - 19n;
    const encode = (value: bigint): Uint8Array =>
      Uint8Array.fromHex(value.toString(16).padStart(64, "0")).reverse();
    const value = scalarOf(points.Valid.X);
    expect(sharedSecret(1n, encode(value))).not.toBeNull();
    expect(sharedSecret(1n, encode(prime))).toBeNull();
    expect(sharedSecret(1n, encode(prime - value))).toBeNull();
    expect(sharedSecret(1n, encode(value + 2n ** 255n))).toBeNull();
  });
});

describe("scalarFrom()", () => {
  const order = ristretto255.Point.Fn.ORDER;

  test("scalarFrom() reads little-endian and never gives zero", () => {
    const of = (value: bigint): Uint8Array =>
      Uint8Array.fromHex(value.toString(16).padStart(128, "0")).reverse();
    expect(scalarFrom(of(0n))).toBe(1n);
    expect(scalarFrom(of(1n))).toBe(2n);
    expect(scalarFrom(of(order - 2n))).toBe(order - 1n);
    expect(scalarFrom(of(order - 1n))).toBe(1n);
    expect(scalarFrom(of(2n ** 512n - 1n))).toBe(((2n ** 512n - 1n) % (order - 1n)) + 1n);
  });

  test.each([0, 32, 63, 65])("scalarFrom() refuses %i bytes", (length) => {
    expect(refusalOf(() => scalarFrom(new Uint8Array(length)))?.code).toBe("internal");
  });
});

describe("identifiersOf() and passwordOf()", () => {
  test("they are framed as published", () => {
    expect(passwordOf("027674").toHex()).toBe(lv("peernet-pair-v1", "027674").toHex());
    const { initiator, responder } = fingerprints;
    expect(new TextDecoder().decode(identifiersOf(fingerprints))).toBe(
      `\x0fpeernet-pair-v1\x09initiator\x32${initiator}\x09responder\x32${responder}`,
    );
  });
});

describe("parseDocument()", () => {
  test("parseDocument() gives what documentOf() was given", () => {
    for (const protocols of [[1], [1, 2], [9, 10], [1, 9_999]]) {
      expect(parseDocument(documentOf("initiator", protocols), "initiator")).toEqual(protocols);
      expect(parseDocument(documentOf("responder", protocols), "responder")).toEqual(protocols);
    }
    expect(documentOf("initiator", [1]).toHex()).toBe(lv("initiator", "1").toHex());
  });

  test.each([
    ["another role", documentOf("responder", [1])],
    ["nothing", new Uint8Array(0)],
    ["only a role", lv("initiator")],
    ["no version", documentOf("initiator", [])],
    ["a byte behind it", Uint8Array.of(...documentOf("initiator", [1]), 0)],
    ["a third part", lv("initiator", "1", "")],
    ["a part before it", lv("", "initiator", "1")],
    ["a byte too few", documentOf("initiator", [1, 2]).subarray(0, -1)],
    ["a version twice", documentOf("initiator", [1, 1])],
    ["versions out of order", documentOf("initiator", [2, 1])],
    ["version zero", documentOf("initiator", [0])],
    ["a version of five digits", documentOf("initiator", [10_000])],
    ["a leading zero", lv("initiator", "01")],
    ["a sign", lv("initiator", "+1")],
    ["a space", lv("initiator", "1, 2")],
    ["a comma at the end", lv("initiator", "1,")],
    ["a fraction", lv("initiator", "1.0")],
    ["a byte order mark", lv("initiator", "\ufeff1")],
    ["other digits", lv("initiator", "١")],
    ["a line feed at the end", lv("initiator", "1\n")],
    ["a length in two bytes", Uint8Array.of(...lv("initiator"), 0x81, 0, 0x31)],
    [
      "a role's length in two bytes",
      Uint8Array.of(0x89, 0, ...documentOf("initiator", [1]).slice(1)),
    ],
  ])("parseDocument() is null when there is %s", (_, document) => {
    expect(parseDocument(document, "initiator")).toBeNull();
  });

  test("parseDocument() is null or canonical for 2,000 documents with one byte changed", () => {
    const valid = documentOf("initiator", [1, 2, 30]);
    for (let count = 0; count < 2_000; count++) {
      const [at = 0, value = 0] = bytes(2);
      const changed = new Uint8Array(valid);
      changed[at % valid.length] = value;
      const parsed = parseDocument(changed, "initiator");
      if (parsed !== null) expect(documentOf("initiator", parsed)).toEqual(changed);
    }
  });
});
