/** Daemons as processes of their own, which a test may end in any way, and their askers. */

import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../../src/client.ts";
import type { Control } from "../../src/contract/control.ts";
import type { Calls } from "../../src/contract/operation/operation.ts";
import { timers } from "../../src/platform/clock/timers.ts";
import { opened, session } from "../support/daemon.ts";
import { executable } from "../support/executable.ts";
import { until } from "../support/until.ts";

/** A machine whose daemon is a process. */
export interface Machine extends AsyncDisposable {
  readonly name: string;
  readonly folder: string;
  readonly calls: Calls<Control>;
  /** `address:port`, the same in every life of its daemon. */
  readonly address: string;
  readonly pid: number;
  /** True when the process of that id has ended, in any way. */
  readonly hasExited: boolean;
  /** Starts the daemon where none runs; resolves once it answers. */
  start(): Promise<void>;
  /** Ends the daemon at once, as kill -9 and a power cut do. */
  kill(): Promise<void>;
  /** Ends it cleanly. */
  stop(): Promise<void>;
}

/** Options of a daemon. */
export interface DaemonOptions {
  /** The home; a fresh one unless given. */
  readonly folder?: string;
  /** The command that runs it; the built executable unless given. */
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

interface Spawning {
  readonly name: string;
  readonly folder: string;
  readonly port: string;
  readonly options: DaemonOptions;
}

function spawned({ name, folder, port, options }: Spawning): Bun.Subprocess {
  return Bun.spawn([...(options.command ?? [executable]), "daemon"], {
    cwd: folder,
    env: {
      PATH: process.env.PATH ?? "",
      HOME: folder,
      PEERNET_HOME: folder,
      PEERNET_MACHINE_NAME: name,
      PEERNET_LISTEN_ADDRESSES: "127.0.0.1",
      PEERNET_LISTEN_PORT: port,
      ...options.environment,
    },
    stdio: ["ignore", "ignore", "ignore"],
  });
}

/** Starts a daemon. */
export async function daemonOf(name: string, options: DaemonOptions = {}): Promise<Machine> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), `peernet-${name}-`));
  chmodSync(folder, 0o700);
  const { calls } = connect(join(folder, "control.sock"), { timers });
  let child: Bun.Subprocess | null = null;
  let port = "0";
  let address = "";
  const start = async (): Promise<void> => {
    const begun = spawned({ name, folder, port, options });
    child = begun;
    const answers = () => calls.status({}).catch(() => null);
    const hasBegun = async () => begun.exitCode !== null || (await answers()) !== null;
    await until(`${name} answers`, hasBegun);
    if (begun.exitCode !== null) throw new Error(`${name} ended with ${begun.exitCode}`);
    [address = ""] = (await calls.status({})).machine.listen;
    port = address.slice(address.lastIndexOf(":") + 1);
  };
  const ended = async (signal: NodeJS.Signals): Promise<void> => {
    child?.kill(signal);
    await child?.exited;
  };
  const kill = (): Promise<void> => ended("SIGKILL");
  await start();
  return {
    name,
    folder,
    calls,
    get address() {
      return address;
    },
    get pid() {
      return child?.pid ?? 0;
    },
    get hasExited() {
      return child === null || child.exitCode !== null || child.signalCode !== null;
    },
    start,
    kill,
    stop: () => ended("SIGTERM"),
    [Symbol.asyncDispose]: async () => {
      child?.kill("SIGCONT");
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Pairs two machines: one shows the code, the other types it. */
export async function pairUp(shows: Machine, types: Machine): Promise<void> {
  const window = await opened(shows);
  const { fingerprint } = (await shows.calls.status({})).machine;
  const to = shows.address;
  await types.calls.pair({ code: window.code, to, fingerprint, grant: ["ask"] });
  await window.ended;
}

/** Gives a machine a live handle, `hydrate`: also again, after its daemon restarted. */
export const activated = async (on: Machine): Promise<void> => {
  await on.calls.activate(session({ name: "hydrate" }));
};

/** The results of asking. */
export interface Asking {
  /** The threads of the asks that were answered so far. */
  readonly answered: readonly string[];
  /** Stops asking; resolves once the present asks have ended. */
  end(): Promise<void>;
}

/** Asks one handle again and again, several at once. */
export function asking(asks: Machine, handle: string): Asking {
  const answered: string[] = [];
  let isOver = false;
  const work = async (): Promise<void> => {
    while (!isOver) {
      const thread_id = Bun.randomUUIDv7();
      const input = { handle, question: "why", thread_id, timeout_ms: 2_000 };
      await asks.calls.ask(input).then(
        () => answered.push(thread_id),
        // An unanswered ask promises nothing.
        () => null,
      );
    }
  };
  const working = Promise.all(Array.from({ length: 4 }, work));
  return {
    answered,
    end: async () => {
      isOver = true;
      await working;
    },
  };
}

/** Resolves while asks are answered: after some of them, at any step of the next. */
export async function someMoment({ answered }: Asking): Promise<void> {
  const enough = Math.floor(Math.random() * 12) + 1;
  await until("asks are answered", () => answered.length >= enough);
  await Bun.sleep(Math.random() * 20);
}
