/** Checks that no packet breaks the reader of advertisements, or costs more than a little. */

import { describe, expect, test } from "bun:test";
import { decode } from "dns-packet";
import { readAdvertised } from "../../src/discovery/advertisement.ts";
import { chained, malformer, packet } from "./lan-packets.ts";

const seed = Number(process.env.PEERNET_TEST_SEED ?? 20_260_101);

describe("readAdvertised()", () => {
  test("readAdvertised() never throws when 20,000 packets are malformed", () => {
    console.log(`seed ${seed}`);
    const malformed = malformer(seed);
    let thrown = 0;
    for (let count = 0; count < 20_000; count += 1) {
      const broken = malformed();
      for (const { prefix, port } of readAdvertised(broken)) {
        expect(prefix).toMatch(/^[A-Za-z0-9_-]{16}$/);
        expect(port).toBeWithin(0, 65_536);
      }
      thrown += throws(broken) ? 1 : 0;
    }
    // The packets are as bad as they are meant to be: the decoder itself fails on many.
    expect(thrown).toBeGreaterThan(2_000);
  });

  test("readAdvertised() never throws when the bytes are random", () => {
    const bytes = malformer(seed);
    for (let length = 0; length < 2_000; length += 1) {
      expect(readAdvertised(Buffer.concat([bytes(), Buffer.alloc(length, length)]))).toBeArray();
    }
  });

  test("readAdvertised() ends when a name points at itself, forward, or at its pointer", () => {
    const whole = packet();
    const targetAt = whole.indexOf("\x0bpeernet-abc", 0, "latin1");
    for (const to of [targetAt, targetAt + 1, targetAt + 2, targetAt - 2, 0x3fff, 0]) {
      const looped = Buffer.from(whole);
      looped.writeUInt16BE(0xc000 | to, targetAt);
      expect(readAdvertised(looped).length).toBeLessThanOrEqual(1);
    }
  });

  test("readAdvertised() does not make room for the records a header only claims", () => {
    const claims = Buffer.concat([packet(), Buffer.alloc(100)]);
    claims.fill(0xff, 4, 12);
    expect(readAdvertised(claims)).toEqual([]);
    const before = process.memoryUsage().rss;
    for (let count = 0; count < 20_000; count += 1) readAdvertised(claims);
    expect(process.memoryUsage().rss - before).toBeLessThan(20_000_000);
  });

  test("readAdvertised() takes the costliest packet in well under a millisecond", () => {
    const costly = chained(1_500, 64);
    expect(decode(costly).answers).toHaveLength(64);
    const rounds = 200;
    const startMs = performance.now();
    for (let round = 0; round < rounds; round += 1) readAdvertised(costly);
    expect((performance.now() - startMs) / rounds).toBeLessThan(2);
  });
});

function throws(broken: Buffer): boolean {
  if (broken.length < 12) return true;
  const counts = [4, 6, 8, 10].map((at) => broken.readUInt16BE(at));
  // The decoder allocates as much as the header claims: not worth the test's time.
  if (counts.some((count) => count > 1_000)) return true;
  try {
    decode(broken);
    return false;
  } catch {
    return true;
  }
}
