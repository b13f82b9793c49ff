/** Messages of a later version: unknown parts are ignored, never refused. */

import { expect, test } from "bun:test";
import { WireAnswer } from "../../src/contract/ask.ts";
import { wordCharactersMax, wordsMax } from "../../src/contract/limits.ts";
import { About } from "../../src/contract/pairing.ts";
import { Checkpoint, HelloInput, HelloOutput } from "../../src/contract/peer.ts";
import { wire } from "../../src/contract/wire.ts";

const later = { later: { field: [1] } };
const checkpoint = {
  trail_id: "01a22ca9-460c-7014-a786-101c0b7184a3",
  seq: 1,
  hash: "0".repeat(64),
  at_ms: 1,
  signature: "A".repeat(86),
  ...later,
};
const handle = {
  name: "hydrate",
  project: "hydrate",
  state: "dreaming",
  state_for_ms: 5,
  expires_in_ms: 1,
  ...later,
};
const hello = {
  version: "2.0.0",
  protocols: [1, 2, 1_000],
  features: ["grants", "Later/Feature 2"],
  scopes: ["later", "ask", "ask", "another"],
  checkpoint,
  witness: checkpoint,
  handles: [handle],
  ...later,
};

test("hello of a later version is read, in both directions, without what is not known", () => {
  const { later: _, ...known } = checkpoint;
  const expected = {
    protocols: [1, 2, 1_000],
    scopes: ["ask"],
    checkpoint: known,
    handles: [
      { name: "hydrate", project: "hydrate", state: null, state_for_ms: 5, expires_in_ms: 1 },
    ],
  };
  expect(HelloInput.parse({ ...hello, port: 7337 })).toMatchObject(expected);
  expect(HelloOutput.parse({ ...hello, dialled: true })).toMatchObject(expected);
  expect(Checkpoint.parse(checkpoint)).toEqual(known);
});

test("hello of an earlier version is read: it lists no features, its checkpoint is none", () => {
  const { trail_id: _trail, ...form } = checkpoint;
  const { features: _, ...listing } = hello;
  const earlier = { ...listing, checkpoint: form };
  expect(HelloInput.parse(earlier).checkpoint).toBeNull();
  expect(HelloInput.parse(earlier).features).toEqual([]);
});

test("hello is refused for more words than are bounded, or longer ones", () => {
  const words = (count: number, length: number): string[] =>
    Array.from({ length: count }, () => "w".repeat(length));
  for (const field of ["features", "scopes"]) {
    const says = (value: readonly unknown[]) => HelloInput.safeParse({ ...hello, [field]: value });
    expect(says(words(wordsMax, wordCharactersMax)).success).toBe(true);
    expect(says(words(wordsMax + 1, 1)).success).toBe(false);
    expect(says(words(1, wordCharactersMax + 1)).success).toBe(false);
    expect(says([1]).success).toBe(false);
  }
});

test("about of a later version is read: scopes that are not known are passed over", () => {
  const about = {
    name: "mini",
    port: 1,
    token_key: "A".repeat(43),
    scopes: ["teleport", "ask"],
    ...later,
  };
  const { later: _, ...known } = about;
  expect(About.parse(about)).toEqual({ ...known, scopes: ["ask"] });
  expect(wire.token.input.parse({ token: "a.b.c", about, ...later }).about.scopes).toEqual(["ask"]);
});

test("an answer of a later version is read: a state that is not known is no known state", () => {
  const answer = {
    project: "hydrate",
    git: null,
    summary: null,
    session: {
      harness: "later-agent",
      state: "dreaming",
      state_for_ms: 1,
      started_age_ms: 1,
      age_ms: 1,
      ...later,
    },
    lease: { renewed_age_ms: 1, expires_in_ms: 1, ...later },
    ...later,
  };
  expect(WireAnswer.parse(answer).session.state).toBeNull();
  expect(
    WireAnswer.safeParse({ ...answer, session: { ...answer.session, state: 1 } }).success,
  ).toBe(false);
});

test("every row passes over a field that it does not know", () => {
  expect(wire.window.output.parse({ open: true, ...later })).toEqual({ open: true });
  expect(wire.unpair.output.parse({ ok: true, ...later })).toEqual({ ok: true });
});
