/** Stages: they only rise, an end is final, and a peer learns only what its grant lets it. */

import { describe, expect, test } from "bun:test";
import { stages } from "../../../src/contract/messages/stages.ts";
import { isEnd, rises, toldStage } from "../../../src/core/messages/stages.ts";
import { histories, historiesMs } from "../../support/histories.ts";

describe("rises()", () => {
  test("rises() goes from queued to answered, one by one and in leaps, never back", () => {
    const order = stages.slice(0, 7);
    for (const [at, from] of order.entries()) {
      for (const [to, next] of order.entries()) expect(rises(from, next)).toBe(to > at);
    }
  });

  test("rises() ends what nobody read, and nothing that a reader has", () => {
    for (const end of ["refused", "expired"] as const) {
      for (const from of ["queued", "held", "stored", "announced"] as const) {
        expect(rises(from, end)).toBe(true);
      }
      for (const from of ["handed", "surfaced", "answered", "refused", "expired"] as const) {
        expect(rises(from, end)).toBe(false);
      }
      for (const next of stages) expect(rises(end, next)).toBe(false);
    }
  });

  test(
    "a random history of reports never takes a stage back",
    async () => {
      await histories(200, (draw) => {
        let at: (typeof stages)[number] = "queued";
        for (let step = 0; step < 30; step += 1) {
          const next = draw.pick(stages);
          const before = stages.indexOf(at);
          if (rises(at, next)) at = next;
          expect(stages.indexOf(at)).toBeGreaterThanOrEqual(before);
          expect(isEnd(at) && stages.some((each) => rises(at, each))).toBe(false);
        }
      });
    },
    historiesMs,
  );
});

test("toldStage() tells a peer that may not ask nothing of who was told, and when", () => {
  for (const stage of stages) expect(toldStage(stage, true)).toBe(stage);
  const hidden = stages.filter((stage) => toldStage(stage, false) === null);
  expect(hidden).toEqual(["queued", "announced", "handed", "surfaced"]);
});
