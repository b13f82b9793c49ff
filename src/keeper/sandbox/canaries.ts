/**
 * The canaries of a reader: each tries one way out, as a program that had taken the reader over
 * would. None harms when it succeeds. A reader serves only after every canary had its expected
 * result, and tries them again at each start.
 */

import {
  chmodSync,
  linkSync,
  mkdirSync,
  promises,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { addressOf, call, textBytes } from "../../platform/sandbox/calls.ts";
import type { Call } from "../../platform/sandbox/numbers.ts";
import type { Room } from "./room.ts";

/** The result of one canary. */
export interface Tried {
  readonly name: string;
  /** `open`, or the code of the refusal. */
  readonly result: string;
  readonly isExpected: boolean;
}

/** One way out, and the refusals that shut it. */
export interface Canary<R extends Room = Room> {
  readonly name: string;
  /** Tries the way out; a value is the errno of a raw call, 0 for success. */
  readonly run: (room: R) => unknown;
  /** Codes of a refusal by the walls; any other end counts as open. */
  readonly refusals: readonly string[];
  /** True for a way that stays open under Landlock alone, and is told. */
  readonly isOpenByLandlock?: true;
}

/** Refusals by the rules of files. */
export const byRules: readonly string[] = ["EACCES", "EPERM", "EROFS", "EXDEV"];
/** In its namespaces nothing else has a path; under Landlock alone the planted file is there. */
const absent = "ENOENT";
const eperm = ["1"];

const file = (name: string, run: Canary["run"]): Canary => ({ name, run, refusals: byRules });

const outside = (room: Room, name: string): string => `${room.planted}.${name}`;

/** Ways to files of the user. */
export const outsideFiles: readonly Canary[] = [
  file("read a file outside", ({ planted }) => readFileSync(planted)),
  file("read it on another thread", ({ planted }) => promises.readFile(planted)),
  file("read it by the runtime", ({ planted }) => Bun.file(planted).text()),
  file("list the home", ({ home }) => readdirSync(home)),
  file("list the folder outside", ({ planted }) => readdirSync(planted.replace(/\/[^/]*$/, ""))),
  file("write a file outside", (room) => writeFileSync(outside(room, "written"), "")),
  file("truncate a file outside", ({ planted }) => truncateSync(planted, 1)),
  file("make a folder outside", (room) => mkdirSync(outside(room, "folder"))),
  file("make a symbolic link outside", (room) => symlinkSync("x", outside(room, "symbolic"))),
  file("make a hard link outside", (room) => linkSync(room.planted, outside(room, "hard"))),
  file("rename a file outside", (room) => {
    renameSync(room.planted, outside(room, "renamed"));
    renameSync(outside(room, "renamed"), room.planted);
  }),
  file("remove a file outside", ({ planted }) => unlinkSync(`${planted}.second`)),
  file("change a mode outside", ({ planted }) => chmodSync(planted, 0o600)),
  file("change a time outside", ({ planted }) => utimesSync(planted, 1, 1)),
  {
    name: "test a name outside",
    run: ({ planted }) => statSync(planted),
    refusals: byRules,
    isOpenByLandlock: true,
  },
];

const files: readonly Canary[] = [
  ...outsideFiles,
  file("read /etc/passwd", () => readFileSync("/etc/passwd")),
  file("read the starter's environment", ({ starter }) => readFileSync(`/proc/${starter}/environ`)),
  file("write where it may read", ({ shell }) => writeFileSync(`${shell}/written`, "")),
];

const raw = (name: string, run: (room: Room) => number, refusals = eperm): Canary => ({
  name,
  run,
  refusals,
});
const errnoOf = (name: Call, ...words: readonly number[]): number => call(name, ...words).errno;

/** Arguments with which a call fails harmlessly where it is allowed. */
const calls: readonly Canary[] = [
  raw("a TCP socket", () => errnoOf("socket", 2, 1, 0)),
  raw("a TCP socket over IPv6", () => errnoOf("socket", 10, 1, 0)),
  raw("a UDP socket", () => errnoOf("socket", 2, 2, 0)),
  raw("a unix socket", () => errnoOf("socket", 1, 1, 0)),
  raw("a netlink socket", () => errnoOf("socket", 16, 3, 0)),
  raw("connect", () => errnoOf("connect", -1, 0, 0)),
  raw("bind", () => errnoOf("bind", -1, 0, 0)),
  raw("a socket pair", () => errnoOf("socketpair", 1, 1, 0, addressOf(new Uint8Array(8)))),
  raw("io_uring", () => errnoOf("io_uring_setup", 0, 0)),
  raw("execve", () => errnoOf("execve", addressOf(textBytes("/nonexistent")), 0, 0)),
  // A thread without its parent's memory is invalid; as a process it would be refused first.
  raw("clone", () => errnoOf("clone", 0x800, 0, 0)),
  raw("clone3", () => errnoOf("clone3", 0, 0), ["38"]),
  raw("signal the starter", ({ starter }) => errnoOf("kill", starter, 0)),
  raw("signal itself", () => errnoOf("kill", process.pid, 0)),
  // PTRACE_SETOPTIONS of a process that is not traced.
  raw("ptrace", () => errnoOf("ptrace", 0x4200, 0, 0, 0)),
  raw("read another's memory", ({ starter }) => errnoOf("process_vm_readv", starter, 0, 0, 0, 0)),
  raw("unshare", () => errnoOf("unshare", 0)),
  raw("setns", () => errnoOf("setns", -1, 0)),
  raw("keyctl", () => errnoOf("keyctl", 0, -3, 0)),
  raw("a thread outside the filters", () => (areAllFiltered() ? 1 : 0)),
  raw("message queue", () => errnoOf("mq_open", 0, 0, 0, 0)),
  raw("shared memory", () => errnoOf("shmget", 0, 0, 0)),
  raw("set an attribute outside", ({ planted }) => {
    const name = textBytes("user.peernet");
    return errnoOf("setxattr", addressOf(textBytes(planted)), addressOf(name), 0, 0, 0);
  }),
  {
    name: "run a shell",
    run: () => {
      if (!Bun.spawnSync(["/bin/sh", "-c", "true"]).success) throw new Error("failed");
    },
    refusals: [...byRules, absent],
  },
];

/** The filters of a reader: one of each step. */
const filtersOfEach = 2;

/** True when every thread of this process is under each filter (proc_pid_status(5)). */
function areAllFiltered(): boolean {
  return readdirSync("/proc/self/task").every((thread) => {
    const status = readFileSync(`/proc/self/task/${thread}/status`, "latin1");
    return Number(/^Seccomp_filters:\s*(\d+)$/m.exec(status)?.[1] ?? 0) >= filtersOfEach;
  });
}

/** Every canary, in the order in which they are tried. */
const canaries: readonly Canary[] = [...files, ...calls];

/** Tries every canary of a reader on this process. */
export const tryCanaries = (room: Room): Promise<readonly Tried[]> => tryEach(canaries, room);

/** Tries these canaries on this process. */
export async function tryEach<R extends Room>(
  each: readonly Canary<R>[],
  room: R,
): Promise<readonly Tried[]> {
  const tried: Tried[] = [];
  for (const canary of each) tried.push(await tryOne(canary, room));
  return tried;
}

async function tryOne<R extends Room>(canary: Canary<R>, room: R): Promise<Tried> {
  const { name, refusals, isOpenByLandlock } = canary;
  const result = await resultOf(canary, room);
  const isAbsent = room.wall === "bwrap" && refusals === byRules && result === absent;
  const isShut = isAbsent || refusals.includes(result);
  // An opening that is expected must be there: otherwise nothing was planted, and nothing proven.
  const isExpected = isOpenByLandlock && room.wall === "landlock" ? result === "open" : isShut;
  return { name, result: isShut || result === "open" ? result : `open (${result})`, isExpected };
}

async function resultOf<R extends Room>({ run }: Canary<R>, room: R): Promise<string> {
  try {
    const value: unknown = await run(room);
    return typeof value === "number" && value !== 0 ? String(value) : "open";
  } catch (error) {
    const isCoded = typeof error === "object" && error !== null && "code" in error;
    return isCoded ? String(error.code) : "failed";
  }
}

/** The number of canaries. */
export const canaryCount: number = canaries.length;
