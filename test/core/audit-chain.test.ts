import { describe, expect, test } from "bun:test";
import { AuditRecord, genesis, type Head } from "../../src/contract/audit.ts";
import { checkpointMs, checkpointRecords } from "../../src/contract/limits.ts";
import {
  type AuditDraft,
  checkpointBytes,
  checkpointDue,
  contentSha256,
  flaw,
  hashedFields,
  hashOf,
  seal,
} from "../../src/core/audit-chain.ts";
import { verifySignature } from "../../src/peer/identity.ts";
import { sha256 } from "../../src/platform/real.ts";
import vectors from "../vectors/audit-chain.json";

const draft: AuditDraft = { at_ms: 5, direction: "local", verb: "activate", outcome: "ok" };
const sealed = (more: Partial<AuditDraft> = {}, previous: Head = genesis): AuditRecord =>
  seal(previous, { ...draft, ...more }, sha256);

describe("the published vectors", () => {
  const records = vectors.records.map(({ record }) => AuditRecord.parse(record));

  test("seal() makes each record of the one before and of what is said of it", () => {
    let head = genesis;
    for (const record of records) {
      const { seq: _seq, prev_hash: _prev, hash: _hash, ...said } = record;
      const details = said.details === null ? null : JSON.parse(said.details);
      expect(seal(head, { ...said, details }, sha256)).toEqual(record);
      expect(flaw(head, record, sha256)).toBeNull();
      head = record;
    }
  });

  test("hashOf() hashes exactly the published bytes", () => {
    let seen = 0;
    for (const { record, preimage } of vectors.records) {
      if (preimage === undefined) continue;
      hashOf(AuditRecord.parse(record), (bytes) => {
        expect(bytes.toHex()).toBe(preimage);
        seen += 1;
        return bytes;
      });
    }
    expect(seen).toBe(4);
  });

  test("checkpointBytes() are the published ones", () => {
    const { bytes, signature, ...checkpoint } = vectors.checkpoint;
    expect(checkpointBytes(checkpoint).toHex()).toBe(bytes);
    expect(checkpoint.hash).toBe(records.at(-1)?.hash ?? "");
    expect(checkpoint.trail_id).toBe(records[0]?.subject_id ?? "");
    const { token_key } = vectors.key;
    expect(verifySignature(token_key, checkpointBytes(checkpoint), signature)).toBe(true);
    const other = { ...checkpoint, trail_id: vectors.records[2]?.record.subject_id ?? "" };
    expect(verifySignature(token_key, checkpointBytes(other), signature)).toBe(false);
  });
});

