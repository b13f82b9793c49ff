/**
 * Runs every gate and adds up their counts, or the tests of some paths alone. Ends with one line
 * of counts, after each failure once more.
 * usage: test.ts [--changed | PATH...]
 */

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { newerSource } from "../test/support/built.ts";
import { changedFiles, testsOf } from "./test/changed.ts";
import { buildGate, planOf, testGate } from "./test/gates.ts";
import { type Ran, runAll } from "./test/run.ts";

const root = join(import.meta.dir, "..");
const reports = mkdtempSync(join(tmpdir(), "peernet-reports-"));
const isLonger =
  process.env.PEERNET_TEST_FAULTS !== undefined || process.env.PEERNET_TEST_LONG !== undefined;
const agents = process.env.PEERNET_TEST_AGENTS === "1";
/** As many simulated runs as somebody likes: a thousand take half a minute on a busy machine. */
const seedMinutes = Number(process.env.PEERNET_TEST_SEEDS ?? 0) / 1_500;
const gateMinutes = isLonger ? 60 : agents ? 15 : 10;
const deadlineMs = Math.max(seedMinutes, gateMinutes) * 60_000;
/** A run that breaks everything says enough with as many. */
const failuresMax = 20;

/** Every gate: two at a time, then the ones that measure times, each alone. */
async function everything(): Promise<readonly Ran[]> {
  const { first, shared, alone } = planOf({ root, reports, agents });
  return [
    ...(await runAll(first, { root, deadlineMs, atOnce: 1 })),
    ...(await runAll(shared, { root, deadlineMs, atOnce: 2 })),
    ...(await runAll(alone, { root, deadlineMs, atOnce: 1 })),
  ];
}

/** Tests by their paths, after a build where the executable is not that of the source. */
async function some(paths: readonly string[]): Promise<readonly Ran[]> {
  const build = { executable: join(root, "dist/peernet"), source: join(root, "src") };
  const isStale = !existsSync(build.executable) || newerSource(build) !== null;
  const gates = [...(isStale ? [buildGate] : []), testGate("tests", paths, reports)];
  return runAll(gates, { root, deadlineMs, atOnce: 1 });
}

function report(ran: readonly Ran[]): number {
  const sum = (kind: "passed" | "failed" | "skipped"): number =>
    ran.reduce((total, { counts }) => total + counts[kind], 0);
  const failures = ran.flatMap((each) => each.failures);
  for (const failure of failures.slice(0, failuresMax)) console.log(`${failure}\n`);
  const red = ran.filter(({ counts }) => counts.failed > 0).map(({ gate }) => gate.name);
  if (red.length > 0) console.log(`failed: ${red.join(", ")}`);
  console.log(`${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`);
  return sum("failed") === 0 ? 0 : 1;
}

async function main(words: readonly string[]): Promise<number> {
  const isChanged = words[0] === "--changed";
  const paths = isChanged
    ? testsOf(changedFiles(root), root)
    : words.map((path) => relative(root, resolve(path)));
  if (isChanged) console.log(`tests of what changed: ${paths.join(" ") || "none"}`);
  if (isChanged && paths.length === 0) return report([]);
  const ran = paths.length > 0 ? await some(paths) : await everything();
  console.log("");
  if (paths.length === 0 && !agents) console.log("left out: test/agents, which --agents adds");
  return report(ran);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} finally {
  rmSync(reports, { recursive: true });
}
