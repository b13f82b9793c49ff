/**
 * Starts a reader inside the walls, and believes it only once it has reported every canary under
 * the nonce of this start. Any other first line, an exit or silence is unsafe, and ends it.
 */

import { existsSync, realpathSync } from "node:fs";
import { canaryLine, type Wall } from "../../contract/reads/sandbox.ts";
import type { Timers } from "../../platform/effects.ts";
import { endGroup } from "../../platform/process/run.ts";
import { type Lines, linesOf } from "../reader/lines.ts";
import { bwrapWords, executableInside } from "./bwrap.ts";
import { canaryCount } from "./canaries.ts";
import { type Room, roomVariable } from "./room.ts";

/** The room of a reader as its starter decides it. */
export interface Started {
  readonly wall: Wall;
  /** The path of a working bubblewrap; null under Landlock alone. */
  readonly bwrap: string | null;
  readonly objects: readonly string[];
  readonly shell: string;
  readonly planted: string;
  /** Null for a reader that only proves its walls. */
  readonly git: string | null;
  readonly home: string;
}

/** Dependencies of a start. */
export interface StartParts {
  readonly timers: Timers;
  readonly newNonce: () => string;
  /** The path of our executable. */
  readonly executable: string;
  /** The build that the reader must be of. */
  readonly build: string;
}

/** A reader whose canaries have passed. */
export interface Reader {
  readonly wall: Wall;
  readonly pid: number;
  readonly lines: Lines;
  /** Sends one line. */
  send(line: string): void;
  /** Ends it at once, with all that it started. */
  end(): void;
  readonly exited: Promise<unknown>;
}

/** A failed start: the names of canaries with an unexpected result, or the reader's silence. */
export interface Unsafe {
  readonly unsafe: string;
}

/** The time for a start: a busy machine takes two seconds for the two program starts. */
const startMs = 6_000;

/** Folders from which a system's git and our executable load their libraries. */
const libraryFolders = [
  ...["/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/lib", "/lib32", "/lib64"],
  ...["/nix/store", "/gnu/store", "/opt/homebrew", "/home/linuxbrew/.linuxbrew"],
];

/** The real paths of those folders here. */
export const librariesHere = (): readonly string[] => [
  ...new Set(libraryFolders.filter(existsSync).map((path) => realpathSync(path))),
];

/** Starts a reader; resolves once its canaries have passed, or to the reason why it was ended. */
export async function startReader(
  { bwrap, ...started }: Started,
  { timers, newNonce, executable, build }: StartParts,
): Promise<Reader | Unsafe> {
  // Inside its namespace the reader's parent is the first process there.
  const parent = bwrap === null ? process.pid : 1;
  const nonce = newNonce();
  const room: Room = {
    ...{ ...started, nonce, parent, starter: process.pid, build },
    libraries: librariesHere(),
  };
  const command =
    bwrap === null
      ? [executable, "reader"]
      : [...bwrapWords({ bwrap, executable }, room), executableInside, "reader"];
  const reader = spawned(command, room);
  const cancel = timers.after(startMs, reader.end);
  const first = await reader.lines.next().catch(() => null);
  cancel();
  if (first === canaryLine(nonce, canaryCount, canaryCount)) return reader;
  reader.end();
  return { unsafe: first === null ? "it did not report its canaries" : unsafeText(first) };
}

const unsafeText = (line: string): string =>
  line.startsWith("unsafe ") ? line.slice("unsafe ".length, 300) : "it reported something else";

function spawned(command: readonly string[], room: Room): Reader {
  const child = Bun.spawn([...command], {
    // Nothing of the starter's environment: it may hold keys of the user.
    env: {
      PATH: "/usr/bin:/bin",
      HOME: "/nonexistent",
      BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
      [roomVariable]: JSON.stringify(room),
    },
    cwd: "/",
    stdin: "pipe",
    stdout: "pipe",
    stderr: "ignore",
    detached: true,
  });
  return {
    wall: room.wall,
    pid: child.pid,
    lines: linesOf(child.stdout),
    send: (line) => {
      child.stdin.write(`${line}\n`);
      child.stdin.flush();
    },
    end: () => endGroup(child.pid),
    exited: child.exited,
  };
}