describe("seal()", () => {
  test("seal() begins at 1 after nothing, and counts on after a head", () => {
    expect(sealed()).toMatchObject({ seq: 1, prev_hash: "" });
    const first = sealed();
    expect(sealed({}, first)).toMatchObject({ seq: 2, prev_hash: first.hash });
  });

  test("seal() makes what is left out null, and a record of the contract", () => {
    const record = sealed();
    expect(AuditRecord.parse(record)).toStrictEqual(record);
    const absent = hashedFields.filter((field) => record[field] === null);
    expect(absent).toEqual(hashedFields.filter((field) => !(field in draft) && field !== "seq"));
  });

  test("seal() hashes every field of the contract but the two that chain it", () => {
    const chaining = ["prev_hash", "hash"];
    const fields = Object.keys(AuditRecord.shape).filter((field) => !chaining.includes(field));
    expect([...hashedFields].map(String)).toEqual(fields);
  });

  test("seal() tells an absent field from an empty one", () => {
    for (const field of ["peer_name", "handle", "text", "origin_login"] as const) {
      expect(sealed({ [field]: "" }).hash).not.toBe(sealed({ [field]: null }).hash);
    }
  });

  test("seal() tells apart what two fields hold, however they are split", () => {
    const hashes = [
      sealed({ origin_node: "ab", origin_login: "c" }),
      sealed({ origin_node: "a", origin_login: "bc" }),
      sealed({ origin_node: "abc", origin_login: "" }),
      sealed({ origin_node: "abc", origin_login: null }),
      sealed({ origin_node: null, origin_login: "abc" }),
      sealed({ origin_login: null, handle: "abc" }),
    ].map(({ hash }) => hash);
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test("seal() makes the same record after one that it refused", () => {
    const record = sealed({ handle: "hydrate" });
    expect(() => sealed({ handle: "hydrate", text: "\ud800" })).toThrow(RangeError);
    expect(sealed({ handle: "hydrate" })).toEqual(record);
  });

  test("seal() refuses ill-formed Unicode in any text", () => {
    for (const field of ["text", "handle", "peer_name", "outcome"] as const) {
      for (const text of ["\ud800", "a\udfff", "\udc00\ud800"]) {
        expect(() => sealed({ [field]: text })).toThrow(
          new RangeError("ill-formed Unicode in an audit record"),
        );
      }
    }
    expect(sealed({ text: "\ud83d\udeb0" }).text).toBe("🚰");
  });
});

describe("what a record holds beside its fields", () => {
  test("seal() writes details as JSON with sorted keys, at every depth", () => {
    const details = { b: [{ d: 1, c: null }], a: "x", 10: true, 9: { z: 0, y: 0 } };
    expect(sealed({ details }).details).toBe(
      '{"9":{"y":0,"z":0},"10":true,"a":"x","b":[{"c":null,"d":1}]}',
    );
  });

  test("contentSha256() is the published digest, and another for another salt", () => {
    const { salt, body, content_sha256 } = vectors.content;
    const bytes = Uint8Array.fromHex(salt);
    expect(contentSha256(bytes, body, sha256)).toBe(content_sha256);
    expect(contentSha256(bytes.toReversed(), body, sha256)).not.toBe(content_sha256);
    for (const length of [0, 15, 17]) {
      expect(() => contentSha256(new Uint8Array(length), body, sha256)).toThrow(
        new RangeError("a salt has 16 bytes"),
      );
    }
  });

  test("the published digest of an answer is that of its bytes alone", () => {
    const { bytes, content_sha256 } = vectors.answer;
    expect(sha256(new TextEncoder().encode(bytes)).toHex()).toBe(content_sha256);
  });
});

describe("flaw()", () => {
  const first = sealed();
  const second = sealed({ handle: "a" }, first);

  test("flaw() is null for a record that follows", () => {
    expect(flaw(genesis, first, sha256)).toBeNull();
    expect(flaw(first, second, sha256)).toBeNull();
  });

  test("flaw() says that a record is missing when the numbers leap or repeat", () => {
    for (const [head, record] of [
      [genesis, second],
      [first, first],
      [second, first],
    ] as const) {
      expect(flaw(head, record, sha256)).toBe("a record is missing");
    }
  });

  test("flaw() says that a record does not follow when it is chained to another", () => {
    const other = sealed({ at_ms: 6 });
    expect(flaw(other, second, sha256)).toBe("it does not follow the record before it");
  });

  test("flaw() says that the content was changed when it does not give the hash", () => {
    expect(flaw(first, { ...second, handle: "b" }, sha256)).toBe("its content was changed");
    expect(flaw(first, { ...second, hash: first.hash }, sha256)).toBe("its content was changed");
  });
});

describe("checkpointDue()", () => {
  test("checkpointDue() is true from the hundredth record on", () => {
    expect([checkpointRecords, checkpointMs]).toEqual([100, 60_000]);
    expect(checkpointDue({ records: checkpointRecords - 1, oldestAgeMs: 0 })).toBe(false);
    expect(checkpointDue({ records: checkpointRecords, oldestAgeMs: 0 })).toBe(true);
  });

  test("checkpointDue() is true when the first uncovered record is a minute old", () => {
    expect(checkpointDue({ records: 1, oldestAgeMs: checkpointMs - 1 })).toBe(false);
    expect(checkpointDue({ records: 1, oldestAgeMs: checkpointMs })).toBe(true);
  });

  test("checkpointDue() is false without a record, however long ago the last one was", () => {
    expect(checkpointDue({ records: 0, oldestAgeMs: 1e9 })).toBe(false);
  });
});
