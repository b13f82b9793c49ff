/** Opens the system's C library, for the few calls that have no other interface. */

import { dlopen, type FFIFunction } from "bun:ffi";

const libraries: Readonly<Record<string, readonly string[]>> = {
  // glibc first: its loader lies about musl's name, not the other way round.
  linux: ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"],
  darwin: ["libSystem.B.dylib"],
};

/** Functions of the C library. @throws when no known library opens */
export function openLibc<F extends Record<string, FFIFunction>>(functions: F) {
  let failure: unknown = new Error(`no C library is known for ${process.platform}`);
  for (const library of libraries[process.platform] ?? []) {
    try {
      return dlopen(library, functions).symbols;
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}
