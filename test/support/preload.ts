/**
 * Loaded before every test file (bunfig.toml). All files of a run share one process: a test that
 * leaves another umask, environment or working folder behind changes the tests that follow.
 */

import { afterAll, afterEach, beforeEach } from "bun:test";
import { differences, restore, type Surroundings, surroundings } from "./surroundings.ts";

/** Puts back what changed since, and fails the test that changed it. */
function check(before: Surroundings, who: string): void {
  const changed = differences(before, surroundings());
  if (changed.length === 0) return;
  restore(before);
  throw new Error(`${who} does not put back: ${changed.join(", ")}`);
}

// Before any module of a test file is loaded, and before its own hooks run.
const beforeFile = surroundings();
let beforeTest = beforeFile;

beforeEach(() => {
  beforeTest = surroundings();
});
afterEach(() => check(beforeTest, "this test"));
afterAll(() => check(beforeFile, "a hook of a test file"));
