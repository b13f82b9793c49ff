/**
 * P8, P10, P11: a search among dead addresses, the cost of idling, and the weight of the
 * executable.
 */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { probeMs } from "../../../src/contract/limits.ts";
import { median } from "../measure.ts";
import {
  activated,
  atEnd,
  compiled,
  executable,
  firstLine,
  machine,
  pairTwo,
  ran,
  root,
  scratch,
  started,
} from "../parts.ts";
import type { Row } from "../results.ts";
import type { Told } from "./asks.ts";

/** A search over 200 addresses, of which 100 take a connection and never say a word. */
export async function p8({ rounds }: Told): Promise<readonly Row[]> {
  const on = machine("mini", { PEERNET_LISTEN_ADDRESSES: "0.0.0.0" });
  const { address } = await on.start();
  const port = address.slice(address.lastIndexOf(":") + 1);
  const silent = silence();
  const addresses = Array.from({ length: 100 }, (_, at) => [
    `127.0.1.${at + 1}:${port}`,
    `127.0.2.${at + 1}:${silent}`,
  ]).flat();
  const times = Math.max(5, Math.min(rounds, 15));
  const out = await ran([await compiled("sweep"), String(times), ...addresses]);
  const sweeps = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  // All of the living are one machine, and each dead address is reported as such.
  const ours = sweeps.map(({ ms, unreachable, found }) =>
    unreachable === 100 && found === 1 ? Number(ms) : Number.POSITIVE_INFINITY,
  );
  return [
    {
      id: "P8",
      metric: "a search over 200 addresses, 100 of them silent",
      unit: "ms",
      ours,
      comparator: `its probe's timeout, ${probeMs} ms`,
      theirs: [],
      judged: { value: median(ours) / probeMs, unit: "×" },
      goal: 1.2,
      moonshot: 1.05,
    },
  ];
}

/** A port on which every connection is taken and none is spoken on. */
function silence(): number {
  const socket = { data: () => undefined };
  const server = Bun.listen({ hostname: "0.0.0.0", port: 0, socket });
  atEnd(() => server.stop(true));
  return server.port;
}

/** The runtime collects garbage until half a minute after the start; then windows are taken. */
const settledMs = 40_000;
const windowS = 10;
const windowsMax = 5;

/** Resident memory of a process in MB: all of it, or the anonymous part. */
function residentMb(pid: number, what: "VmRSS" | "RssAnon" = "VmRSS"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`${what}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024;
}

/** Time that a process's threads have run so far, in seconds, as the scheduler counts it. */
function processorS(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const ran = tasks.map((task) => readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8"));
  return ran.reduce((sum, text) => sum + Number(text.split(" ")[0]), 0) / 1e9;
}

/** The memory and time of settled processes, window by window. */
async function idling(pids: readonly number[]) {
  await Bun.sleep(settledMs);
  const memory: number[][] = pids.map(() => []);
  const shares: number[][] = pids.map(() => []);
  for (let window = 0; window < windowsMax; window += 1) {
    const before = pids.map(processorS);
    for (let second = 0; second < windowS; second += 1) {
      await Bun.sleep(1_000);
      for (const [at, each] of pids.entries()) memory[at]?.push(residentMb(each));
    }
    for (const [at, each] of pids.entries()) {
      shares[at]?.push(((processorS(each) - (before[at] ?? 0)) / windowS) * 100);
    }
  }
  return { memory, shares };
}

/** Memory and processor time of a daemon that has a handle, a peer, and nothing to do. */
export async function p10(): Promise<readonly Row[]> {
  const [on, laptop] = [machine("mini"), machine("laptop")];
  const { pid, address } = await on.start();
  await laptop.start();
  await pairTwo(on, laptop, address);
  await activated(on, "bench");
  const bare = started([await compiled("bare-server"), join(scratch, "idle.sock")]);
  await firstLine(bare);
  const pids = [pid, bare.pid];
  const { memory, shares } = await idling(pids);
  const [ours = [], theirs = []] = memory;
  const [ownShares = [], bareShares = []] = shares;
  const [own = 0, bareOwn = 0] = pids.map((each) => residentMb(each, "RssAnon"));
  const row = { comparator: "a bare Bun server, compiled" };
  return [
    {
      id: "P10",
      metric: "idle daemon: memory of no file",
      unit: "MB",
      ...row,
      ...{ ours: [own], theirs: [bareOwn], goal: 14, moonshot: 10 },
      judged: { value: own, unit: " MB" },
    },
    {
      id: "P10r",
      metric: "the same: resident memory, with the executable's file, which processes share",
      unit: "MB",
      ...row,
      ...{ ours, theirs, goal: 62, moonshot: null },
      judged: { value: median(ours), unit: " MB" },
    },
    {
      id: "P10c",
      metric: `the same: processor over ${windowS} s`,
      how: "one handle, one peer, a fixed address; `lan` or `tailnet` also polls each second",
      unit: "%",
      ...row,
      ...{ ours: ownShares, theirs: bareShares, goal: 0.06, moonshot: null },
      judged: { value: median(ownShares), unit: " %" },
    },
  ];
}

const mib = 2 ** 20;

/** The weight of the executable beyond a compiled hello, and its parts. */
export async function p11(): Promise<readonly Row[]> {
  const [ours, theirs] = [executable, await compiled("hello")].map(
    (path) => statSync(path).size / mib,
  );
  const added = (ours ?? 0) - (theirs ?? 0);
  return [
    {
      id: "P11",
      metric: "executable: MB beyond a compiled hello",
      unit: "MB",
      ours: [ours ?? 0],
      comparator: "compiled hello",
      theirs: [theirs ?? 0],
      judged: { value: added, unit: " MB" },
      goal: 8,
      moonshot: 3,
      how: `bytecode ${(await bytecodeMb()).toFixed(2)}; source: ${await named()}`,
    },
  ];
}

/** The weight of the bytecode: the executable less the same without bytecode. */
async function bytecodeMb(): Promise<number> {
  const bare = join(scratch, "without-bytecode");
  const flags = ["--compile", "--format=esm", "--splitting", "--outfile", bare];
  await ran([process.execPath, "build", join(root, "src/main.ts"), ...flags]);
  return (statSync(executable).size - statSync(bare).size) / mib;
}

/** The source that is bundled, by package, largest first. */
async function named(): Promise<string> {
  const file = join(scratch, "meta.json");
  const flags = ["--target=bun", "--format=esm", "--splitting", `--metafile=${file}`];
  const out = ["--outdir", join(scratch, "bundle")];
  await ran([process.execPath, "build", join(root, "src/main.ts"), ...flags, ...out]);
  const { outputs } = JSON.parse(readFileSync(file, "utf8"));
  const sizes = new Map<string, number>();
  for (const { inputs } of Object.values<{ inputs: Record<string, { bytesInOutput: number }> }>(
    outputs,
  )) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = packageOf(path);
      sizes.set(name, (sizes.get(name) ?? 0) + bytesInOutput);
    }
  }
  const sorted = [...sizes].sort(([, a], [, b]) => b - a);
  return sorted
    .slice(0, 8)
    .map(([name, bytes]) => `${name} ${(bytes / mib).toFixed(2)}`)
    .join(", ");
}

function packageOf(path: string): string {
  const inside = path.split("node_modules/").at(-1) ?? path;
  if (inside === path) return "peernet";
  return inside
    .split("/")
    .slice(0, inside.startsWith("@") ? 2 : 1)
    .join("/");
}
