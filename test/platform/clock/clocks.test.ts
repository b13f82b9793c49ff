import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { bootClocks } from "../../../src/platform/clock/boot-clock.ts";
import { clocks } from "../../../src/platform/clock/clock.ts";
import { instantOf } from "../../../src/platform/effects.ts";
import { skipUnless } from "../../support/skip.ts";

const onLinux = skipUnless(process.platform === "linux", "there is no /proc");

onLinux("bootClocks() tells the time since boot, as the system does", () => {
  const uptimeMs = () => Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1_000;
  const clock = bootClocks();
  const before = uptimeMs();
  const bootMs = clock.bootMs();
  const after = uptimeMs();
  // The system rounds it down to hundredths of a second.
  expect(bootMs).toBeGreaterThanOrEqual(before);
  expect(bootMs).toBeLessThan(after + 10);
});

test("bootClocks() goes on with the monotonic clock while the machine is awake", () => {
  const clock = bootClocks();
  const offset = () => clock.bootMs() - clock.monotonicMs();
  const offsets = Array.from({ length: 2_000 }, offset).sort((a, b) => a - b);
  const [least = 0, most = 0] = [offsets[0], offsets.at(-1)];
  const middle = offsets[1_000] ?? 0;
  // A process that is put aside between two readings makes single ones larger, none smaller.
  expect(middle - least).toBeLessThan(5);
  expect(most - least).toBeLessThan(1_000);
});

test("bootClocks() never goes back, and tells parts of a millisecond", () => {
  const clock = bootClocks();
  const readings = Array.from({ length: 2_000 }, clock.bootMs);
  expect(readings.every((at, index) => at >= (readings[index - 1] ?? 0))).toBe(true);
  expect(readings.some((at) => !Number.isInteger(at))).toBe(true);
});

test("clocks tell the wall's time since 1970, and both boot and monotonic time alike", () => {
  expect(Math.abs(clocks.wallMs() - Date.now())).toBeLessThan(1_000);
  expect(clocks.bootMs()).toBeLessThanOrEqual(clocks.monotonicMs());
  expect(bootClocks().wallMs()).toBeGreaterThanOrEqual(clocks.wallMs() - 1_000);
});

test("instantOf() reads every clock once", () => {
  const reads: string[] = [];
  const reading = (name: string, at: number) => () => {
    reads.push(name);
    return at;
  };
  const clock = {
    wallMs: reading("wall", 1),
    bootMs: reading("boot", 2),
    monotonicMs: reading("monotonic", 3),
  };
  expect(instantOf(clock)).toEqual({ wallMs: 1, bootMs: 2, monotonicMs: 3 });
  expect(reads.sort()).toEqual(["boot", "monotonic", "wall"]);
});
