/** The standard streams of this process. What is costly to look at is looked at only when asked. */

import { fstatSync, writeSync } from "node:fs";

/** What is done when whoever read a stream has gone. */
export type OnGone = () => never;

/** Writes all of a text to stdout (1) or stderr (2). */
export function writeTo(descriptor: 1 | 2, text: string, onGone: OnGone): void {
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : "";
      if (code === "EPIPE") onGone();
      if (code !== "EAGAIN") throw error;
      // A full pipe: its reader is slow, not gone.
      Bun.sleepSync(1);
    }
  }
}

/**
 * Whether a stream is a terminal. Files and pipes are told apart without loading the terminal's
 * module, which takes longer than a whole ask.
 */
export const isTerminal = (descriptor: number): boolean =>
  isDevice(descriptor) && require("node:tty").isatty(descriptor);

/** Which streams are terminals, and how wide. */
export function terminalNow() {
  const [stdin, stdout, stderr] = [isTerminal(0), isTerminal(1), isTerminal(2)];
  const wide = stdout ? process.stdout.columns : stderr ? process.stderr.columns : undefined;
  return { stdin, stdout, stderr, columns: wide ?? 80 };
}

function isDevice(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice();
  } catch {
    // A stream that was closed before this process began.
    return false;
  }
}

/** Reads stdin line by line; null at its end. */
export function lineReader(): () => Promise<string | null> {
  let lines: AsyncIterator<string> | null = null;
  return async () => {
    lines ??= console[Symbol.asyncIterator]();
    const line = await lines.next();
    return line.done === true ? null : line.value;
  };
}

/** A line of stdin where single keys were read before: `lineReader` gets none from then on. */
export function lineAfterKeys(): Promise<string | null> {
  const { stdin } = process;
  const line = Promise.withResolvers<string | null>();
  const take = (chunk: Uint8Array): void => line.resolve(new TextDecoder().decode(chunk).trimEnd());
  const end = (): void => line.resolve(null);
  stdin.once("data", take).once("end", end).resume();
  return line.promise.finally(() => stdin.off("data", take).off("end", end).pause());
}

/** Calls a handler on Ctrl-C until it is cancelled. */
export function onInterrupt(handler: () => void): () => void {
  process.on("SIGINT", handler);
  return () => process.off("SIGINT", handler);
}
