/**
 * The one entry of time, randomness, files and the environment. Types only: `real.ts` builds the
 * real effects once, and tests build their own.
 */

import type { ErrorCode, PeernetError } from "../contract/errors.ts";

/** Milliseconds by three clocks. */
export interface Clock {
  /** Since 1970; dates records, and decides nothing. */
  wallMs(): number;
  /** Since boot, including suspend: leases expire by it. */
  bootMs(): number;
  /** Since some instant, never going back: deadlines and windows use it. */
  monotonicMs(): number;
}

/** All clocks, read once at the start of a request or a sweep. */
export interface Instant {
  readonly wallMs: number;
  readonly bootMs: number;
  readonly monotonicMs: number;
}

/** Unpredictable values. */
export interface Random {
  bytes(length: number): Uint8Array<ArrayBuffer>;
  /** Uniform in 0 … below - 1. */
  integer(below: number): number;
  /** UUIDv7 (RFC 9562). */
  uuid(): string;
}

/** Ends a timer; calling it twice is harmless. */
export type Cancel = () => void;

/** Timers; `every` waits its interval first. */
export interface Timers {
  after(ms: number, run: () => void): Cancel;
  every(ms: number, run: () => void): Cancel;
}

/**
 * The files of the state folder, by their names inside it. Every file is written with mode 0600 in
 * 0700 folders. A file that is a symlink, not ours, or open to others is refused.
 */
export interface StateFiles {
  /** The state folder itself; for the database and the socket. */
  readonly folder: string;
  /** The text of a file, or null when there is no file. @throws {state_unsafe} */
  read(name: string): string | null;
  /**
   * As `read`, for a file that gives rights: each folder above it is the user's or root's, and no
   * one else may write there. @throws {state_unsafe}
   */
  readTrusted(name: string): string | null;
  /** As `read`, for a file that others may read but not write. @throws {state_unsafe} */
  readOpen(name: string): string | null;
  /** Replaces a file atomically and durably. @throws {state_unsafe} {storage_full} */
  write(name: string, text: string): void;
  /** Appends durably, the full text or nothing. @throws {state_unsafe} {storage_full} */
  append(name: string, text: string): void;
  /**
   * Gives a file zeros up to so many bytes, on the disk; leaves it as it is when the disk has no
   * room, or when there is no such file. @throws {state_unsafe}
   */
  lengthen(name: string, bytes: number): void;
  /** The names of all entries directly in the state folder. */
  names(): readonly string[];
  /** True when the state folder has an entry of that name. */
  has(name: string): boolean;
  /** Removes a file if it exists. */
  remove(name: string): void;
  /** Checks a path that another library will open (database, socket). @throws {state_unsafe} */
  check(name: string): void;
  /**
   * Writes a line of at most 512 bytes to a named pipe of ours, without waiting, and creates none.
   * False when no process reads it, or there is none. @throws {state_unsafe} for any other file
   */
  ring(name: string, line: string): boolean;
}

/** One JSON object a line; never a secret, never a code, never a question. */
export interface Log {
  info(event: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void;
  error(event: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Everything that is not a pure function of its arguments. */
export interface Effects {
  readonly clock: Clock;
  readonly random: Random;
  readonly timers: Timers;
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  readonly files: StateFiles;
  readonly log: Log;
  /** In tests alone: called with an error that its row does not list, so that the test fails. */
  readonly unlisted?: (path: string, code: ErrorCode) => PeernetError;
}

/** Reads all clocks, once. */
export const instantOf = (clock: Clock): Instant => ({
  wallMs: clock.wallMs(),
  bootMs: clock.bootMs(),
  monotonicMs: clock.monotonicMs(),
});
