/** Keeps memory (codes, keys) out of core files. */

import { FFIType, ptr } from "bun:ffi";
import { openLibc } from "./libc.ts";

const resourceCore = 4;
const prSetDumpable = 4;
const u64 = FFIType.u64;

/**
 * Forbids core files; on Linux also stops other processes of the same user from reading the memory.
 */
export function forbidCoreFiles(): void {
  const { setrlimit } = openLibc({
    setrlimit: { args: [FFIType.i32, FFIType.ptr], returns: FFIType.i32 },
  });
  const none = new BigUint64Array([0n, 0n]);
  if (setrlimit(resourceCore, ptr(none)) !== 0) throw new Error("core files cannot be forbidden");
  if (process.platform !== "linux") return;
  const { prctl } = openLibc({
    prctl: { args: [FFIType.i32, u64, u64, u64, u64], returns: FFIType.i32 },
  });
  if (prctl(prSetDumpable, 0n, 0n, 0n, 0n) !== 0) throw new Error("core files cannot be forbidden");
}
