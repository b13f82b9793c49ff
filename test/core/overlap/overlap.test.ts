import { expect, test } from "bun:test";
import { newRepositoriesMax, warningsPerPeerMax } from "../../../src/contract/overlap/limits.ts";
import { learning, noneLearned } from "../../../src/core/overlap/answer.ts";
import { hmac, repositoryDigest, shortDigest } from "../../../src/core/overlap/digests.ts";
import { type Given, mayWarn } from "../../../src/core/overlap/warnings.ts";

const sha256 = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(new Bun.CryptoHasher("sha256").update(bytes).digest());
const key = new Uint8Array(32).fill(7);
const dayMs = 86_400_000;

test("hmac() is the HMAC of RFC 2104", () => {
  const message = new TextEncoder().encode("what do ya want for nothing?");
  const jefe = new TextEncoder().encode("Jefe");
  expect(hmac(sha256, jefe, message).toHex()).toBe(
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
});

test("digests of one thing differ from connection to connection", () => {
  const other = new Uint8Array(32).fill(8);
  const identity = "a".repeat(40);
  expect(repositoryDigest(sha256, key, identity)).not.toBe(
    repositoryDigest(sha256, other, identity),
  );
  const path = "A".repeat(43);
  expect(shortDigest(sha256, key, path)).toMatch(/^[A-Za-z0-9_-]{11}$/);
  expect(shortDigest(sha256, key, path)).not.toBe(shortDigest(sha256, other, path));
  expect(shortDigest(sha256, key, "=")).toBeNull();
});

test("learning() admits 8 new repositories a day, and known ones always", () => {
  const asked = Array.from({ length: 20 }, (_, at) => String(at));
  const first = learning(noneLearned, asked, 0);
  expect(first.fresh).toEqual(asked.slice(0, newRepositoriesMax));
  expect(learning(first.after, asked, dayMs - 1).fresh).toEqual([]);
  const next = learning(first.after, asked, dayMs);
  expect(next.fresh).toEqual(asked.slice(newRepositoriesMax, 2 * newRepositoriesMax));
  expect(learning(next.after, asked.slice(0, 4), dayMs).fresh).toEqual([]);
});

test("mayWarn() warns of a peer 12 times a day, over all sessions", () => {
  let given: readonly Given[] = [];
  const warned = Array.from({ length: 40 }, (_, at) => {
    const next = { session: `s${at}`, path: `p${at}`, peer: "sha256:one", atMs: at };
    const may = mayWarn(given, next);
    if (may) given = [...given, next];
    return may;
  });
  expect(warned.filter(Boolean).length).toBe(warningsPerPeerMax);
  const later = { session: "s", path: "p", peer: "sha256:one", atMs: dayMs + 40 };
  expect(mayWarn(given, later)).toBe(true);
  expect(mayWarn(given, { ...later, peer: null, atMs: 41 })).toBe(true);
});
