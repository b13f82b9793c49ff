/** The boot-time clock, which includes the time the machine slept: leases expire by it. */

import { FFIType, ptr } from "bun:ffi";
import type { Clock } from "../effects.ts";
import { openLibc } from "../process/libc.ts";
import { clocks } from "./clock.ts";

/** CLOCK_BOOTTIME on Linux; on macOS CLOCK_MONOTONIC, which includes sleep there. */
const bootClockIds: Readonly<Record<string, number>> = { linux: 7, darwin: 6 };

/** Clocks of this machine; bootMs includes the time it slept. */
export function bootClocks(): Clock {
  return { ...clocks, bootMs: bootReader() };
}

function bootReader(): () => number {
  const id = bootClockIds[process.platform];
  if (id === undefined) throw new Error(`no boot-time clock is known for ${process.platform}`);
  const { clock_gettime } = openLibc({
    clock_gettime: { args: [FFIType.i32, FFIType.ptr], returns: FFIType.i32 },
  });
  const timespec = new BigInt64Array(2);
  const address = ptr(timespec);
  return () => {
    if (clock_gettime(id, address) !== 0) throw new Error("the boot-time clock failed");
    return Number(timespec[0]) * 1_000 + Number(timespec[1]) / 1_000_000;
  };
}
