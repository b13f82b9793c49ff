/**
 * Whole-process times of commands beside comparators, measured in turn (A B A B …): `peernet ask`
 * beside curl doing one request on the same socket, `peernet --version` and hooks of an agent
 * beside a compiled hello.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");
const executable = join(root, "dist/peernet");
const rounds = Number(process.argv[2] ?? 40);
const home = mkdtempSync(join(tmpdir(), "peernet-bench-"));
const environment = {
  PATH: process.env.PATH ?? "",
  HOME: home,
  PEERNET_HOME: home,
  PEERNET_MACHINE_NAME: "bench",
  PEERNET_LISTEN_PORT: "0",
  PEERNET_LISTEN_ADDRESSES: "127.0.0.1",
  // What Claude Code gives its hooks: this process stands in for it.
  CLAUDE_PID: String(process.pid),
  CLAUDE_CODE_SESSION_ATTENDED: "1",
};

/** Runs a command to its end; its wall time in milliseconds, infinite when it fails. */
function timed(command: readonly string[], stdin: Buffer | null = null): number {
  const started = performance.now();
  const { exitCode } = Bun.spawnSync([...command], { env: environment, stdin, stdout: "ignore" });
  return exitCode === 0 ? performance.now() - started : Number.POSITIVE_INFINITY;
}

function run(...words: readonly string[]): void {
  const { exitCode, stderr } = Bun.spawnSync([executable, ...words], { env: environment });
  if (exitCode !== 0) throw new Error(`peernet ${words.join(" ")}: ${stderr}`);
}

function hello(): string {
  const source = join(home, "hello.ts");
  const compiled = join(home, "hello");
  writeFileSync(source, 'console.log("hello");\n');
  const build = [process.execPath, "build", "--compile", source, "--outfile", compiled];
  if (Bun.spawnSync(build).exitCode !== 0) throw new Error("hello was not built");
  return compiled;
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

interface Row {
  readonly name: string;
  readonly ours: readonly string[];
  /** What ours is given. */
  readonly stdin?: Buffer;
  readonly comparator: string;
  readonly theirs: readonly string[];
}

function measure({ name, ours, stdin, comparator, theirs }: Row): string {
  const times: { readonly a: number; readonly b: number }[] = [];
  timed(ours, stdin);
  timed(theirs);
  for (let round = 0; round < rounds; round += 1) {
    times.push({ a: timed(ours, stdin), b: timed(theirs) });
  }
  const sorted = (of: (pair: (typeof times)[number]) => number) =>
    times.map(of).sort((x, y) => x - y);
  const [a, b, ratio] = [sorted((t) => t.a), sorted((t) => t.b), sorted((t) => t.a / t.b)];
  const figures = [at(a, 0.5), at(a, 0.99), at(b, 0.5), at(b, 0.99)].map((ms) => ms.toFixed(1));
  return `| ${name} | ${comparator} | ${figures.join(" | ")} | ${at(ratio, 0.5).toFixed(2)} |`;
}

try {
  const settings = 'sessions.activate = "repositories"\n';
  writeFileSync(join(home, "config.toml"), settings, { mode: 0o600 });
  run("start");
  run("activate", "bench", "--pid", String(process.pid), "--cwd", root);
  const socket = join(home, "control.sock");
  const request = ["-X", "POST", "-H", "content-type: application/json", "-d", "{}"];
  const curl = ["curl", "-s", "--unix-socket", socket, ...request, "http://localhost/v1/status"];
  console.log(`${rounds} rounds, ${cpus().length} processors, load ${loadavg()[0]?.toFixed(2)}\n`);
  console.log("| command | comparator | p50 ms | p99 ms | its p50 | its p99 | median of ratios |");
  console.log("|---|---|---|---|---|---|---|");
  const ask = [executable, "ask", "bench"];
  console.log(measure({ name: "ask", ours: ask, comparator: "curl, one request", theirs: curl }));
  const version = [executable, "--version"];
  const compiled = { comparator: "compiled hello", theirs: [hello()] };
  console.log(measure({ name: "--version", ours: version, ...compiled }));
  const ours = [executable, "hook", "claude-code"];
  const common = { session_id: "bench", cwd: root, source: "resume" };
  for (const event of ["SessionStart", "PostToolUse"]) {
    const stdin = Buffer.from(JSON.stringify({ ...common, hook_event_name: event }));
    console.log(measure({ name: `hook, ${event}`, ours, stdin, ...compiled }));
  }
} finally {
  run("stop");
  rmSync(home, { recursive: true, force: true });
}
