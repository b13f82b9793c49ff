/**
 * The MCP server beside a bare one on the same SDK, measured in turn (A B A B …): from its start to
 * its list of tools, and one call, `ask_peer` of a paired machine beside an echo.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../../src/client.ts";

const root = join(import.meta.dir, "../..");
const executable = process.env.PEERNET_BENCH_EXECUTABLE ?? join(root, "dist/peernet");
const rounds = Number(process.argv[2] ?? 40);
const folder = mkdtempSync(join(tmpdir(), "peernet-bench-mcp-"));

const environmentOf = (name: string) => ({
  PATH: process.env.PATH ?? "",
  HOME: join(folder, name),
  PEERNET_MACHINE_NAME: name,
  PEERNET_LISTEN_PORT: "0",
  PEERNET_LISTEN_ADDRESSES: "127.0.0.1",
});

function run(name: string, words: readonly string[], stdin = ""): string {
  const done = Bun.spawnSync([executable, ...words], {
    env: environmentOf(name),
    stdin: Buffer.from(stdin),
  });
  if (done.exitCode !== 0) throw new Error(`peernet ${words.join(" ")}: ${done.stderr}`);
  return String(done.stdout);
}

/** The bare server, compiled as the executable is. */
function bare(): string {
  const compiled = join(folder, "bare");
  const flags = ["--compile", "--bytecode", "--format=esm", "--splitting", "--outfile", compiled];
  const build = [process.execPath, "build", join(root, "scripts/bench/bare-mcp.ts"), ...flags];
  if (Bun.spawnSync(build).exitCode !== 0) throw new Error("the bare server was not built");
  return compiled;
}

interface Server {
  ask(method: string, params: object): Promise<unknown>;
  end(): Promise<void>;
}

/** Starts a server on pipes; a request is sent only when the one before is answered. */
function serverOf(command: readonly string[], environment: Record<string, string>): Server {
  const child = Bun.spawn([...command], {
    env: environment,
    stdin: "pipe",
    stdout: "pipe",
    stderr: "ignore",
  });
  const reader = child.stdout.getReader();
  const decoder = new TextDecoder();
  let id = 0;
  return {
    ask: async (method, params) => {
      id += 1;
      child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
      child.stdin.flush();
      let text = "";
      while (!text.includes("\n")) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`${command.join(" ")} ended`);
        text += decoder.decode(value, { stream: true });
      }
      const { result } = JSON.parse(text);
      if (result === undefined || result.isError === true) throw new Error(text);
      return result;
    },
    end: async () => {
      child.stdin.end();
      await child.exited;
    },
  };
}

const hello = {
  protocolVersion: "2025-06-18",
  capabilities: {},
  clientInfo: { name: "bench", version: "1" },
};

async function started(command: readonly string[], environment: Record<string, string>) {
  const began = performance.now();
  const server = serverOf(command, environment);
  await server.ask("initialize", hello);
  await server.ask("tools/list", {});
  return { server, ms: performance.now() - began };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

const called = (server: Server, name: string): Promise<number> =>
  timed(() => server.ask("tools/call", { name, arguments: { handle: "mini/bench" } }));

const at = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((x, y) => x - y);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

function row(
  name: string,
  pairs: readonly (readonly [number, number])[],
  comparator = "bare MCP server",
): string {
  const [a, b] = [pairs.map(([ours]) => ours), pairs.map(([, theirs]) => theirs)];
  const figures = [at(a, 0.5), at(a, 0.99), at(b, 0.5), at(b, 0.99)].map((ms) => ms.toFixed(2));
  const ratio = at(
    pairs.map(([ours, theirs]) => ours / theirs),
    0.5,
  );
  return `| ${name} | ${comparator} | ${figures.join(" | ")} | ${ratio.toFixed(2)} |`;
}

/** Pairs mini with laptop, and takes a handle on mini. */
async function setUp(): Promise<void> {
  run("mini", ["start"]);
  run("laptop", ["start"]);
  const open = Bun.spawn([executable, "pair", "--open", "--json"], {
    env: environmentOf("mini"),
    stdout: "pipe",
  });
  const reader = open.stdout.getReader();
  const { value } = await reader.read();
  const { code, addresses } = JSON.parse(new TextDecoder().decode(value).split("\n")[0] ?? "");
  run("laptop", ["pair", "-", "--to", addresses[0]], `${code}\n`);
  await open.exited;
  const words = ["--pid", String(process.pid), "--cwd", root, "--summary", "at work"];
  run("mini", ["activate", "bench", ...words]);
}

try {
  await setUp();
  const theirs = [bare()] as const;
  const ours = [executable, "mcp"] as const;
  const environment = environmentOf("laptop");
  const starts: [number, number][] = [];
  for (let round = -1; round < rounds; round += 1) {
    const [one, two] = [await started(ours, environment), await started(theirs, environment)];
    await Promise.all([one.server.end(), two.server.end()]);
    if (round >= 0) starts.push([one.ms, two.ms]);
  }
  const { server: peernet } = await started(ours, environment);
  const { server: echo } = await started(theirs, environment);
  const socket = connect(join(environment.HOME, ".peernet/control.sock")).calls;
  const asked = { handle: "mini/bench", question: null, thread_id: null };
  const direct = () => timed(() => socket.ask(asked));
  const calls: [number, number][] = [];
  const added: [number, number][] = [];
  for (let round = -5; round < rounds * 5; round += 1) {
    // Whoever asks first warms the way for the other: in turn.
    const early = round % 2 === 0 ? await direct() : 0;
    const ask = await called(peernet, "ask_peer");
    const late = round % 2 === 0 ? 0 : await direct();
    const said = await called(echo, "echo");
    if (round >= 0) {
      calls.push([ask, said]);
      added.push([ask, said + early + late]);
    }
    // A peer may make 40 asks at once and 20 in a second after that, and these are two.
    if (round % 16 === 15) await Bun.sleep(1_700);
  }
  console.log(
    `\n${rounds} rounds, ${cpus().length} processors, load ${loadavg()[0]?.toFixed(2)}\n`,
  );
  console.log("| MCP | comparator | p50 ms | p99 ms | its p50 | its p99 | median of ratios |");
  console.log("|---|---|---|---|---|---|---|");
  console.log(row("start to tools/list", starts));
  console.log(row("ask_peer, a paired machine", calls));
  console.log(row("the same", added, "its echo and the same ask on the socket"));
  await Promise.all([peernet.end(), echo.end()]);
} finally {
  for (const name of ["mini", "laptop"]) run(name, ["stop"]);
  rmSync(folder, { recursive: true, force: true });
}
