/**
 * Writing to the standard streams. Texts leave in the order in which they were written, also
 * across the two streams; those of one moment leave together.
 */

import { errnoOf } from "../errno.ts";

/** Called when the reader of a stream has gone. */
export type OnGone = () => never;

/** Stdout (1) or stderr (2). */
export type Descriptor = 1 | 2;

/** The two streams that a process writes to. */
export interface Outputs {
  /** Writes a text after all earlier ones. Keeps it in memory until the stream has taken it. */
  write(descriptor: Descriptor, text: string): void;
  /** Resolves once everything has left. @throws the error of the first text that could not */
  flushed(): Promise<void>;
}

/** A pipe takes so many bytes whole or not at all: PIPE_BUF, of Linux and the least of POSIX. */
const wholeBytesMax = process.platform === "linux" ? 4_096 : 512;

/** The standard streams of this process. */
export function outputs(onGone: OnGone): Outputs {
  let waiting: { readonly descriptor: Descriptor; text: string }[] = [];
  let last = Promise.resolve();
  let failure: { readonly error: unknown } | null = null;
  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const texts = waiting;
      waiting = [];
      for (const { descriptor, text } of texts) {
        try {
          await leave(descriptor, text);
        } catch (error) {
          if (errnoOf(error) === "EPIPE") onGone();
          failure ??= { error };
        }
      }
    }
  };
  const write = (descriptor: Descriptor, text: string): void => {
    const end = waiting.at(-1);
    if (end?.descriptor === descriptor) end.text += text;
    else waiting.push({ descriptor, text });
    if (waiting.length === 1 && end === undefined) last = last.then(drain);
  };
  const flushed = async (): Promise<void> => {
    await last;
    if (failure === null) return;
    const { error } = failure;
    failure = null;
    throw error;
  };
  return { write, flushed };
}

/**
 * Writes all of a text. Bun's own writing loads nothing, but it is right only for short texts to a
 * pipe or a terminal: it repeats part of a long text when a pipe that never blocks takes only the
 * beginning, and it lengthens and cuts a file that another program writes to as well.
 */
async function leave(descriptor: Descriptor, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length === 0) return;
  const stream = descriptor === 1 ? Bun.stdout : Bun.stderr;
  if (bytes.length <= wholeBytesMax && (await takesText(stream))) await Bun.write(stream, bytes);
  else await writeAll(descriptor, bytes);
}

/** True for a pipe, a socket and a terminal; false for a file, and for what cannot be looked at. */
async function takesText(stream: Bun.BunFile): Promise<boolean> {
  try {
    const stats = await stream.stat();
    return stats.isFIFO() || stats.isSocket() || stats.isCharacterDevice();
  } catch {
    return false;
  }
}

/** The pause before a full pipe is tried again. */
const fullPipeMs = 1;

async function writeAll(descriptor: Descriptor, bytes: Uint8Array): Promise<void> {
  const { writeSync } = await import("node:fs");
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if (errnoOf(error) !== "EAGAIN") throw error;
      // A full pipe that never blocks: its reader is slow, not gone.
      await Bun.sleep(fullPipeMs);
    }
  }
}
