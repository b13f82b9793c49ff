/** The standard streams of this process. What is costly to look at is looked at only when asked. */

import { writeSync } from "node:fs";

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
      // A full pipe: its reader is slow, not gone.
      if (code === "EAGAIN") continue;
      if (code === "EPIPE") onGone();
      throw error;
    }
  }
}

/** Which streams are terminals, and how wide. */
export function terminalNow() {
  const { isatty } = require("node:tty");
  const columns = process.stdout.columns ?? process.stderr.columns ?? 80;
  return { stdin: isatty(0), stdout: isatty(1), stderr: isatty(2), columns };
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

/** Calls a handler on Ctrl-C until it is cancelled. */
export function onInterrupt(handler: () => void): () => void {
  process.on("SIGINT", handler);
  return () => process.off("SIGINT", handler);
}
