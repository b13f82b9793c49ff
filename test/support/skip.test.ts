import { expect, spyOn, test } from "bun:test";
import { hasProgram, skipUnless } from "./skip.ts";

test("skipUnless() is test when the condition holds, and says nothing", () => {
  const log = spyOn(console, "log").mockImplementation(() => {});
  try {
    expect(skipUnless(true, "never said")).toBe(test);
    expect(log).toHaveBeenCalledTimes(0);
  } finally {
    log.mockRestore();
  }
});

test("skipUnless() skips and says why, once for each reason", () => {
  const log = spyOn(console, "log").mockImplementation(() => {});
  try {
    expect(skipUnless(false, "one reason")).not.toBe(test);
    skipUnless(false, "one reason");
    skipUnless(false, "another");
    expect(log.mock.calls).toEqual([["skipped: one reason"], ["skipped: another"]]);
  } finally {
    log.mockRestore();
  }
});

test("hasProgram() looks on the path", () => {
  expect(hasProgram("sh")).toBe(true);
  expect(hasProgram("a-program-that-is-nowhere")).toBe(false);
});
