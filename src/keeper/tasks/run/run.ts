/**
 * Runs a program in its room: believes the walls only once the room has proven them, keeps its
 * output, watches its limits, and ends it with all that it started. Reads no meaning into output.
 */

import { closeSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canaryLine } from "../../../contract/reads/sandbox.ts";
import {
  memoryBytesMax,
  outputBytesMax,
  processesMax,
  taskDiskBytesMax,
} from "../../../contract/tasks/limits.ts";
import type { Clock, Timers } from "../../../platform/effects.ts";
import { endGroup } from "../../../platform/process/run.ts";
import { executableInside } from "../../sandbox/bwrap.ts";
import { roundNames } from "../folder.ts";
import { runCanaryCount } from "./canaries.ts";
import { type Cause, enderOf } from "./ending.ts";
import { keepOutput, type OutputPlan } from "./output.ts";
import {
  type Bind,
  executableBind,
  type InsideLimits,
  type InsideRoom,
  insideVariable,
  roomWords,
} from "./room.ts";
import { type WatchPlan, watchRun } from "./watch.ts";

/** Dependencies of a run. */
export interface RunParts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly bwrap: string;
  readonly executable: string;
  readonly build: string;
  readonly newNonce: () => string;
  /** The state folder, which the room must not show. */
  readonly state: string;
}

/** A run to do. */
export interface RunPlan extends OutputPlan, WatchPlan {
  readonly binds: readonly Bind[];
  readonly chdir: string;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Text on its standard input; null for none. */
  readonly stdin: string | null;
  /** Folders in the room that must be read-only. */
  readonly readOnly: readonly string[];
  /** The port in the room that leads to the model; null for no network at all. */
  readonly modelPort: number | null;
}

/** The measured end of a run. */
export interface RunEnd {
  readonly exit: number | null;
  readonly signal: string | null;
  readonly cause: Cause | null;
  readonly duration_ms: number;
  readonly first_output_ms: number | null;
  readonly output_bytes: number;
  readonly output_capped: boolean;
  readonly peak_memory_bytes: number;
}

/** A room whose walls were not proven. */
export interface UnsafeRoom {
  readonly unsafe: string;
}

/** The time for a start: a busy machine takes two seconds for the two program starts. */
const startMs = 10_000;
/** From the exit of a program until its pipes are given up: an escaped holder is not waited for. */
const drainMs = 500;

const limits: InsideLimits = { fileBytes: taskDiskBytesMax, processes: processesMax };

/**
 * The shell limits the memory of each process before the runtime starts: a runtime that has begun
 * without the limit has reserved more, and could allocate nothing under it.
 */
const limited = ["/bin/sh", "-c", `ulimit -d ${memoryBytesMax / 1_024}; exec "$@"`, "sh"];

/** Runs a program; resolves once no process of it is left. */
export async function runIn(parts: RunParts, plan: RunPlan): Promise<RunEnd | UnsafeRoom> {
  const listener = Bun.listen({
    ...{ hostname: "127.0.0.1", port: 0 },
    socket: {
      open: (socket) => {
        socket.end();
      },
      data: () => {},
    },
  });
  const infoPath = join(plan.folder, "room.json");
  const info = openSync(infoPath, "w", 0o600);
  try {
    const close = (): void => listener.stop(true);
    return await ranIn(parts, plan, { port: listener.port, close, info, infoPath });
  } finally {
    closeSync(info);
    listener.stop(true);
  }
}

interface Opened {
  readonly port: number;
  /** Closes that port: only the canaries look for it. */
  readonly close: () => void;
  /** The descriptor to which bubblewrap writes the number of the room's first process. */
  readonly info: number;
  readonly infoPath: string;
}

