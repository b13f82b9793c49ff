import { expect, test } from "bun:test";
import { refusalSourcesPerMinuteMax } from "../../src/contract/limits.ts";
import { addRefusals, countRefusal, noRefusals } from "../../src/core/admission.ts";

const counted = (sources: readonly string[]) =>
  sources.reduce((counts, source) => countRefusal(counts, source), noRefusals);

test("addRefusals() adds each source to its own, and loses none beyond the bound", () => {
  const first = counted(["a", "a", "b"]);
  expect(addRefusals(first, counted(["b", "c"])).counts).toEqual(
    new Map([
      ["a", 2],
      ["b", 2],
      ["c", 1],
    ]),
  );
  expect(addRefusals(noRefusals, first)).toEqual(first);
  const many = (prefix: string) =>
    counted(Array.from({ length: refusalSourcesPerMinuteMax + 5 }, (_, at) => `${prefix}${at}`));
  const sum = addRefusals(many("x"), many("y"));
  expect(sum.counts.size).toBe(refusalSourcesPerMinuteMax - 1);
  const total = [...sum.counts.values()].reduce((all, count) => all + count, sum.rest);
  expect(total).toBe(2 * (refusalSourcesPerMinuteMax + 5));
});
