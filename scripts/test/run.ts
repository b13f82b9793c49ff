/**
 * Runs gates, one or several at a time, and counts the passed, failed and skipped tests of each.
 */

import { existsSync, readFileSync } from "node:fs";
import { failuresIn } from "./failures.ts";
import type { Gate } from "./gates.ts";

/** Numbers of tests and checks, by how they ended. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** A gate that has ended. */
export interface Ran {
  readonly gate: Gate;
  readonly counts: Counts;
  /** Each failure again, short. */
  readonly failures: readonly string[];
}

/** The conditions under which gates run. */
export interface Running {
  readonly root: string;
  /** A gate that takes longer is ended, so that the run always says how it went. */
  readonly deadlineMs: number;
  readonly atOnce: number;
}

/**
 * Runs gates in their order, so many at once. Prints the output of each as one piece when the gate
 * ends; where only one runs at a time, as it comes.
 */
export async function runAll(gates: readonly Gate[], running: Running): Promise<readonly Ran[]> {
  const left = [...gates];
  const ran: Ran[] = [];
  const worker = async (): Promise<void> => {
    for (let gate = left.shift(); gate !== undefined; gate = left.shift()) {
      ran.push(await run(gate, running));
    }
  };
  await Promise.all(Array.from({ length: running.atOnce }, worker));
  return ran;
}

async function run(gate: Gate, { root, deadlineMs, atOnce }: Running): Promise<Ran> {
  const startedMs = performance.now();
  const isLive = atOnce === 1;
  if (isLive) console.log(`\n== ${gate.name}`);
  const child = Bun.spawn([...gate.command], {
    cwd: root,
    env: environment(),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, deadlineMs);
  const printed: string[] = [];
  const print = async (text: string): Promise<void> => {
    if (isLive) await Bun.write(Bun.stdout, text);
    else printed.push(text);
  };
  const ended = child.exited.then(() => Bun.sleep(1_000));
  const [output, errors] = await Promise.all([
    read(child.stdout, { print, ended }),
    read(child.stderr, { print, ended }),
  ]);
  const exit = await child.exited;
  clearTimeout(timer);
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  if (!isLive) console.log(`\n== ${gate.name}, ${seconds} s\n${printed.join("").trimEnd()}`);
  if (isLate) console.log(`${gate.name}: ended after ${deadlineMs / 60_000} minutes`);
  const counts = judge(gate, countsOf(gate, output), exit);
  // A gate that passed may print the failures of a run that it planted.
  const found = counts.failed > 0 ? failuresIn(errors) : [];
  return { gate, counts, failures: found.map((failure) => `-- ${gate.name}\n${failure}`) };
}

interface Reading {
  readonly print: (text: string) => Promise<void>;
  readonly ended: Promise<void>;
}

/** Reads a stream to its end; does not await a process that outlives its gate and holds it. */
async function read(
  stream: ReadableStream<Uint8Array>,
  { print, ended }: Reading,
): Promise<string> {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let output = "";
  for (;;) {
    const next = await Promise.race([reader.read(), ended]);
    if (next === undefined) await reader.cancel();
    if (next === undefined || next.done) return output;
    const text = decoder.decode(next.value, { stream: true });
    await print(text);
    output = (output + text).slice(-1_000_000);
  }
}

/** The environment without settings of peernet and Bun, but with those that choose tests. */
function environment(): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(
    ([name]) => name !== "BUN_OPTIONS" && (!name.startsWith("PEERNET_") || /_TEST_/.test(name)),
  );
  return Object.fromEntries(kept);
}

function countsOf(gate: Gate, output: string): Counts | null {
  if (gate.report === undefined) {
    const line = /(\d+) passed, (\d+) failed, (\d+) skipped\s*$/.exec(output);
    if (line === null) return null;
    return { passed: Number(line[1]), failed: Number(line[2]), skipped: Number(line[3]) };
  }
  if (!existsSync(gate.report)) return null;
  const head = /<testsuites [^>]*>/.exec(readFileSync(gate.report, "utf8"))?.[0] ?? "";
  const count = (name: string): number => Number(new RegExp(` ${name}="(\\d+)"`).exec(head)?.[1]);
  const [tests, failed, skipped] = [count("tests"), count("failures"), count("skipped")];
  if (Number.isNaN(tests + failed + skipped)) return null;
  return { passed: tests - failed - skipped, failed, skipped };
}

/** A bad end is a failure, and so is a test runner that left no report, however it ended. */
function judge(gate: Gate, counts: Counts | null, exit: number): Counts {
  const isBad = exit !== 0 || (gate.report !== undefined && counts === null);
  const known = counts ?? { passed: isBad ? 0 : 1, failed: 0, skipped: 0 };
  return isBad && known.failed === 0 ? { ...known, failed: 1 } : known;
}
