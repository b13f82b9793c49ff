/**
 * The cost of ask, status, a listing of the audit trail, its verification and the daemon's start,
 * as a machine grows by powers of ten: a table and a plot.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { median, type Try, timed } from "./measure.ts";
import { endAll, eventually, executable, root } from "./parts.ts";
import { plot, type Series } from "./plot.ts";
import { type Grown, grown } from "./rows/grown.ts";

/** The growing quantities, each with its sizes. */
const growing: Readonly<Record<string, readonly (readonly [size: number, Grown])[]>> = {
  "audit records": [1e2, 1e3, 1e4, 1e5, 1e6].map((records) => [records, { records }] as const),
  leases: [1, 10, 100, 256].map((leases) => [leases, { leases }] as const),
  peers: [33, 100, 1_000].map((peers) => [peers, { peers: peers - 32 }] as const),
};

const operations = ["ask", "status", "audit", "verify", "start"] as const;
type Costs = Readonly<Record<(typeof operations)[number], number>>;

/** The median of a few tries, in milliseconds. */
async function cost(run: Try, tries: number): Promise<number> {
  const taken: number[] = [];
  for (let at = -2; at < tries; at += 1) {
    const ms = await timed(run);
    if (at >= 0) taken.push(ms);
  }
  return median(taken);
}

/** The cost of each operation on a machine of a size. */
async function costsOf(size: Grown): Promise<Costs> {
  try {
    const { on, pid, connect } = await grown(size);
    const ask = await connect();
    const costs = {
      ask: await cost(ask, 60),
      status: await cost(() => on.calls.status({}), 30),
      audit: await cost(() => on.calls.audit({ limit: 20, all: true }), 10),
      verify: await cost(verified(on), 1),
    };
    process.kill(pid, "SIGTERM");
    const socket = on.calls.status;
    await eventually(async () => {
      if (
        await socket({}).then(
          () => true,
          () => false,
        )
      )
        throw new Error("it still runs");
    });
    return { ...costs, start: await restarted(on) };
  } finally {
    await endAll();
  }
}

type Machine = Awaited<ReturnType<typeof grown>>["on"];

const verified =
  ({ calls }: Machine): Try =>
  async () => {
    const { ok } = await calls["audit/verify"]({});
    if (!ok) throw new Error("the trail does not hold");
  };

/** From the start of the daemon to its first answer, the middle of three. */
async function restarted({ env, calls }: Machine): Promise<number> {
  const taken: number[] = [];
  for (let times = 0; times < 3; times += 1) {
    const began = performance.now();
    const child = Bun.spawn([executable, "daemon"], {
      env: { ...env },
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
    });
    await eventually(() => calls.status({}));
    taken.push(performance.now() - began);
    child.kill("SIGTERM");
    await child.exited;
  }
  return median(taken);
}

const shown = (ms: number): string => (ms >= 100 ? ms.toFixed(0) : ms.toFixed(2));

/** Measures all, writes `bench/growth.md` and `bench/growth.svg`. */
export async function growth(about: string): Promise<void> {
  const lines = ["| what grows | size | ask | status | audit | verify | start |"];
  lines.push("|---|---|---|---|---|---|---|");
  const panels: { readonly title: string; readonly series: readonly Series[] }[] = [];
  for (const [what, sizes] of Object.entries(growing)) {
    const points: { readonly size: number; readonly costs: Costs }[] = [];
    for (const [size, seed] of sizes) {
      const costs = await costsOf(seed);
      points.push({ size, costs });
      const cells = operations.map((operation) => shown(costs[operation]));
      lines.push(`| ${what} | ${size.toLocaleString("en")} | ${cells.join(" | ")} |`);
      console.log(lines.at(-1));
    }
    const [first, last] = [points[0], points.at(-1)];
    const grown = operations.map((name) =>
      first === undefined || last === undefined
        ? ""
        : `${(last.costs[name] / first.costs[name]).toFixed(2)}×`,
    );
    lines.push(`| ${what} | largest to smallest | ${grown.join(" | ")} |`);
    const series = operations.map((name) => ({
      name,
      points: points.map(({ size, costs }) => [size, costs[name]] as const),
    }));
    panels.push({ title: `${what} →`, series });
  }
  const folder = join(root, "bench");
  const head = `# Growth\n\nMilliseconds, medians. ${about}`;
  const text = `${head}\n\n${lines.join("\n")}\n\n![](growth.svg)\n`;
  writeFileSync(join(folder, "growth.md"), text);
  writeFileSync(join(folder, "growth.svg"), plot(panels, "milliseconds"));
}
