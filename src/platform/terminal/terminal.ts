/** The standard streams of this process. Expensive properties are read only on demand. */

import { fstatSync, writeSync } from "node:fs";
import { errnoOf } from "../errno.ts";

/** Called when the reader of a stream has gone. */
export type OnGone = () => never;

/** Writes all of a text to stdout (1) or stderr (2). */
export function writeTo(descriptor: 1 | 2, text: string, onGone: OnGone): void {
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      const code = errnoOf(error);
      if (code === "EPIPE") onGone();
      if (code !== "EAGAIN") throw error;
      // A full pipe: its reader is slow, not gone.
      Bun.sleepSync(1);
    }
  }
}

/** Writes a text to stderr if that is a terminal. */
export function tellTerminal(text: string, onGone: OnGone): void {
  if (isTerminal(2)) writeTo(2, text, onGone);
}

/**
 * True when a stream is a terminal. Recognizes files and pipes without loading the terminal's
 * module, which takes longer than a complete ask.
 */
export const isTerminal = (descriptor: number): boolean =>
  isDevice(descriptor) && require("node:tty").isatty(descriptor);

/** The streams that are terminals, and their widths; each is read on demand. */
export const terminalNow = () => ({
  get stdin() {
    return isTerminal(0);
  },
  get stdout() {
    return isTerminal(1);
  },
  get stderr() {
    return isTerminal(2);
  },
  get columns() {
    const wide = sizeIn(isTerminal(1) ? process.stdout.columns : undefined);
    return wide ?? sizeIn(isTerminal(2) ? process.stderr.columns : undefined) ?? usual.columns;
  },
  get rows() {
    return sizeIn(isTerminal(1) ? process.stdout.rows : undefined) ?? usual.rows;
  },
});

/** The size assumed for a terminal that reports none: a VT100's. */
const usual = { columns: 80, rows: 24 } as const;

/** The size that a terminal reports; null when it reports none, as a new terminal does with 0. */
export const sizeIn = (told: number | undefined): number | null =>
  told !== undefined && Number.isInteger(told) && told > 0 ? told : null;

/**
 * Makes a stream report the default size whenever its terminal reports none, also after a resize.
 */
export function assumeSize(stream: { columns?: number; rows?: number }): void {
  for (const name of ["columns", "rows"] as const) {
    let told = stream[name];
    Object.defineProperty(stream, name, {
      configurable: true,
      enumerable: true,
      get: () => sizeIn(told) ?? usual[name],
      set: (next: number | undefined) => {
        told = next;
      },
    });
  }
}

/** Makes stdout report the default size while its terminal reports none. */
export const assumeOutputSize = (): void => assumeSize(process.stdout);

/**
 * True when a terminal can only print lines (terminfo's `dumb`): no colours, no drawn questions.
 */
export const isDumb = ({ TERM }: Readonly<Record<string, string | undefined>>): boolean =>
  TERM === "dumb";

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

/**
 * Reads a line of stdin after single keys were read from it: `lineReader` gets no lines from then
 * on.
 */
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

/** Passes on typed keys, one by one and without an echo, until it is cancelled. */
export function onKeys(handler: (text: string) => void): () => void {
  const { stdin } = process;
  const take = (chunk: Uint8Array): void => handler(new TextDecoder().decode(chunk));
  stdin.setRawMode(true);
  stdin.on("data", take).resume();
  return () => {
    stdin.off("data", take).pause();
    stdin.setRawMode(false);
  };
}

/** Calls a handler whenever the terminal's size changes, until it is cancelled. */
export function onResize(handler: () => void): () => void {
  process.stdout.on("resize", handler);
  return () => process.stdout.off("resize", handler);
}
