/**
 * System calls that have no other interface, for a Linux process that walls itself in. Each fails
 * by its errno. Decides nothing about the walls.
 */

import { FFIType, ptr, read } from "bun:ffi";
import { openLibc } from "../process/libc.ts";
import { architectureOf, type Call, numberOf } from "./numbers.ts";

const { i32, i64, u64 } = FFIType;

const open = () =>
  openLibc({
    syscall: { args: [i64, u64, u64, u64, u64, u64], returns: i64 },
    prctl: { args: [i32, u64, u64, u64, u64], returns: i32 },
    open: { args: [FFIType.ptr, i32], returns: i32 },
    close: { args: [i32], returns: i32 },
    execve: { args: [FFIType.ptr, FFIType.ptr, FFIType.ptr], returns: i32 },
    setrlimit: { args: [i32, FFIType.ptr], returns: i32 },
    signal: { args: [i32, u64], returns: u64 },
    sigprocmask: { args: [i32, FFIType.ptr, FFIType.ptr], returns: i32 },
    getppid: { args: [], returns: i32 },
    __errno_location: { args: [], returns: FFIType.ptr },
  });

let opened: ReturnType<typeof open> | null = null;

/** The C library's functions. @throws when it cannot be opened */
export function libc(): ReturnType<typeof open> {
  opened ??= open();
  return opened;
}

/** The result of a system call: its value, or the errno of its failure. */
export interface Called {
  readonly value: number;
  /** 0 after a success. */
  readonly errno: number;
}

/** ENOSYS of errno(3): the kernel has no such call. */
export const notImplemented = 38;

/** Calls the system by a call's name; numbers and addresses are its arguments. */
export function call(name: Call, ...words: readonly (number | bigint)[]): Called {
  const architecture = architectureOf(process.arch);
  const number = architecture === null ? null : numberOf(name, architecture);
  if (number === null) return { value: -1, errno: notImplemented };
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = words;
  const value = Number(libc().syscall(number, a, b, c, d, e));
  return { value, errno: value < 0 ? errnoNow() : 0 };
}

/** The errno of the last failed call of this thread. */
export function errnoNow(): number {
  const address = libc().__errno_location();
  return address === null ? 0 : read.i32(address, 0);
}

/** The address of bytes; they must live until the call has returned. */
export const addressOf = (bytes: Uint8Array): number => Number(ptr(bytes));

/** A text as C reads it: bytes that end with a zero. */
export const textBytes = (text: string): Uint8Array => new TextEncoder().encode(`${text}\0`);

/** An error of a call, named with its errno. */
export const callFailed = (name: string, errno: number): Error =>
  new Error(`${name} failed (errno ${errno})`);
