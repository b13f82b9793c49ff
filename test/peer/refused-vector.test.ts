import { expect, test } from "bun:test";
import { fromBase64url } from "../../src/contract/text/encoding.ts";
import { documentOf, parseDocument, sharedSecret } from "../../src/peer/cpace.ts";
import vector from "../vectors/refused.json";

const bytesOf = (text: string): Uint8Array => {
  const bytes = fromBase64url(text);
  if (bytes === null) throw new Error(`not base64url: ${text}`);
  return bytes;
};

test("parseDocument() refuses each document of the vector, and takes the ones beside them", () => {
  for (const { why, document } of vector.documents) {
    expect([why, parseDocument(bytesOf(document), "initiator")]).toEqual([why, null]);
  }
  for (const versions of [[1], [1, 2], [9_999]]) {
    expect(parseDocument(documentOf("initiator", versions), "initiator")).toEqual(versions);
  }
});

test("sharedSecret() refuses each share of the vector", () => {
  for (const { why, share } of vector.shares) {
    expect([why, sharedSecret(2n, bytesOf(share))]).toEqual([why, null]);
  }
});
