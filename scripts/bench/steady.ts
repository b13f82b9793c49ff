/**
 * R1–R10, and the threats with a figure: steadiness. Each row is a test of the suite at full size.
 * Its line `figure: R1 key=value …` is compared with the row's goals. A row whose test failed met
 * none.
 */

import { join } from "node:path";
import { handlesMax, helloJitter, helloMs } from "../../src/contract/limits.ts";
import { ranOf } from "../../test/support/ran.ts";
import { nextSteady } from "./next.ts";
import { root, scratch } from "./parts.ts";

/** One figure, and the bound it may reach but not pass. */
interface Goal {
  readonly key: string;
  readonly sign: "≤" | "≥";
  readonly bound: number;
}

interface SteadyRow {
  readonly what: string;
  /** Files of tests, and which tests of these. */
  readonly files: readonly string[];
  readonly tests?: string;
  /** Modules whose coverage by the tests the row reports, in percent. */
  readonly covers?: readonly string[];
  /** Includes the parts that only the longest run has. */
  readonly isLong?: true;
  readonly goals: readonly Goal[];
}

const most = (key: string, bound: number): Goal => ({ key, sign: "≤", bound });
const least = (key: string, bound: number): Goal => ({ key, sign: "≥", bound });

/** Of a thousand peers, each direction: the hellos even when every pause is the longest. */
const hellosPerS = Math.floor(1_000_000 / (helloMs * (1 + helloJitter)));

/** The rows, by their names. */
const rows: Readonly<Record<string, SteadyRow>> = {
  R1: {
    what: "answered asks without a record, the daemon ended by kill -9",
    files: ["test/faults/killed.test.ts"],
    goals: [least("kill9_rounds", 500), most("without_record", 0), most("broken_chains", 0)],
  },
  R1p: {
    what: "the same after a power cut; the control, which does not wait for the disk, must lose",
    files: ["test/faults/power-cut.test.ts"],
    goals: [
      least("power_cut_rounds", 200),
      most("without_record", 0),
      most("broken_chains", 0),
      least("control_without_record", 1),
    ],
  },
  R11: {
    what: "messages lost, twice or out of order, a daemon ended by kill -9 while they go",
    files: ["test/faults/messages.test.ts"],
    tests: "kill -9",
    goals: [least("kill9_rounds", 500), most("lost", 0), most("twice", 0), most("out_of_order", 0)],
  },
  R2: {
    what: "expired leases that were served",
    files: ["test/faults/figures.test.ts"],
    tests: "expired lease",
    goals: [least("checks", 1_000_000), most("expired_served", 0)],
  },
  R3: {
    what: "leases that expired although no two consecutive heartbeats were lost",
    files: ["test/faults/figures.test.ts"],
    tests: "single beats",
    goals: [least("simulated_hours", 10_000), most("false_expiries", 0)],
  },
  R4: {
    what: "time until the first answer after a network cut of 60 s",
    files: ["test/network/partition.test.ts"],
    tests: "first ask after a cut",
    isLong: true,
    goals: [least("cut_s", 60), most("p95_ms", 5_000)],
  },
  R5: {
    what: "unpair → the peer's connections are closed and its asks refused",
    files: ["test/faults/figures.test.ts"],
    tests: "revoked peer",
    goals: [most("worst_ms", 1_000)],
  },
  R6: {
    what: "requests without rights, made to mislead the listener",
    files: ["test/fuzz/listener.test.ts"],
    goals: [least("requests", 100_000), most("accepted", 0), most("crashes", 0)],
  },
  R6c: {
    what: "lines that the fuzz tests ran, in %, of the readers of foreign texts and packets",
    files: ["test/fuzz/texts.test.ts", "test/fuzz/database.test.ts"],
    covers: [
      "discovery/advertisement",
      "harness/payload",
      "harness/claude-code-hook",
      "harness/codex-hook",
      "harness/jsonc",
      "harness/toml",
      "harness/written-events",
      "platform/config",
      "store/database",
    ],
    goals: [
      least("discovery/advertisement", 90),
      least("harness/payload", 90),
      // The rest of these two looks at a process's arguments and environment.
      least("harness/claude-code-hook", 85),
      least("harness/codex-hook", 75),
      least("harness/written-events", 90),
      least("harness/jsonc", 90),
      least("harness/toml", 90),
      least("platform/config", 90),
      least("store/database", 90),
    ],
  },
  R7: {
    what: "1,000 peers that say hello, and 256 leases",
    files: ["test/faults/load.test.ts"],
    tests: "peers that greet",
    goals: [
      // One link in a hundred may be between two hellos of which the first failed.
      least("up", 990),
      least("leases", handlesMax),
      least("hellos_said_per_s", hellosPerS),
      least("hellos_heard_per_s", hellosPerS),
      most("memory_mb", 120),
      most("cpu", 0.1),
      most("p99_ratio", 2),
    ],
  },
  R8: {
    what: "a trail of a million records",
    files: ["test/faults/load.test.ts"],
    tests: "a trail of",
    goals: [
      least("rows", 1_000_000),
      least("checkpoints", 10_000),
      most("start_s", 0.5),
      most("verify_s", 5),
    ],
  },
  R9: {
    what: "10 min at 50 asks/s: drift between minute 2 and minute 10",
    files: ["test/faults/load.test.ts"],
    tests: "a soak of",
    isLong: true,
    goals: [
      least("seconds", 600),
      // Three peers, one in 60 ms each, are 50 a second, less a tenth: two begin a little later.
      least("asks_per_s", 45),
      most("growth_mb", 1),
      most("files_change", 2),
      most("p99_ratio", 1.2),
    ],
  },
  R10: {
    what: "simulated runs of the protocol's core that violated an invariant",
    files: ["test/simulation/simulation.test.ts"],
    tests: "must hold|lived again",
    goals: [least("seeds", 1_000), most("violations", 0)],
  },
  P12d: {
    what: "an event in the daemon → drawn by Chromium, which has no graphics processor here",
    files: ["test/browser/figures.test.ts"],
    tests: "is drawn within",
    isLong: true,
    goals: [least("events", 200), most("drawn_p95_ms", 100)],
  },
  T20: {
    what: "can response time reveal a hidden or expired handle: Welch's t",
    files: ["test/faults/timing.test.ts"],
    goals: [least("samples", 100_000), most("hidden_by_scope_t", 4.5), most("expired_t", 4.5)],
  },
  T23: {
    what: "500 slow clients: longest life, and a peer's asks meanwhile; 500 half-open at 256 files",
    files: ["test/faults/crowd.test.ts"],
    tests: "slow clients|half-open",
    goals: [
      least("slow_clients", 500),
      most("longest_s", 15),
      most("ratio", 2),
      least("half_open", 500),
      most("control_p99_ms", 100),
      most("cpu", 0.25),
    ],
  },
  T24: {
    what: "a peer at ten times its quota: growth of another peer's p99",
    files: ["test/faults/crowd.test.ts"],
    tests: "ten times its quota",
    // Ten times the quota is 200 a second; on a machine that cannot ask so much, most of it.
    goals: [least("asked_per_s", 150), most("ratio", 1.5)],
  },
  T32: {
    what: "recovery after a failed or full disk; no answer without a record, even on a slow disk",
    files: ["test/faults/disk.test.ts"],
    goals: [
      most("eio_write_recovery_ms", 5_000),
      most("eio_fsync_recovery_ms", 5_000),
      most("enospc_recovery_ms", 5_000),
      // Each sync is held for as long.
      least("slow_first_byte_ms", 300),
      most("eio_write_answered_without_record", 0),
      most("eio_fsync_answered_without_record", 0),
      most("enospc_answered_without_record", 0),
      most("slow_answered_without_record", 0),
    ],
  },
};