async function ranIn(parts: RunParts, plan: RunPlan, opened: Opened): Promise<RunEnd | UnsafeRoom> {
  const { clock, timers } = parts;
  const nonce = parts.newNonce();
  const child = startedIn(parts, plan, { ...opened, nonce });
  const ender = enderOf(child.pid, opened.infoPath, timers);
  const proof = canaryLine(nonce, runCanaryCount, runCanaryCount);
  const output = keepOutput(plan, { clock, ender, proof });
  const drained = Promise.all([drain(child.stdout, output.out), drain(child.stderr, output.err)]);
  const cancelStart = timers.after(startMs, () => endGroup(child.pid));
  const first = await Promise.race([output.first, child.exited.then(() => "")]);
  cancelStart();
  opened.close();
  if (first !== proof) {
    endGroup(child.pid);
    await child.exited;
    output.close();
    return { unsafe: unsafeText(first) };
  }
  const watch = watchRun(parts, plan, { ender, output });
  const exit = await child.exited;
  const duration = clock.monotonicMs() - output.seen().provenMs;
  await Promise.race([drained, new Promise<void>((resolve) => timers.after(drainMs, resolve))]);
  await ender.finish();
  watch.end();
  output.close();
  const { bytes, firstMs, provenMs } = output.seen();
  return {
    exit: child.signalCode === null ? exit : null,
    signal: child.signalCode === null ? null : String(child.signalCode),
    ...{ cause: ender.cause(), duration_ms: Math.max(0, Math.round(duration)) },
    first_output_ms: firstMs === null ? null : Math.max(0, Math.round(firstMs - provenMs)),
    ...{ output_bytes: bytes, output_capped: bytes > outputBytesMax },
    peak_memory_bytes: watch.peakBytes(),
  };
}

const unsafeText = (line: string): string => {
  if (line === "") return "it did not report its canaries";
  return line.startsWith("unsafe ")
    ? line.slice("unsafe ".length, 300)
    : "it reported another line";
};

async function drain(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  take: (bytes: Uint8Array) => void,
): Promise<void> {
  for await (const bytes of stream) take(bytes);
}

function startedIn(
  { bwrap, executable, build, state }: RunParts,
  plan: RunPlan,
  { port, info, nonce }: Pick<Opened, "port" | "info"> & { readonly nonce: string },
) {
  const room: InsideRoom = {
    ...{ wall: "bwrap", build, nonce, parent: 1, starter: process.pid, objects: [], git: null },
    ...{ shell: "/", libraries: [], planted: join(plan.folder, roundNames.planted), home: state },
    ...{ argv: plan.argv, environment: plan.environment, limits, readOnly: plan.readOnly, port },
    modelPort: plan.modelPort,
  };
  const [, ...words] = roomWords(bwrap, {
    binds: [executableBind(executable), ...plan.binds],
    chdir: plan.chdir,
  });
  // Every program in the room can read the words and the environment of bubblewrap, its first
  // process: they name no path of this machine.
  const wordsFrom = descriptorOf(plan.folder, words.map((word) => `${word}\0`).join(""));
  const roomFrom = descriptorOf(plan.folder, JSON.stringify(room));
  const fixed = [bwrap, "--args", "4", "--info-fd", "3", executableInside, "inside"];
  try {
    return Bun.spawn([...limited, ...fixed], {
      stdio: [
        plan.stdin === null ? "ignore" : new Blob([plan.stdin]),
        "pipe",
        "pipe",
        info,
        wordsFrom,
        roomFrom,
      ],
      cwd: "/",
      detached: true,
      env: {
        PATH: "/usr/bin:/bin",
        BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
        [insideVariable]: "5",
      },
    });
  } finally {
    for (const each of [wordsFrom, roomFrom]) closeSync(each);
  }
}

/** A descriptor from which a text is read; it has no path any more. */
function descriptorOf(folder: string, text: string): number {
  const path = join(folder, "room.given");
  writeFileSync(path, text, { mode: 0o600 });
  const descriptor = openSync(path, "r");
  rmSync(path);
  return descriptor;
}
