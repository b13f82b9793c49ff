/** A process that forbids its core files, and prints the system's view of it. */

import { dlopen, FFIType } from "bun:ffi";
import { readFileSync } from "node:fs";
import { forbidCoreFiles } from "../../../src/platform/process/memory.ts";

const prGetDumpable = 3;
const { symbols } = dlopen("libc.so.6", {
  prctl: {
    args: [FFIType.i32, FFIType.u64, FFIType.u64, FFIType.u64, FFIType.u64],
    returns: FFIType.i32,
  },
});
const state = () => ({
  dumpable: symbols.prctl(prGetDumpable, 0n, 0n, 0n, 0n),
  core: /^Max core file size\s+(\S+)\s+(\S+)/m
    .exec(readFileSync("/proc/self/limits", "utf8"))
    ?.slice(1),
});

const before = state();
forbidCoreFiles();
console.log(JSON.stringify({ before, after: state() }));
