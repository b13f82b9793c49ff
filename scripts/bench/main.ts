/**
 * Runs the benchmarks, prints each row as soon as it is measured, and writes the table.
 * usage: main.ts [--steady] [--only P4[,P5 …]] [--rounds N] [--growth]
 */

import { mkdirSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { growth } from "./growth.ts";
import { failures } from "./measure.ts";
import { endAll, ran, removeScratch, root } from "./parts.ts";
import { writeFast, writeSteady } from "./report.ts";
import { head, keepRaw, lineOf, type NotMeasured, type Row } from "./results.ts";
import { p1, p2, p7, type Told } from "./rows/asks.ts";
import { p4, p9, p14, p15 } from "./rows/commands.ts";
import { p24 } from "./rows/drain.ts";
import { p22 } from "./rows/edits.ts";
import { p13 } from "./rows/grown.ts";
import { p8, p10, p11 } from "./rows/machine.ts";
import { p17, p17Real } from "./rows/mail.ts";
import { p5, p6 } from "./rows/mcp.ts";
import { p16, p18 } from "./rows/messages.ts";
import { p3 } from "./rows/path.ts";
import { p23 } from "./rows/reverse.ts";
import { p12, p19 } from "./rows/watch.ts";
import { steadyLine, steadyNames } from "./steady.ts";

type Bench = (told: Told) => Promise<readonly (Row | NotMeasured)[]>;

const benches: Readonly<Record<string, Bench>> = {
  P1: p1,
  P2: p2,
  P3: p3,
  P4: p4,
  P5: p5,
  P6: p6,
  P7: p7,
  P8: p8,
  P9: p9,
  P10: p10,
  P11: p11,
  P12: p12,
  P13: p13,
  P14: p14,
  P15: p15,
  P16: p16,
  P17: p17,
  P17c: p17Real("P17c", "claude"),
  P17x: p17Real("P17x", "codex"),
  P18: p18,
  P19: p19,
  P22: p22,
  P23: p23,
  P24: p24,
};

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    rounds: { type: "string" },
    growth: { type: "boolean", default: false },
    steady: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds ?? 30);
const only = values.only?.split(",") ?? (values.steady ? steadyNames : Object.keys(benches));

async function rowsOf(name: string): Promise<readonly (Row | NotMeasured)[]> {
  const bench = benches[name];
  if (bench === undefined) throw new Error(`there is no ${name}`);
  try {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error("it took over two minutes")), 120_000);
    return await Promise.race([bench({ rounds }), late.promise]).finally(() => clearTimeout(timer));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [{ id: name, metric: "", why: why.slice(0, 200) }];
  } finally {
    await endAll();
  }
}

const load = (): string =>
  loadavg()
    .map((value) => value.toFixed(2))
    .join(" ");

/** The measured commit; `-dirty` when the source differs. */
async function commit(): Promise<string> {
  const git = ["git", "-C", root];
  const head = (await ran([...git, "rev-parse", "--short", "HEAD"])).trim();
  return (await ran([...git, "status", "--porcelain", "--", "src"])) === ""
    ? head
    : `${head}-dirty`;
}

async function machineLine(): Promise<string> {
  const [cpu] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const day = new Date().toISOString().slice(0, 10);
  const what = `${cpu?.model}, ${cpus().length} processors, ${memory}, Linux ${release()}`;
  return `${what}, ${day}, commit ${await commit()}.`;
}

/** Prints each row as soon as it is measured; without `--only`, writes the table. */
async function table(): Promise<void> {
  const before = load();
  const lines: string[] = [];
  const measured: (Row | NotMeasured)[] = [];
  console.log(`${rounds} rounds, load ${before}\n\n${head}`);
  for (const name of only) {
    for (const row of await rowsOf(name)) {
      measured.push(row);
      lines.push(lineOf(row));
      console.log(lineOf(row));
    }
  }
  for (const why of new Set(failures)) console.log(`failed: ${why}`);
  const loads =
    `Load before ${before}, after ${load()}. Contestants take turns; with fewer than a hundred ` +
    "tries the largest counts as p99. A failed try counts as infinite.";
  const about = `${await machineLine()}\n\n${loads}`;
  console.log(`\n${about}`);
  if (values.only !== undefined) return;
  for (const row of measured) if (!("why" in row)) keepRaw(join(root, "bench/raw"), row);
  writeFast(`${about}\n\n${head}\n${lines.join("\n")}`);
}

/** Runs each row's test at full size, and writes each row as soon as it is measured. */
async function steady(): Promise<void> {
  const day = new Date().toISOString().slice(0, 10);
  for (const name of only) {
    const line = await steadyLine(name, `${day}, ${await commit()}`);
    console.log(line);
    writeSteady(name, line);
  }
}

try {
  mkdirSync(join(root, "bench"), { recursive: true });
  if (values.growth) await growth(await machineLine());
  else await (values.steady ? steady() : table());
} finally {
  await endAll();
  removeScratch();
}
process.exit(0);
