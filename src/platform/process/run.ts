/**
 * Runs a program that may hang or talk without end: with a given environment and nothing of ours,
 * in a process group of its own that dies as a whole, its output bounded. Knows nothing of git.
 */

/**
 * Output over this is given up: 16 MiB hold the status of some 100,000 changed files, and what
 * a hostile repository prints is not held in memory.
 */
const outputBytesMax = 16_777_216;

/** How a program ended by itself. */
export interface Ran {
  readonly exit: number;
  readonly output: Uint8Array;
}

/** Things that one command is given beside its words. */
export interface Given {
  /** Variables beside those of all commands. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The bytes on its standard input; none unless given. */
  readonly input?: Uint8Array<ArrayBuffer>;
}

/** Runs a command; null when it could not be started, was too loud, or came too late. */
export type Run = (command: readonly string[], given?: Given) => Promise<Ran | null>;

/** Runs commands until the signal, which ends the one under way with its whole group. */
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

/** Bounds of one program, which hold also after the process that started it was killed. */
export interface Limits {
  /** Memory that it may allocate; Linux alone enforces this one. */
  readonly memoryBytes: number;
  readonly processorSeconds: number;
}

/**
 * Runs commands under limits, without any privilege: the system's shell sets them for itself, and
 * becomes the command. A limit of this process that is lower stays.
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
      // Nothing here depends on where we are, and no folder is kept busy.
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
    // It ended by itself meanwhile.
  }
}
