/** A message whose one call left twice: the first attempt was refused, and the second was taken. */

import { expect, test } from "bun:test";
import type { ToldRecord } from "../../../src/contract/subjects/subjects.ts";
import { rules } from "../../../src/core/subjects/rules.ts";

const id = "01a3185d-ee73-7f5c-9b31-dea5be29d00f";
const record = (seq: number, direction: "in" | "out", outcome: string): ToldRecord => ({
  ...{ subject_id: id, seq, verb: "message", direction, outcome },
  ...{ content_sha256: "a".repeat(64), facts_sha256: "b".repeat(64), bytes: 2, age_ms: 0 },
  earlier: false,
});
const trail = { interruptions: [], archived: null };
const asked = [record(1, "out", "asked"), record(2, "out", "scope_denied")];

const judged = (answers: readonly ToldRecord[]) =>
  rules.message?.({
    id,
    asker: { ...trail, where: "here", records: asked },
    answerer: { ...trail, where: "there", records: answers },
  });

test("a message that was refused, and then taken, is explained by its two attempts", () => {
  const both = [record(7, "in", "scope_denied"), record(8, "in", "held")];
  expect(judged(both)).toEqual({ verdict: "explained", why: "answer_lost", side: "here" });
});

test("a message that was taken, and never refused there, differs", () => {
  expect(judged([record(8, "in", "held")])).toEqual({ verdict: "differs", field: "outcome" });
});
