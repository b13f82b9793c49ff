/**
 * An Io for tests: scripted input, recorded output, time that stands still until moved, and a
 * daemon that is a table of answers typed by the contract.
 */

import { main } from "../../src/cli/cli.ts";
import type { Io, RunnerAccess, ServedPageOptions, Terminal } from "../../src/cli/terminal/io.ts";
import type { Act } from "../../src/contract/acts.ts";
import type { Control } from "../../src/contract/control.ts";
import { PeernetError } from "../../src/contract/errors.ts";
import type { Selector } from "../../src/contract/lease.ts";
import type { UnseenMail } from "../../src/contract/messages/unseen.ts";
import type { CallOptions, Calls } from "../../src/contract/operation/operation.ts";
import type { SandboxSeen } from "../../src/contract/reads/sandbox.ts";
import { fakeEffects } from "../support/effects.ts";

/** Answers of a daemon, by path; a call of any other is a fault of the test. */
export type Answers = Partial<Calls<Control>>;

/** The scene of a test; everything has a plain default. */
export interface Scene {
  readonly isNew?: boolean;
  readonly answers?: Answers;
  /** Lines of stdin, after which it ends. */
  readonly lines?: readonly string[];
  readonly terminal?: Partial<Terminal>;
  readonly color?: boolean;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly pid?: number;
  /** The sandbox of the machine; it has both walls unless given. */
  readonly sandbox?: SandboxSeen;
  /** The runners of the machine; none unless given. */
  readonly runners?: RunnerAccess;
  /** The outcome of starting the daemon; it runs already unless given. */
  readonly ensureDaemon?: () => Promise<void>;
  readonly startDaemon?: () => Promise<{ readonly alreadyRunning: boolean }>;
  readonly stopDaemon?: Io["stopDaemon"];
  readonly ensureKeeper?: () => Promise<void>;
  /** Refuses a coding agent; a person runs the command unless given. */
  readonly requirePerson?: Io["requirePerson"];
  /** The session that runs the command; none unless given. */
  readonly session?: Selector;
  /** Acts that were done without a person. */
  readonly unseen?: readonly Act[];
  readonly unseenMail?: UnseenMail;
  /** True when a person is told who can read the words of a command. */
  readonly isTypedDue?: boolean;
  /** Pages that are served, one after another. */
  readonly serveDashboard?: Io["serveDashboard"];
  readonly openFile?: Io["openFile"];
  /** The state folder; none that is there unless given. */
  readonly home?: string;
}

const noRunners: RunnerAccess = {
  ...{ names: () => [], list: async () => [], keep: () => {}, remove: () => false },
};

/** The observed acts of a command. */
export interface Stage {
  readonly io: Io;
  readonly effects: ReturnType<typeof fakeEffects>;
  out(): string;
  err(): string;
  /** Calls made, in order: the path and the input. */
  readonly calls: (readonly [string, unknown])[];
  /** Effects on processes, in order. */
  readonly done: string[];
  /** Interrupts as the user does. */
  interrupt(): void;
  /** Presses keys, as the bytes that a terminal sends. */
  press(text: string): void;
  /** Has the terminal another size. */
  resize(): void;
}

/** Sets a stage for commands. */
export function stage(scene: Scene = {}): Stage {
  const effects = fakeEffects();
  const written = { out: "", err: "" };
  const calls: (readonly [string, unknown])[] = [];
  const done: string[] = [];
  const handlers = new Set<() => void>();
  const keys = new Set<(text: string) => void>();
  const resizes = new Set<() => void>();
  const io: Io = {
    ...surroundings(scene),
    ...processes(scene, done),
    requirePerson: scene.requirePerson ?? (async () => {}),
    session: async () => scene.session,
    takeUnseen: async () => scene.unseen ?? [],
    takeUnseenMail: async () => scene.unseenMail ?? null,
    isTypedDue: async () => scene.isTypedDue === true,
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    clock: effects.clock,
    timers: effects.timers,
    calls: () => recording(scene.answers ?? {}, calls),
    onKeys: added(keys),
    onResize: added(resizes),
    onInterrupt: added(handlers),
  };
  return {
    io,
    effects,
    out: () => written.out,
    err: () => written.err,
    calls,
    done,
    interrupt: () => {
      for (const handler of handlers) handler();
    },
    press: (text) => {
      for (const handler of keys) handler(text);
    },
    resize: () => {
      for (const handler of resizes) handler();
    },
  };
}

