/**
 * Lets this process wait at a named pipe as a small shell: it becomes another program, under the
 * same number, with the same pipes to its parent, at a twentieth of the memory.
 */

import { FFIType, ptr } from "bun:ffi";
import { constants, openSync, rmSync } from "node:fs";
import { openLibc } from "./libc.ts";

const { i32, u32 } = FFIType;
const pointer = FFIType.ptr;

/** The descriptor at which the next program finds the pipe. */
export const pipeDescriptor = 3;

/** Makes a pipe of this user alone; opened for both directions, so that opening waits for none. */
export function makePipe(path: string): number {
  const { mkfifo } = openLibc({ mkfifo: { args: [pointer, u32], returns: i32 } });
  const name = cString(path);
  if (mkfifo(ptr(name), 0o600) !== 0) throw new Error("the pipe cannot be made");
  try {
    return openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}

/** The program to become. */
export interface Next {
  /** Its absolute path. */
  readonly program: string;
  /** Its arguments, from its own name on. */
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The descriptor that it gets as `pipeDescriptor`. */
  readonly pipe: number;
}

/** Signals that a program inherits as ignored; Bun ignores some of them. */
const inherited = [1, 2, 3, 13, 14, 15];
const defaultAction = null;

/** `SIG_SETMASK`, which differs. */
const setMask: Readonly<Record<string, number>> = { linux: 2, darwin: 3 };

/** Becomes another program. Returns only by throwing, when that failed. */
export function become({ program, words, environment, pipe }: Next): never {
  const { dup2, signal, sigprocmask, execve } = openLibc({
    dup2: { args: [i32, i32], returns: i32 },
    signal: { args: [i32, pointer], returns: pointer },
    sigprocmask: { args: [i32, pointer, pointer], returns: i32 },
    execve: { args: [pointer, pointer, pointer], returns: i32 },
  });
  const path = cString(program);
  const argv = cStrings(words);
  const variables = cStrings(Object.entries(environment).map(([name, set]) => `${name}=${set}`));
  // Larger than the signal set of any system; all zero is the empty set.
  const none = new Uint8Array(128);
  if (dup2(pipe, pipeDescriptor) !== pipeDescriptor) throw new Error("the pipe cannot be kept");
  for (const number of inherited) signal(number, defaultAction);
  sigprocmask(setMask[process.platform] ?? 2, ptr(none), null);
  execve(ptr(path), ptr(argv.pointers), ptr(variables.pointers));
  throw new Error(`${program} cannot be run`);
}

const cString = (text: string): Buffer => Buffer.from(`${text}\0`);

/** A null-terminated array of strings; the texts must outlive the call. */
function cStrings(texts: readonly string[]) {
  const kept = texts.map(cString);
  const pointers = new BigUint64Array(kept.length + 1);
  for (const [at, text] of kept.entries()) pointers[at] = BigInt(ptr(text));
  return { pointers, kept };
}
