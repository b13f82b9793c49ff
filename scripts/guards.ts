/**
 * Removes guards from the code, one at a time, in a copy, and shows that each guard's test turns
 * red. A guard whose removal no test notices is no guard.
 */

import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Guard } from "../test/guards/guard.ts";
import { guards } from "../test/guards/guards.ts";

const root = join(import.meta.dir, "..");
const copy = mkdtempSync(join(tmpdir(), "peernet-guards-"));
/** The parts of this folder that tests and a build read. */
const copied = [
  ...["src", "test", "scripts", "patches", "package.json", "package-lock.json"],
  ...["tsconfig.json", "bunfig.toml", "dist/peernet"],
];
let passed = 0;
let failed = 0;

/** Runs one test in the copy, after a build where it runs the executable; true when it passes. */
function passes(guard: Guard): boolean {
  const { isGreen, text } = ran(guard);
  if (!text.includes("dist/peernet is older than src/")) return isGreen;
  // A test of a stale executable is red for that alone, and proves nothing.
  const { exitCode, stderr } = Bun.spawnSync([join(copy, "scripts/build.sh")], {
    stdout: "ignore",
  });
  if (exitCode !== 0) throw new Error(`${guard.name}: it does not build:\n${stderr}`);
  return ran(guard).isGreen;
}

function ran({ file, test }: Guard): { readonly isGreen: boolean; readonly text: string } {
  // The runner shows `suite > test`, and compares the pattern with both, a space between them.
  const pattern = test.replaceAll(" > ", " ").replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const { exitCode, stderr } = Bun.spawnSync(
    [process.execPath, "test", `./${file}`, "-t", pattern],
    { cwd: copy, stdout: "ignore", stderr: "pipe", timeout: 120_000 },
  );
  const text = stderr.toString();
  if (text.includes("dist/peernet is older than src/")) return { isGreen: false, text };
  if (/\b0 pass\b[\s\S]*\b0 fail\b/.test(text) || !/\b\d+ (pass|fail)\b/.test(text)) {
    throw new Error(`no test of ${file} is named ${test}:\n${text}`);
  }
  return { isGreen: exitCode === 0, text };
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
  writeFileSync(path, parts.join(guard.replace));
  try {
    return !passes(guard);
  } finally {
    writeFileSync(path, whole);
  }
}

try {
  for (const name of copied.filter((each) => existsSync(join(root, each)))) {
    cpSync(join(root, name), join(copy, name), { recursive: true, preserveTimestamps: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
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
