/** Tests that need what not every machine has: skipped aloud, never silently. */

import { test } from "bun:test";

const said = new Set<string>();

/**
 * The `test` to define a test with: it runs when the condition holds, else it is skipped and
 * `skipped: why` is printed once.
 */
export function skipUnless(condition: boolean, why: string): typeof test | typeof test.skip {
  if (condition) return test;
  if (!said.has(why)) console.log(`skipped: ${why}`);
  said.add(why);
  return test.skip;
}

/** True when the run was asked for tests that break disks, clocks and processes. */
export const faultsWanted = process.env.PEERNET_TEST_FAULTS === "1";

/** True when the run was asked for tests that take minutes. */
export const longWanted = process.env.PEERNET_TEST_LONG === "1";

/** True for a program that is on the path. */
export const hasProgram = (name: string): boolean => Bun.which(name) !== null;