/** The names of all rows. */
export const steadyNames: readonly string[] = Object.keys(rows);

type Figures = ReadonlyMap<string, string>;

/** The figures of a row's test, line by line; later lines add to earlier ones. */
function figuresIn(output: string, row: string): Figures {
  const figures = new Map<string, string>();
  for (const [, told] of output.matchAll(new RegExp(`^figure: ${row} (.*)$`, "gm"))) {
    for (const pair of told?.split(" ") ?? []) {
      const at = pair.indexOf("=");
      figures.set(pair.slice(0, at), pair.slice(at + 1));
    }
  }
  return figures;
}

function missed(figures: Figures, { key, sign, bound }: Goal): string | null {
  const value = Number(figures.get(key) ?? Number.NaN);
  const isReached = sign === "≤" ? value <= bound : value >= bound;
  return isReached ? null : `${key} is ${figures.get(key) ?? "not told"}, goal ${sign} ${bound}`;
}

/** The executed lines of modules in percent, from a report of coverage. */
function coverage(report: string, modules: readonly string[]): Figures {
  const found = new Map<string, string>();
  for (const part of report.split("end_of_record")) {
    const name = modules.find((each) => part.includes(`SF:src/${each}.ts\n`));
    const [run, all] = ["LH", "LF"].map((key) =>
      Number(new RegExp(`^${key}:(\\d+)$`, "m").exec(part)?.[1]),
    );
    if (name !== undefined && run !== undefined && all !== undefined)
      found.set(name, ((100 * run) / all).toFixed(1));
  }
  return found;
}

/** Runs a row's test; returns its output, and whether it passed. */
async function tried({ files, tests, isLong, covers = [] }: SteadyRow) {
  const only = tests === undefined ? [] : ["--test-name-pattern", tests];
  const folder = join(scratch, "coverage");
  const report = ["--coverage", "--coverage-reporter=lcov", `--coverage-dir=${folder}`];
  const words = [
    "test",
    "--timeout=30000",
    ...only,
    ...(covers.length === 0 ? [] : report),
    ...files.map((file) => `./${file}`),
  ];
  const child = Bun.spawn([process.execPath, ...words], {
    cwd: root,
    env: {
      ...process.env,
      PEERNET_TEST_FAULTS: "1",
      ...(isLong === true ? { PEERNET_TEST_LONG: "1" } : {}),
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const { out, err, code } = await ranOf(child);
  if (code !== 0) console.error(`${out}${err}`.slice(-4_000));
  const covered =
    covers.length === 0 ? null : coverage(await Bun.file(join(folder, "lcov.info")).text(), covers);
  return { output: `${out}\n${err}`, isPassed: code === 0, covered };
}

/** The line of a row, measured now. */
export async function steadyLine(name: string, when: string): Promise<string> {
  const row = rows[name];
  if (row === undefined) throw new Error(`there is no ${name}`);
  const { output, isPassed, covered } = await tried(row);
  const figures = covered ?? figuresIn(output, name);
  const misses = row.goals.flatMap((goal) => missed(figures, goal) ?? []);
  if (!isPassed) misses.unshift("its test failed");
  const why = `; ${nextSteady[name] ?? "not looked into yet"}`;
  const verdict = misses.length === 0 ? "met" : `**not met**: ${misses.join(", ")}${why}`;
  const seen = [...figures].map(([key, value]) => `${key} ${value}`).join(", ");
  const goals = row.goals.map(({ key, sign, bound }) => `${key} ${sign} ${bound}`).join(", ");
  return `| ${[name, row.what, seen, goals, verdict, when].join(" | ")} |`;
}

/** The head of the rows' table. */
export const steadyHead = [
  "| # | what | seen | goal | verdict | when |",
  "|---|---|---|---|---|---|",
].join("\n");
