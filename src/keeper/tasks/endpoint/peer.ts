/**
 * One connection from inside a sandbox: its bytes as they come, within bounds, and writes that wait
 * until the other end has taken them.
 */

import { bodyBytesMax, headBytesMax, keptBytesMax } from "./limits.ts";

/** Bytes that all connections of an endpoint keep. */
export interface Kept {
  bytes: number;
}

/** One connection. */
export interface Peer {
  /** Aborted once the connection has ended. */
  readonly gone: AbortSignal;
  /** The bytes up to the first empty line, with it; null when none comes. */
  head(): Promise<Uint8Array | null>;
  /** So many further bytes; null when they do not come. */
  bytes(count: number): Promise<Uint8Array | null>;
  /** Resolves once the other end has taken the bytes; false when it is gone. */
  write(bytes: Uint8Array | string): Promise<boolean>;
  /** Hands all bytes from now on to another; those that were kept first. */
  pipe(take: (bytes: Uint8Array) => void): void;
  /** Stops reading from the connection for a while, and goes on. */
  pause(): void;
  resume(): void;
  end(): void;
}

/** A connection with the ends that its socket calls. */
export interface Held extends Peer {
  take(bytes: Uint8Array): void;
  drained(): void;
  closed(): void;
}

/** The part of a socket that is used here. */
export interface Plug {
  write(bytes: Uint8Array): number;
  end(): unknown;
  pause(): unknown;
  resume(): unknown;
}

/** The flow of a socket's bytes, and its end. */
const flowOf = (socket: Plug): Pick<Peer, "pause" | "resume" | "end"> => ({
  pause: () => {
    socket.pause();
  },
  resume: () => {
    socket.resume();
  },
  end: () => {
    socket.end();
  },
});

/** Holds a socket. */
export function hold(socket: Plug, all: Kept): Held {
  const gone = new AbortController();
  const { signal } = gone;
  const buffer = newBuffer(all);
  const came = newBell();
  const room = newBell();
  let piped: ((bytes: Uint8Array) => void) | null = null;
  let isPast = false;
  /** Waits until the buffer has a number of bytes by a rule; null when they do not come. */
  const wait = async (find: () => number | null): Promise<Uint8Array | null> => {
    for (;;) {
      const count = signal.aborted ? null : find();
      if (count === null) return null;
      if (count >= 0) return buffer.take(count);
      await came.rung();
    }
  };
  return {
    gone: signal,
    head: () => wait(buffer.head),
    bytes: async (count) => {
      const bytes = await wait(() => (buffer.size() < count ? -1 : count));
      isPast = true;
      return bytes;
    },
    write: (bytes) => writeAll(socket, bytes, { signal, room }),
    pipe: (take) => {
      piped = take;
      if (buffer.size() > 0) take(buffer.take(buffer.size()));
    },
    ...flowOf(socket),
    take: (bytes) => {
      if (piped !== null) return piped(bytes);
      // One request a connection: nothing after it is read.
      if (isPast) return;
      if (!buffer.keep(bytes)) return void socket.end();
      came.ring();
    },
    drained: room.ring,
    closed: () => {
      buffer.take(buffer.size());
      gone.abort();
      came.ring();
      room.ring();
    },
  };
}

/** A bell that rings for all who wait for it, once. */
function newBell() {
  let next = Promise.withResolvers<void>();
  return {
    rung: (): Promise<void> => next.promise,
    ring: (): void => {
      const { resolve } = next;
      next = Promise.withResolvers<void>();
      resolve();
    },
  };
}

/** Bytes that wait to be read, within bounds. */
function newBuffer(all: Kept) {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const grow = (by: number): void => {
    size += by;
    all.bytes += by;
  };
  return {
    size: (): number => size,
    /** False for bytes that are too many. */
    keep: (bytes: Uint8Array): boolean => {
      if (size + bytes.length > headBytesMax + bodyBytesMax) return false;
      if (all.bytes + bytes.length > keptBytesMax) return false;
      chunks.push(new Uint8Array(bytes));
      grow(bytes.length);
      return true;
    },
    /** The size of a request's head; -1 while it is not there, null when it is too long. */
    head: (): number | null => {
      const end = endOfHead(joined(chunks, Math.min(size, headBytesMax)));
      if (end > 0) return end;
      return size >= headBytesMax ? null : -1;
    },
    /** Takes the first bytes out. */
    take: (count: number): Uint8Array => {
      const whole = joined(chunks, size);
      chunks.splice(0, chunks.length, whole.slice(count));
      grow(-count);
      return whole.subarray(0, count);
    },
  };
}

interface Writing {
  readonly signal: AbortSignal;
  readonly room: ReturnType<typeof newBell>;
}

/** Writes all bytes, as the other end takes them; false when it is gone. */
async function writeAll(
  socket: Pick<Plug, "write">,
  bytes: Uint8Array | string,
  { signal, room }: Writing,
): Promise<boolean> {
  let rest = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  while (rest.length > 0 && !signal.aborted) {
    const written = socket.write(rest);
    if (written < 0) return false;
    rest = rest.subarray(written);
    if (rest.length > 0) await room.rung();
  }
  return !signal.aborted;
}

/** The index after the first empty line; 0 while there is none. */
function endOfHead(bytes: Uint8Array): number {
  const at = new TextDecoder("latin1").decode(bytes).indexOf("\r\n\r\n");
  return at < 0 ? 0 : at + 4;
}

/** The first bytes of some chunks, in one piece. */
function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    if (at >= size) break;
    whole.set(chunk.subarray(0, size - at), at);
    at += chunk.length;
  }
  return whole;
}

/** Carries bytes between two connections until one is gone, and its last bytes are written. */
export const join = (one: Peer, two: Peer): Promise<void> =>
  Promise.race([pour(one, two), pour(two, one)]);

/** Writes everything that comes from one end to the other, no faster than that takes it. */
async function pour(from: Peer, to: Peer): Promise<void> {
  const ended = Promise.withResolvers<void>();
  let written = Promise.resolve(true);
  from.gone.addEventListener("abort", () => ended.resolve(), { once: true });
  from.pipe((bytes) => {
    from.pause();
    const copy = new Uint8Array(bytes);
    written = written.then(() => to.write(copy));
    written.then(() => from.resume()).catch(() => {});
  });
  if (!from.gone.aborted) await ended.promise;
  await written;
}
