/** A session as its hooks report it, its waker, and the keeper that searches its record. */

import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Turn } from "../../../src/contract/delivery/turn.ts";
import type { HookInput } from "../../../src/contract/lease.ts";
import { doErrands, type ErrandRunners } from "../../../src/keeper/errands.ts";
import { timers } from "../../../src/platform/clock/timers.ts";
import type { Machine } from "../../support/daemon.ts";
import { fakeLog } from "../../support/effects.ts";
import { noReaders } from "../../support/readers.ts";
import { until } from "../../support/until.ts";

/** Reports events of the session that holds `name`, as its hooks do. */
export interface Session {
  readonly harness: string;
  readonly session_id: string;
  readonly process: { readonly pid: number; readonly start_time: string };
  /** Reports a moment; returns the notice in the answer. */
  on(moment: Turn["moment"], more?: Partial<Turn>): ReturnType<typeof noticeOf>;
  /** Reads the mail by the tool, as its model does. */
  read(): Promise<Read>;
}

type Read = Awaited<ReturnType<Machine["calls"]["messages/take"]>>;

/** Options of a session. */
export interface SessionOptions {
  readonly harness?: "claude-code" | "codex";
  readonly session_id?: string;
  readonly start_time?: string;
  readonly headless?: boolean;
  readonly asks?: boolean | null;
}

const states = {
  ...{ startup: "idle", resume: "idle", clear: "idle", compact: null, cut: "idle" },
  ...{ prompt: "working", woken: "working", tool: "working", end: "idle" },
} as const satisfies Readonly<Record<Turn["moment"], HookInput["state"]>>;

const starts: ReadonlySet<Turn["moment"]> = new Set(["startup", "resume", "clear", "compact"]);

/** The session of the agent that holds a name, as `agent(name)` activates it. */
export function sessionOf(on: Machine, name: string, options: SessionOptions = {}): Session {
  const { harness = "claude-code", headless = false, asks = true } = options;
  const session_id = options.session_id ?? `id-${name}`;
  const process_ = { pid: process.pid, start_time: options.start_time ?? name };
  const inputOf = (turn: Turn): HookInput => ({
    ...{ harness, session_id, process: process_, sole: true, headless },
    ...{ cwd: "/src/hydrate", root: "/src/hydrate", project: "hydrate", excluded: false },
    event: starts.has(turn.moment) ? "start" : "state",
    state: turn.subagent ? null : states[turn.moment],
    turn,
  });
  return {
    ...{ harness, session_id, process: process_ },
    on: (moment, more = {}) =>
      noticeOf(
        on,
        inputOf({
          ...{ moment, continued: false, subagent: false, own: false, nonces: [], asks },
          record: null,
          ...more,
        }),
      ),
    read: () => on.calls["messages/take"]({ session: { session_id } }),
  };
}

async function noticeOf(on: Machine, input: HookInput) {
  const { notice } = await on.calls.hook(input);
  return notice ?? null;
}

/** A process that waits at a pipe to wake a session, as the waker does. */
export interface Waker extends AsyncDisposable {
  readonly pipe: string;
  /** The line that it read; null while it waits. */
  line(): string | null;
}

/** Registers a waker that waits for one line. */
export async function waker(on: Machine, session: Session, pipe: string): Promise<Waker> {
  const folder = join(on.home, "wakers");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, pipe);
  if (Bun.spawnSync(["mkfifo", "-m", "600", path]).exitCode !== 0) throw new Error("no mkfifo");
  const script = 'exec 3<>"$1"; : > "$1.ready"; read -r line <&3; printf "%s" "$line" > "$1.line"';
  const child = Bun.spawn(["/bin/sh", "-c", script, "sh", path]);
  await until("it waits", () => existsSync(`${path}.ready`));
  const { harness, session_id, process: own } = session;
  const { armed } = await on.calls.waker({ harness, session_id, process: own, pipe });
  if (!armed) throw new Error("it was not armed");
  let line: string | null = null;
  void child.exited.then(async (code) => {
    if (code === 0) line = await Bun.file(`${path}.line`).text();
  });
  return {
    pipe: path,
    line: () => line,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

/** A pipe's name. */
export const pipeId = (nth: number): string => nth.toString(16).padStart(32, "0");

/** A keeper that carries out errands by the given runners. */
export function keeper(on: Machine, runners: Partial<ErrandRunners>): AsyncDisposable {
  const none = async () => null;
  const doing = doErrands({
    calls: on.calls,
    runners: { notify: none, queue: none, search: none, ...noReaders, ...runners },
    ...{ version: "0.1.0", timers, log: fakeLog() },
  });
  return { [Symbol.asyncDispose]: () => doing.end() };
}
