/**
 * The deaths by which a handing of messages can be misjudged, made on purpose: of a hook, of an MCP
 * server with its answer, of a client. And keepers that judge wrongly.
 */

import { chmodSync, existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { connect } from "../../../src/client.ts";
import { claudeFolder } from "../../../src/harness/agents.ts";
import { programOf, queueTurn, terminals } from "../../../src/keeper/codex-queue.ts";
import { doErrands } from "../../../src/keeper/errands.ts";
import { keep } from "../../../src/keeper/keeper.ts";
import { bootClocks } from "../../../src/platform/clock/boot-clock.ts";
import { timers } from "../../../src/platform/clock/timers.ts";
import { readClaudeState } from "../../../src/session/claude-state.ts";
import { describe } from "../../../src/session/describe.ts";
import { isAlive } from "../../../src/session/process.ts";
import { takeLock } from "../../../src/store/lock.ts";
import { fakeLog } from "../../support/effects.ts";
import { executable } from "../../support/executable.ts";
import { noReaders } from "../../support/readers.ts";
import { until } from "../../support/until.ts";
import type { Machine } from "./machine.ts";

/** A part that dies when it comes to a point: a hook by its event, or the server with a result. */
export type Point = "PostToolUse" | "Stop" | "UserPromptSubmit" | "mcp";

/** Switches of a machine. */
export interface Kills {
  /** From now on a part dies at its point, each time. */
  at(point: Point): void;
  /** No part dies any more. */
  none(): void;
}

/** A hook that dies before it tells of an event, and the hook itself for any other. */
const hookScript = (folder: string): string => `#!/bin/sh
case "$*" in *--waker*) exec '${executable}' "$@";; esac
payload=$(cat)
for event in PostToolUse Stop UserPromptSubmit; do
  case "$payload" in *'"hook_event_name":"'$event'"'*)
    if [ -e '${folder}/kill-'$event ]; then kill -9 $$; fi;;
  esac
done
printf '%s' "$payload" | '${executable}' "$@"
`;

/** A server that dies with the result that holds a nonce. */
const serverScript = (folder: string, node: string): string => `#!${node}
const { spawn } = require("node:child_process");
const { existsSync } = require("node:fs");
const server = spawn("${executable}", ["mcp"], { stdio: ["pipe", "pipe", "inherit"] });
process.stdin.pipe(server.stdin);
let rest = "";
server.stdout.on("data", (bytes) => {
  const lines = (rest + bytes).split("\\n");
  rest = lines.pop();
  for (const line of lines) {
    if (/pnr-[0-9a-f]{16}/.test(line) && existsSync("${folder}/kill-mcp")) {
      server.kill("SIGKILL");
      process.kill(process.pid, "SIGKILL");
    }
    process.stdout.write(line + "\\n");
  }
});
server.on("exit", () => process.exit(0));
for (const name of ["SIGTERM", "SIGINT"]) process.on(name, () => server.kill(name));
`;

/** Puts switches between a machine's clients and peernet; before its clients start. */
export function killable(on: Machine, node: string): Kills {
  const { folder } = on;
  for (const [name, script] of [
    ["peernet-hook", hookScript(folder)],
    ["peernet-mcp", serverScript(folder, node)],
  ] as const) {
    on.write(name, script);
    chmodSync(join(folder, name), 0o755);
  }
  const registered = join(folder, ".local/bin/peernet");
  for (const path of [".claude/settings.json", ".codex/hooks.json"]) {
    replace(on, path, { from: `${registered} hook`, to: `${folder}/peernet-hook hook` });
  }
  for (const path of [".claude.json", ".codex/config.toml"]) {
    replace(on, path, { from: `"${registered}"`, to: `"${folder}/peernet-mcp"` });
  }
  return {
    at: (point) => on.write(`kill-${point}`, ""),
    none: () => {
      for (const name of readdirSync(folder)) {
        if (name.startsWith("kill-")) rmSync(join(folder, name));
      }
    },
  };
}

interface Replaced {
  readonly from: string;
  readonly to: string;
}

function replace(on: Machine, path: string, { from, to }: Replaced): void {
  const text = on.read(path);
  if (text === null) return;
  if (!text.includes(from)) throw new Error(`${path} runs no ${from}`);
  on.write(path, text.replaceAll(from, to));
}

/** Kills every process of a client in a machine, its server included; no part of peernet. */
export async function killClient(on: Machine): Promise<void> {
  const all = clientProcesses(on);
  for (const pid of all) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself.
    }
  }
  await until("the client is gone", () => all.every((pid) => programName(pid) === null));
}

function clientProcesses({ folder }: Machine): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => ["claude", "codex"].includes(programName(pid) ?? ""))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`HOME=${folder}`);
      } catch {
        return false;
      }
    });
}

function programName(pid: number): string | null {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    return null;
  }
}

/** A rule that judges doubtful handovers without the client's record. */
export type Blind = "there" | "not_there";

/** Replaces a machine's keeper by one that gives the same answer to every search. */
export async function blindKeeper(on: Machine, nonce: Blind): Promise<AsyncDisposable> {
  const home = join(on.folder, ".peernet");
  on.endKeeper();
  let lock = takeLock(`${home}/keeper.db`);
  await until("the keeper's lock is free", () => {
    lock ??= takeLock(`${home}/keeper.db`);
    return lock !== null;
  });
  const { calls } = connect(join(home, "control.sock"), { timers });
  const environment = on.clientEnvironment;
  const parts = { calls, timers, clock: bootClocks(), log: fakeLog() };
  const none = async () => null;
  const runners = {
    ...noReaders,
    notify: none,
    queue: (input: Parameters<typeof queueTurn>[0], signal: AbortSignal) =>
      queueTurn(input, { isAlive, programOf, terminals }, signal),
    search: async () => ({ nonce }),
  };
  const errands = doErrands({ ...parts, runners, version: "0.1.0" });
  let isOver = false;
  const claudes = claudeFolder({ home: on.folder, environment });
  const keeping = keep({
    ...parts,
    describe: (cwd) => describe(cwd, { environment, timers, home }),
    isAlive,
    claudeState: (process) => readClaudeState(claudes, process),
    mayReturn: () => existsSync(join(home, "lock.db")),
    isReplaced: () => isOver,
  });
  return {
    [Symbol.asyncDispose]: async () => {
      isOver = true;
      await errands.end();
      await keeping;
      lock?.release();
    },
  };
}
