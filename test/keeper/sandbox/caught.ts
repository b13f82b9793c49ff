/**
 * A process for the test of canaries: puts up the walls without some guards, then reports what each
 * canary found. usage: caught.ts, with the room and the missing guards in the environment.
 */

import { tryCanaries } from "../../../src/keeper/sandbox/canaries.ts";
import { allGuards, enclose, type Guards, shut } from "../../../src/keeper/sandbox/enclose.ts";
import { insideVariable, type Room, roomVariable } from "../../../src/keeper/sandbox/room.ts";

const given = JSON.parse(process.env[roomVariable] ?? "null") as Room & { without: string[] };
const room: typeof given = { ...given, parent: process.ppid };
const guards = Object.fromEntries(
  Object.keys(allGuards).map((name) => [name, !room.without.includes(name)]),
) as Record<keyof Guards, boolean>;

if (process.env[insideVariable] === undefined) {
  enclose(room, guards, [process.execPath, import.meta.path]);
}
shut(guards);
console.log(JSON.stringify(await tryCanaries(room)));
