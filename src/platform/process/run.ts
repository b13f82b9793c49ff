/**
 * Runs a program that may hang or print without end. It gets a given environment, none of ours, and
 * a process group that is killed as a unit; its output is bounded. Knows nothing of git.
 */

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
    const child = start(command, {
      environment: { ...environment, ...given.environment },
      input: given.input ?? null,
    });
    if (child === null) return null;
    const end = (): void => endGroup(child.pid);
    signal.addEventListener("abort", end, { once: true });
    try {
      const output = await bounded(child.stdout);
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

interface Starting {
  readonly environment: Readonly<Record<string, string>>;
  readonly input: Uint8Array<ArrayBuffer> | null;
}

function start(command: readonly string[], { environment, input }: Starting) {
  try {
    return Bun.spawn([...command], {
      env: environment,
      // The root folder: the command must not depend on the current folder, nor keep one busy.
      cwd: "/",
      stdin: input === null ? "ignore" : new Blob([input]),
      stdout: "pipe",
      stderr: "ignore",
      detached: true,
    });
  } catch {
    return null;
  }
}

async function bounded(stream: ReadableStream<Uint8Array>): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > outputBytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function endGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // The program ended by itself meanwhile.
  }
}
