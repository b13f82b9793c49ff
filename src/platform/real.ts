/** The real effects: main builds them once and passes them down. */

import { randomBytes, randomInt } from "node:crypto";
import { timers } from "./clock/timers.ts";
import type { Clock, Effects, Random, StateFiles } from "./effects.ts";
import { fileLog } from "./log.ts";

/** Unpredictable values from the system. */
export const random: Random = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
  integer: (below) => randomInt(below),
  uuid: () => Bun.randomUUIDv7(),
};

/** SHA-256 (FIPS 180-4). */
export function sha256(bytes: Uint8Array): Uint8Array {
  const digest = new Uint8Array(Bun.SHA256.byteLength);
  Bun.SHA256.hash(bytes, digest);
  return digest;
}

/** The effects of a process that uses a state folder. */
export const realEffects = (files: StateFiles, clock: Clock): Effects => ({
  clock,
  random,
  timers,
  sha256,
  files,
  log: fileLog(files, clock),
});
