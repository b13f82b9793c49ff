/**
 * A process for the test of a run's canaries: limits itself as the first program of a room does,
 * unless that guard is missing, then reports what each canary found.
 */

import { tryRunCanaries } from "../../../src/keeper/tasks/run/canaries.ts";
import { type InsideRoom, insideVariable } from "../../../src/keeper/tasks/run/room.ts";
import { doors } from "../../../src/platform/sandbox/filter.ts";
import { refuseCalls } from "../../../src/platform/sandbox/refusing.ts";

const room: InsideRoom & { readonly without: string } = JSON.parse(
  process.env[insideVariable] ?? "null",
);
if (room.without !== "doors") refuseCalls(doors);
console.log(JSON.stringify(await tryRunCanaries(room)));
