/** The parts of benchmarks: throw-away homes, daemons, compiled comparators, and their end. */

import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Subprocess } from "bun";
import { connect } from "../../src/client.ts";
import type { Control } from "../../src/contract/control.ts";
import type { Calls } from "../../src/contract/operation/operation.ts";
import { timers } from "../../src/platform/clock/timers.ts";

export const root = join(import.meta.dir, "../..");
/** The measured executable. */
export const executable = join(root, "dist/peernet");
/** The folder of everything that a run makes; removed at its end. */
export const scratch = mkdtempSync(join(tmpdir(), "peernet-bench-"));

/** Cleanups, in the order of the starts. */
const ends: (() => Promise<unknown> | unknown)[] = [];
/** Registers a cleanup for the end of the benchmark. */
export const atEnd = (end: () => Promise<unknown> | unknown): void => {
  ends.push(end);
};

/** Ends what was started since the last call, the newest first. */
export async function endAll(): Promise<void> {
  for (let end = ends.pop(); end !== undefined; end = ends.pop()) {
    await Promise.resolve(end()).catch((error: unknown) => console.error(String(error)));
  }
}

/** The last cleanup. */
export const removeScratch = (): void => rmSync(scratch, { recursive: true, force: true });

/** Starts a process that ends with the benchmark. */
export function started(
  command: readonly string[],
  env: Readonly<Record<string, string>> = { PATH: process.env.PATH ?? "" },
): Subprocess<"ignore", "pipe", "ignore"> {
  const child = Bun.spawn([...command], {
    env: { ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  atEnd(async () => {
    child.kill("SIGKILL");
    await child.exited;
  });
  return child;
}

/** The first line that a process prints. */
export async function firstLine(child: Pick<Subprocess<"ignore", "pipe">, "stdout">) {
  const reader = child.stdout.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`it ended and said: ${text}`);
    text += decoder.decode(value, { stream: true });
  }
  reader.releaseLock();
  return text.slice(0, text.indexOf("\n"));
}

/** Runs a command to its end; throws when it fails. */
export async function ran(
  command: readonly string[],
  more: { readonly env?: Readonly<Record<string, string>>; readonly stdin?: string } = {},
): Promise<string> {
  const child = Bun.spawn([...command], {
    env: { PATH: process.env.PATH ?? "", ...more.env },
    stdin: more.stdin === undefined ? "ignore" : Buffer.from(more.stdin),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`${command.join(" ")}: ${err.trim() || out.trim()}`);
  return out;
}

const built = new Map<string, Promise<string>>();

/** Compiles a program of this folder as the executable is compiled, once. */
export function compiled(name: string): Promise<string> {
  const known = built.get(name);
  if (known !== undefined) return known;
  const path = join(scratch, "bin", name);
  mkdirSync(join(scratch, "bin"), { recursive: true });
  const flags = ["--compile", "--bytecode", "--format=esm", "--splitting"];
  const source = join(root, "scripts/bench/programs", `${name}.ts`);
  const command = [process.execPath, "build", source, ...flags, "--outfile", path];
  const building = ran(command).then(() => path);
  built.set(name, building);
  return building;
}

/** Limits of a build that is measured beyond what one peer may do, and their larger values. */
const larger: readonly (readonly [file: string, from: RegExp, to: string])[] = [
  ["limits/rates.ts", /mail: \{[^}]*\}/, "mail: { perSecond: 1_000_000, burst: 1_000_000 }"],
  ["messages/limits.ts", /mailboxMax = [0-9_]+/, "mailboxMax = 1_000_000"],
  ["messages/limits.ts", /mailboxesMax = [0-9_]+/, "mailboxesMax = 1_000_000"],
];

/** The executable built from a copy of the source whose limits are raised, once. */
export function raised(): Promise<string> {
  const known = built.get("raised");
  if (known !== undefined) return known;
  const copy = join(scratch, "raised");
  cpSync(join(root, "src"), join(copy, "src"), { recursive: true });
  cpSync(join(root, "package.json"), join(copy, "package.json"));
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  for (const [name, from, to] of larger) {
    const file = join(copy, "src/contract", name);
    const text = readFileSync(file, "utf8");
    if (!from.test(text)) throw new Error(`${name} has no ${from.source}`);
    writeFileSync(file, text.replace(from, to));
  }
  const path = join(copy, "peernet");
  const flags = ["--compile", "--bytecode", "--format=esm", "--splitting"];
  const define = ["--define", 'PEERNET_COMMIT="raised"'];
  const source = join(copy, "src/main.ts");
  const command = [process.execPath, "build", source, ...flags, ...define, "--outfile", path];
  const building = ran(command).then(() => path);
  built.set("raised", building);
  return building;
}

/** A home whose daemon is, or may be, running. */
export interface Machine {
  readonly name: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly calls: Calls<Control>;
  /** Runs the executable; returns what it printed. */
  run(words: readonly string[], stdin?: string): Promise<string>;
  /** Starts its daemon, or a program in its place. */
  start(program?: string): Promise<Running>;
}

/** A daemon that runs. */
export interface Running {
  /** The first `address:port` that it listens on. */
  readonly address: string;
  readonly pid: number;
}

let homes = 0;

/** Makes a home on loopback. */
export function machine(name: string, more: Readonly<Record<string, string>> = {}): Machine {
  homes += 1;
  const folder = join(scratch, `${name}-${homes}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: folder,
    PEERNET_HOME: folder,
    PEERNET_MACHINE_NAME: name,
    PEERNET_LISTEN_PORT: "0",
    PEERNET_LISTEN_ADDRESSES: "127.0.0.1",
    ...more,
  };
  const { calls } = connect(join(folder, "control.sock"), { timers });
  const run: Machine["run"] = (words, stdin) =>
    ran([executable, ...words], { env, ...(stdin === undefined ? {} : { stdin }) });
  const start: Machine["start"] = async (program = executable) => {
    const child = started([program, "daemon"], env);
    // Ended first, so that a keeper sees it: the process is killed only if that fails.
    atEnd(() => run(["stop"]).catch(() => undefined));
    await firstLine(child);
    const { machine } = await calls.status({});
    return { address: machine.listen[0] ?? "", pid: child.pid };
  };
  return { name, folder, env, calls, run, start };
}

/** Pairs two machines: the second types the code, at an address of the first. */
export async function pairTwo(shows: Machine, types: Machine, to: string): Promise<void> {
  const window = await windowOf(shows);
  await types.run(["pair", "-", "--to", to], `${window.code}\n`);
  await window.ended;
}

/** Opens a window and reads its code. */
export async function windowOf(shows: Machine) {
  const child = started([executable, "pair", "--open", "--json"], shows.env);
  const { code } = JSON.parse(await firstLine(child));
  return { code: String(code), ended: child.exited };
}

/** Takes a handle, for this process as the session. */
export const activated = (on: Machine, name: string): Promise<string> =>
  on.run(["activate", name, "--pid", String(process.pid), "--cwd", root, "--summary", "at work"]);

/** A port of loopback that nobody listens on. */
export function freePort(): number {
  const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  const { port } = server;
  server.stop(true);
  return port;
}

/** Repeats a call until it succeeds, up to a time limit. */
export async function eventually<T>(run: () => Promise<T>, withinMs = 10_000): Promise<T> {
  const until = performance.now() + withinMs;
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (performance.now() > until) throw error;
      await Bun.sleep(2);
    }
  }
}
