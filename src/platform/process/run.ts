/**
 * Runs a program that may hang or print without end. It gets a given environment, none of ours, and
 * a process group that is killed as a unit; its output is bounded. Knows nothing of git.
 */

import { readAtMost } from "../../contract/operation/reading.ts";

/**
 * The limit of output: 16 MiB hold the status of some 100,000 changed files, and a hostile
 * repository's output must not fill the memory.
 */
const outputBytesMax = 16_777_216;

/** The result of a program that ended by itself. */
export interface Ran {
  readonly exit: number;
  readonly output: Uint8Array;
}

/** Options of one command, besides its arguments. */
export interface Given {
  /** Variables in addition to those of all commands. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The bytes on its standard input; none unless given. */
  readonly input?: Uint8Array<ArrayBuffer>;
}

/** Runs a command; null when it could not start, printed too much, or ended too late. */
export type Run = (command: readonly string[], given?: Given) => Promise<Ran | null>;

/** Runs commands until the signal, which kills the current one with its whole group. */
export const runner =
  (environment: Readonly<Record<string, string>>, signal: AbortSignal): Run =>
  async (command, given = {}) => {
    if (signal.aborted) return null;
    const all = { ...environment, ...given.environment };
    const input = given.input === undefined ? "ignore" : new Blob([given.input]);
    const child = startGroup(command, all, input);
    if (child === null) return null;
    const end = (): void => endGroup(child.pid);
    signal.addEventListener("abort", end, { once: true });
    try {
      const output = await readAtMost(child.stdout, outputBytesMax);
      if (output === null) end();
      const exit = await child.exited;
      return output === null || signal.aborted ? null : { exit, output };
    } finally {
      signal.removeEventListener("abort", end);
    }
  };

/** Limits of one program, which hold even after the process that started it was killed. */
export interface Limits {
  /** Memory that it may allocate; only Linux enforces this limit. */
  readonly memoryBytes: number;
  readonly processorSeconds: number;
}

/**
 * Runs commands under limits, without any privilege: the system's shell sets the limits for itself,
 * then becomes the command. A lower limit of this process stays.
 */
export const limited = (run: Run, { memoryBytes, processorSeconds }: Limits): Run => {
  const memory = `ulimit -d ${Math.floor(memoryBytes / 1_024)}`;
  const limits = `${memory}; ulimit -t ${processorSeconds}; ulimit -c 0`;
  const script = `{ ${limits}; } 2>/dev/null; exec "$@"`;
  return (command, given) => run(["/bin/sh", "-c", script, "sh", ...command], given);
};

/**
 * Starts a program in a group of its own, away from the folder of this process; null when it cannot
 * be started.
 */
export function startGroup<Input extends "pipe" | "ignore" | Blob>(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  stdin: Input,
) {
  try {
    return Bun.spawn<Input, "pipe", "ignore">([...command], {
      env: environment,
      // The root folder: the command must not depend on the current folder, nor keep one busy.
      cwd: "/",
      stdin,
      stdout: "pipe",
      stderr: "ignore",
      detached: true,
    });
  } catch {
    return null;
  }
}

/** Ends such a program, and each process of its group. */
export function endGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // The program ended by itself meanwhile.
  }
}
