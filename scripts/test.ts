/**
 * Runs every gate one after another and adds up what they counted. A gate is a program; one that
 * ends badly without having counted a failure counts as one. Prints everything the gates print.
 */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface Gate {
  readonly name: string;
  readonly command: readonly string[];
  /** Where the program writes its report; without one, its last line may be of counts. */
  readonly report?: string;
}

const root = join(import.meta.dir, "..");
const reports = mkdtempSync(join(tmpdir(), "peernet-reports-"));
const longer =
  process.env.PEERNET_TEST_FAULTS !== undefined || process.env.PEERNET_TEST_LONG !== undefined;
/** As many simulated runs as somebody likes: a thousand take half a minute on a busy machine. */
const seedMinutes = Number(process.env.PEERNET_TEST_SEEDS ?? 0) / 1_500;
/** Tests that drive real coding agents, which are large and not everybody's to install. */
const agents = { wanted: process.env.PEERNET_TEST_AGENTS === "1", suite: "agents" };
/** A gate that hangs is ended, so that the run always says how it went. */
const gateMinutes = longer ? 60 : agents.wanted ? 15 : 5;
const gateDeadlineMs = Math.max(seedMinutes, gateMinutes) * 60_000;

const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path);

/** The files and folders right under test/ that hold tests; each is run as a process of its own. */
function suites(): string[] {
  return readdirSync(join(root, "test"), { withFileTypes: true })
    .filter((entry) =>
      entry.isDirectory()
        ? readdirSync(join(root, "test", entry.name), { recursive: true }).some((path) =>
            isTest(String(path)),
          )
        : isTest(entry.name),
    )
    .map((entry) => entry.name)
    .filter((name) => agents.wanted || name !== agents.suite)
    .sort();
}

function gates(): Gate[] {
  const tests = suites().map((name): Gate => {
    const report = join(reports, `${name}.xml`);
    const reporter = ["--reporter=junit", `--reporter-outfile=${report}`];
    const command = [
      process.execPath,
      "test",
      "--timeout=30000",
      "--only-failures",
      ...reporter,
      `./test/${name}`,
    ];
    return { name: `test/${name}`, command, report };
  });
  const guards = existsSync(join(root, "scripts/guards.sh"))
    ? [{ name: "guards", command: ["scripts/guards.sh"] }]
    : [];
  const clients = agents.wanted
    ? [{ name: "clients", command: [process.execPath, "test/agents/support/install.ts"] }]
    : [];
  return [
    { name: "build", command: ["scripts/build.sh"] },
    { name: "check", command: ["scripts/check.sh"] },
    ...clients,
    ...tests,
    ...guards,
  ];
}

async function run(gate: Gate): Promise<Counts> {
  console.log(`\n== ${gate.name}`);
  const child = Bun.spawn([...gate.command], {
    cwd: root,
    env: environment(),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, gateDeadlineMs);
  const ended = child.exited.then(() => Bun.sleep(1_000));
  const [output, told] = await Promise.all([
    echo(child.stdout, Bun.stdout, ended),
    echo(child.stderr, Bun.stderr, ended),
  ]);
  const exit = await child.exited;
  clearTimeout(timer);
  if (late) console.log(`${gate.name}: ended after ${gateDeadlineMs / 60_000} minutes`);
  failures.push(...failuresIn(told).map((failure) => `-- ${gate.name}\n${failure}`));
  return judge(gate, countsOf(gate, output), exit);
}

/** What failed, told once more at the end, where who reads only that finds it. */
const failures: string[] = [];
/** A run that breaks everything says enough with as many. */
const failuresMax = 20;

/** Of each test that failed: its first error with the lines around it, where, and its name. */
function failuresIn(told: string): readonly string[] {
  const parts = told.split(/^(?=\(fail\) )/m);
  return parts.slice(1).map((part, index) => {
    const before = (parts[index] ?? "").split("\n").slice(Math.min(index, 1));
    const at = before.findIndex((line) => /^(\w*[Ee]rror: |# Unhandled)/.test(line));
    const near = at < 0 ? before.slice(-8) : before.slice(Math.max(0, at - 8), at + 12);
    const where = before.filter((line) => /^ {6}at /.test(line)).slice(0, 4);
    const lines = [...near, ...where, part.slice(0, part.indexOf("\n"))];
    return lines.map((line) => line.slice(0, 200)).join("\n");
  });
}

/** Copies a stream to ours; does not await a process that outlives its gate and holds it. */
async function echo(
  stream: ReadableStream<Uint8Array>,
  ours: Bun.BunFile,
  ended: Promise<void>,
): Promise<string> {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let output = "";
  for (;;) {
    const next = await Promise.race([reader.read(), ended]);
    if (next === undefined || next.done) return output;
    const text = decoder.decode(next.value, { stream: true });
    await Bun.write(ours, text);
    output = (output + text).slice(-1_000_000);
  }
}

/** Gates see none of the settings of whoever starts them, but those of this run. */
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
  const read = (name: string): number => Number(new RegExp(` ${name}="(\\d+)"`).exec(head)?.[1]);
  const [tests, failed, skipped] = [read("tests"), read("failures"), read("skipped")];
  if (Number.isNaN(tests + failed + skipped)) return null;
  return { passed: tests - failed - skipped, failed, skipped };
}

/** A bad end is a failure, and so is a test runner that left no report, however it ended. */
function judge(gate: Gate, counts: Counts | null, exit: number): Counts {
  const bad = exit !== 0 || (gate.report !== undefined && counts === null);
  const known = counts ?? { passed: bad ? 0 : 1, failed: 0, skipped: 0 };
  return bad && known.failed === 0 ? { ...known, failed: 1 } : known;
}

async function main(): Promise<number> {
  const failedGates: string[] = [];
  let sum: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const gate of gates()) {
    const counts = await run(gate);
    if (counts.failed > 0) failedGates.push(gate.name);
    sum = {
      passed: sum.passed + counts.passed,
      failed: sum.failed + counts.failed,
      skipped: sum.skipped + counts.skipped,
    };
  }
  rmSync(reports, { recursive: true });
  console.log("");
  if (!agents.wanted) console.log("left out: test/agents, which --agents adds");
  for (const failure of failures.slice(0, failuresMax)) console.log(`${failure}\n`);
  if (failedGates.length > 0) console.log(`failed: ${failedGates.join(", ")}`);
  console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
  return sum.failed === 0 ? 0 : 1;
}

process.exit(await main());
