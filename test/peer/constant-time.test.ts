import { expect, spyOn, test } from "bun:test";
import * as crypto from "node:crypto";
import { settle } from "../../src/contract/errors.ts";
import { beginInitiator, type RunInput, respond } from "../../src/peer/cpace.ts";
import { random } from "../../src/platform/real.ts";

/** Both sides of one honest run: each accepts the other's tag. */
function run() {
  const fingerprints = {
    initiator: `sha256:${"A".repeat(43)}`,
    responder: `sha256:${"B".repeat(43)}`,
  } as const;
  const common = { code: "123456", fingerprints, sid: random.bytes(32), protocols: [1] };
  const input = (): RunInput => ({ ...common, random64: random.bytes(64) });
  const initiator = settle(beginInitiator(input()));
  const responder = settle(respond(input(), initiator.share, initiator.document));
  return { responder, initiator: settle(initiator.finish(responder.share, responder.document)) };
}

test("accepts() is the verdict of timingSafeEqual, for each side and either verdict", () => {
  const sides = run();
  const right = { initiator: sides.responder.tag, responder: sides.initiator.tag };
  for (const side of ["initiator", "responder"] as const) {
    for (const verdict of [true, false]) {
      // The verdict is turned round: whatever else compares the bytes shows.
      const tag = verdict ? new Uint8Array(64) : right[side];
      expect(sides[side].accepts(tag)).toBe(!verdict);
      using compared = spyOn(crypto, "timingSafeEqual").mockReturnValue(verdict);
      expect(sides[side].accepts(tag)).toBe(verdict);
      expect(compared.mock.calls).toEqual([[tag, right[side]]]);
    }
  }
});

test("accepts() refuses every tag that differs in one bit or in its length", () => {
  const { initiator, responder } = run();
  const { tag } = initiator;
  expect(responder.accepts(new Uint8Array(tag))).toBe(true);
  for (const other of [tag.subarray(1), new Uint8Array(0), Uint8Array.of(...tag, 0)]) {
    expect(responder.accepts(other)).toBe(false);
  }
  for (let bit = 0; bit < tag.length * 8; bit += 1) {
    const changed = new Uint8Array(tag);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(responder.accepts(changed)).toBe(false);
  }
});

test("no value of a run holds the tag that is waited for", () => {
  const { initiator, responder } = run();
  for (const [side, other] of [
    [initiator, responder],
    [responder, initiator],
  ] as const) {
    const held = Object.values(side).filter((value) => value instanceof Uint8Array);
    expect(held.length).toBeGreaterThan(0);
    expect(held.some((value) => value.toHex() === other.tag.toHex())).toBe(false);
  }
});
