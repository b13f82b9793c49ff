/**
 * The canaries of a run: ways out that its program would have, tried in its very room before it
 * starts. None harms when it succeeds.
 */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { addressOf, call } from "../../../platform/sandbox/calls.ts";
import type { Call } from "../../../platform/sandbox/numbers.ts";
import { byRules, type Canary, outsideFiles, type Tried, tryEach } from "../../sandbox/canaries.ts";
import type { InsideRoom } from "./room.ts";

type Run = Canary<InsideRoom>["run"];
const file = (name: string, run: Run): Canary<InsideRoom> => ({ name, run, refusals: byRules });
const raw = (name: string, run: Run, refusals = ["1"]): Canary<InsideRoom> => ({
  ...{ name, run, refusals },
});
const errnoOf = (name: Call, ...words: readonly number[]): number => call(name, ...words).errno;
const written = (folder: string): void => writeFileSync(`${folder}/.peernet-canary`, "");

const files: readonly Canary<InsideRoom>[] = [
  ...outsideFiles,
  ...["/", "/dev", "/etc", "/usr", "/usr/local", "/task", "/var/tmp"].map((folder) =>
    file(`write in ${folder}`, () => written(folder)),
  ),
  file("write where it may read", ({ readOnly }) => {
    // The first that can be written is the result.
    const open = readOnly.filter((folder) => canWrite(folder));
    if (open.length === 0) throw Object.assign(new Error("shut"), { code: "EROFS" });
  }),
];

function canWrite(folder: string): boolean {
  try {
    written(folder);
    return true;
  } catch {
    return false;
  }
}

/** Processes in a namespace before its program: the first one, and this one. */
const processesBefore = 2;

const calls: readonly Canary<InsideRoom>[] = [
  raw("see another process", () => {
    const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    return processes.length > processesBefore ? 0 : 1;
  }),
  // ECONNREFUSED or ENETUNREACH: nothing listens in its own network.
  raw("connect to this machine", ({ port }) => connects(port), ["111", "101"]),
  raw("see another network", () => {
    const [, , ...devices] = readFileSync("/proc/net/dev", "latin1").trim().split("\n");
    return devices.every((line) => line.trim().startsWith("lo:")) ? 1 : 0;
  }),
  raw("gain privileges", () => {
    const status = readFileSync("/proc/self/status", "latin1");
    const isBound = /^NoNewPrivs:\s*1$/m.test(status) && /^CapEff:\s*0+$/m.test(status);
    return isBound ? 1 : 0;
  }),
  raw("keyctl", () => errnoOf("keyctl", 0, -3, 0)),
  raw("add a key", () => errnoOf("add_key", 0, 0, 0, 0, 0)),
  raw("a program in the kernel", () => errnoOf("bpf", -1, 0, 0)),
  raw("watch the kernel", () => errnoOf("perf_event_open", 0, 0, -1, -1, 0)),
  raw("io_uring", () => errnoOf("io_uring_setup", 0, 0)),
  raw("open by handle", () => errnoOf("open_by_handle_at", -1, 0, 0)),
];

/** SOCK_CLOEXEC (socket(2)): the program that follows finds none of our descriptors. */
const closeOnExec = 0o2000000;

/** Connects to a port of the loopback address (ip(7)); returns the errno, 0 for success. */
function connects(port: number): number {
  const socket = call("socket", 2, 1 | closeOnExec, 0);
  if (socket.errno !== 0) return socket.errno;
  const address = new Uint8Array(16);
  new DataView(address.buffer).setUint16(0, 2, true);
  address.set([port >> 8, port & 0xff, 127, 0, 0, 1], 2);
  return errnoOf("connect", socket.value, addressOf(address), address.length);
}

const all: readonly Canary<InsideRoom>[] = [...files, ...calls];

/** Tries every canary of a run on this process. */
export const tryRunCanaries = (room: InsideRoom): Promise<readonly Tried[]> => tryEach(all, room);

/** The number of canaries of a run. */
export const runCanaryCount: number = all.length;
