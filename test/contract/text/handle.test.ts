import { expect, test } from "bun:test";
import { machineHalf, nameHalf } from "../../../src/contract/text/handle.ts";

test("nameHalf() and machineHalf() part a handle at its slash", () => {
  const halves = (handle: string) => [machineHalf(handle), nameHalf(handle)];
  expect(halves("mini/hydrate")).toEqual(["mini", "hydrate"]);
  expect(halves("hydrate")).toEqual([null, "hydrate"]);
  expect(halves("mini/")).toEqual(["mini", ""]);
});
