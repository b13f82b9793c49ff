/** How a program that a test started ended. */

/** How a command ended, and what it printed. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What is read of a child. */
interface Child {
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly exited: Promise<number>;
}

/** Reads all that a child prints, to its end. */
export async function ranOf({ stdout, stderr, exited }: Child): Promise<Ran> {
  const [out, err, code] = await Promise.all([
    new Response(stdout).text(),
    new Response(stderr).text(),
    exited,
  ]);
  return { code, out, err };
}