/** Registers handlers in a set, and takes each out when it is cancelled. */
const added =
  <H>(handlers: Set<H>) =>
  (handler: H) => {
    handlers.add(handler);
    return () => {
      handlers.delete(handler);
    };
  };

function surroundings(scene: Scene) {
  const lines = [...(scene.lines ?? [])];
  const terminal = {
    stdin: false,
    stdout: false,
    stderr: false,
    columns: 80,
    rows: 24,
    ...scene.terminal,
  };
  return {
    flushed: async () => undefined,
    terminal: () => terminal,
    color: () => scene.color ?? false,
    readLine: async () => lines.shift() ?? null,
    environment: scene.environment ?? {},
    cwd: () => scene.cwd ?? "/",
    pid: scene.pid ?? process.pid,
    home: scene.home ?? "/nonexistent/peernet",
    isNew: async () => scene.isNew ?? false,
    version: { version: "0.1.0", commit: "abc1234", bun: "1.4.5", target: "linux-x64" },
    command: ["/nonexistent/bin/peernet"],
    newId: () => "019abc00-0000-7000-8000-000000000001",
    lanAddresses: async () => [],
    runners: async () => scene.runners ?? noRunners,
    sandbox: async () => scene.sandbox ?? { wall: "bwrap" as const, detail: "holds", fix: null },
    tailnet: async () => ({ state: "missing" as const, addresses: [], login: null, machines: 0 }),
  };
}

function processes(scene: Scene, done: string[]) {
  const did = async <T>(what: string, does: (() => Promise<T>) | undefined, plain: T) => {
    done.push(what);
    return does === undefined ? plain : does();
  };
  return {
    ensureDaemon: () => did("ensureDaemon", scene.ensureDaemon, undefined),
    startDaemon: () => did("startDaemon", scene.startDaemon, { alreadyRunning: false }),
    stopDaemon: () => did("stopDaemon", scene.stopDaemon, { unremembered: null }),
    ensureKeeper: () => did("ensureKeeper", scene.ensureKeeper, undefined),
    serveDashboard: (options: ServedPageOptions) => {
      done.push("serveDashboard");
      if (scene.serveDashboard === undefined) throw new Error("the test serves no dashboard");
      return scene.serveDashboard(options);
    },
    openFile: async (path: string) => {
      done.push(`openFile ${path}`);
      return (await scene.openFile?.(path)) ?? true;
    },
  };
}

function recording(answers: Answers, calls: (readonly [string, unknown])[]): Calls<Control> {
  const table: Readonly<Record<string, unknown>> = answers;
  const recorded = new Proxy(
    {},
    {
      get: (_, path) => (input: unknown, options?: CallOptions) => {
        const name = String(path);
        calls.push([name, input]);
        const answer = table[name];
        if (typeof answer !== "function") throw new Error(`the test has no answer for ${name}`);
        return answer(input, options);
      },
    },
  );
  // Every answer in the table has its row's own type; the proxy only records the call.
  return recorded as Calls<Control>;
}

/** The outcome of one command line. */
export interface Outcome {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  readonly calls: Stage["calls"];
  readonly done: readonly string[];
}

/** Runs one command line, split at spaces unless given as words, to its end. */
export async function run(line: string | readonly string[], scene: Scene = {}): Promise<Outcome> {
  const set = stage(scene);
  const words = typeof line === "string" ? line.split(" ").filter((word) => word !== "") : line;
  const exit = await main(words, set.io);
  return { exit, out: set.out(), err: set.err(), calls: set.calls, done: set.done };
}

/** A daemon that is not there. */
export const noDaemon = async (): Promise<never> => {
  throw new PeernetError("daemon_not_running");
};

/** Lines as they are printed: each with its end. */
export const text = (...lines: readonly string[]): string =>
  lines.map((line) => `${line}\n`).join("");

/** The two lines of an error. */
export const failed = (message: string, hint: string): string =>
  text(`peernet: error: ${message}`, `peernet: hint: ${hint}`);
