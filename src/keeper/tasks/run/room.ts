/**
 * The room of a run: what a task's program finds, and where. Nothing else of this machine has a
 * path for it. Only describes.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { apart, executableInside } from "../../sandbox/bwrap.ts";
import type { Room } from "../../sandbox/room.ts";
import { librariesHere } from "../../sandbox/start.ts";
import { taskNames } from "../folder.ts";

/** Paths inside the room. They say nothing of the user, nor of the state folder. */
export const insidePaths = {
  tree: "/task/tree",
  home: "/task/home",
  git: "/task/git",
  /** The socket to the model. */
  model: "/task/model.sock",
} as const;

/** A file or folder of this machine in the room. */
export interface Bind {
  readonly from: string;
  readonly at: string;
  readonly isWritable: boolean;
}

/** Limits that the first program sets for all that follows it. */
export interface InsideLimits {
  readonly fileBytes: number;
  readonly processes: number;
}

/** The first program in the room: it proves the walls, then becomes the run. */
export interface InsideRoom extends Room {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: InsideLimits;
  /** Folders in the room that must be read-only. */
  readonly readOnly: readonly string[];
  /** A port at which the starter listens, on the loopback address of this machine. */
  readonly port: number;
  /** The port in the room that leads to the model's socket; null for no network at all. */
  readonly modelPort: number | null;
}

/** The environment variable that names the descriptor on which such a room comes as JSON. */
export const insideVariable = "PEERNET_INSIDE";

/** Parts of /etc that programs need, and that say nothing of the user. */
const settings = ["/etc/ld.so.cache", "/etc/alternatives", "/etc/ssl", "/etc/localtime"];

/** Words of bubblewrap for a room with these binds, and with nothing else of the user. */
export function roomWords(
  bwrap: string,
  { binds, chdir }: { readonly binds: readonly Bind[]; readonly chdir: string },
): readonly string[] {
  const outside = librariesHere().filter((path) => !path.startsWith("/usr/"));
  const system = ["/usr", ...outside, ...settings.filter(existsSync)];
  return [
    ...[bwrap, ...apart(), "--hostname", "task"],
    ...system.flatMap((path) => ["--ro-bind", path, path]),
    ...binds.flatMap(({ from, at, isWritable }) => [isWritable ? "--bind" : "--ro-bind", from, at]),
    // What is left to write is the file system of the binds, which is measured.
    ...["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", chdir],
  ];
}

/** The folders of a task that its run may write, so that no byte of it lies in memory alone. */
export const scratchBinds = (task: string): readonly Bind[] => [
  { from: join(task, taskNames.home), at: insidePaths.home, isWritable: true },
  { from: join(task, taskNames.tmp), at: "/tmp", isWritable: true },
  { from: join(task, taskNames.shm), at: "/dev/shm", isWritable: true },
];

/** Our own executable in the room. */
export const executableBind = (executable: string): Bind => ({
  ...{ from: executable, at: executableInside, isWritable: false },
});
