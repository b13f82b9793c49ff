/**
 * Takes guards out of the code, one at a time, in a copy, and shows that the test which stands for
 * each turns red. A guard whose removal nothing notices is no guard.
 */

import {
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Guard } from "../test/guards/guard.ts";
import { guards } from "../test/guards/guards.ts";

const root = join(import.meta.dir, "..");
const copy = mkdtempSync(join(tmpdir(), "peernet-guards-"));
let passed = 0;
let failed = 0;

/** Runs one test in the copy; whether it passed. */
function passes({ file, test }: Guard): boolean {
  const pattern = test.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const { exitCode, stderr } = Bun.spawnSync(
    [process.execPath, "test", `./${file}`, "-t", pattern],
    { cwd: copy, stdout: "ignore", stderr: "pipe", timeout: 120_000 },
  );
  const text = stderr.toString();
  if (/\b0 pass\b[\s\S]*\b0 fail\b/.test(text) || !/\b\d+ (pass|fail)\b/.test(text)) {
    throw new Error(`no test of ${file} is named ${test}:\n${text}`);
  }
  return exitCode === 0;
}

/** True for a guard whose test is green with it and red without it. */
function holds(guard: Guard): boolean {
  const path = join(copy, guard.source);
  const whole = readFileSync(path, "utf8");
  const parts = whole.split(guard.find);
  if (parts.length !== 2) {
    throw new Error(`${guard.name}: found ${parts.length - 1} times in ${guard.source}`);
  }
  if (!passes(guard)) throw new Error(`${guard.name}: its test is red before the guard is gone`);
  const { atime, mtime } = statSync(path);
  writeFileSync(path, parts.join(guard.replace));
  // A test that runs the executable would refuse it as older than its source, and be red for that.
  utimesSync(path, atime, mtime);
  try {
    return !passes(guard);
  } finally {
    writeFileSync(path, whole);
    utimesSync(path, atime, mtime);
  }
}

try {
  for (const name of ["src", "test", "package.json", "tsconfig.json", "bunfig.toml"]) {
    cpSync(join(root, name), join(copy, name), { recursive: true, preserveTimestamps: true });
  }
  for (const name of ["node_modules", "dist"]) symlinkSync(join(root, name), join(copy, name));
  for (const guard of guards) {
    try {
      const held = holds(guard);
      console.log(`${held ? "red without it" : "NOT NOTICED  "}  ${guard.name}`);
      if (held) passed += 1;
      else failed += 1;
    } catch (error) {
      console.log(`BROKEN         ${error instanceof Error ? error.message : String(error)}`);
      failed += 1;
    }
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exit(failed === 0 ? 0 : 1);
