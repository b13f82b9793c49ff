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

/** Runs a command; null when it could not be started, was too loud, or came too late. */
export type Run = (
  command: readonly string[],
  extra?: Readonly<Record<string, string>>,
) => Promise<Ran | null>;

/** Runs commands until the signal, which ends the one under way with its whole group. */
export const runner =
  (environment: Readonly<Record<string, string>>, signal: AbortSignal): Run =>
  async (command, extra = {}) => {
    if (signal.aborted) return null;
    const child = start(command, { ...environment, ...extra });
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

function start(command: readonly string[], environment: Readonly<Record<string, string>>) {
  try {
    return Bun.spawn([...command], {
      env: environment,
      // Nothing here depends on where we are, and no folder is kept busy.
      cwd: "/",
      stdin: "ignore",
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
