/** The end of a program that a test started. */

/** The exit code of a command, and its output. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The parts of a child that are read. */
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
