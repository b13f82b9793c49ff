/**
 * The outer wall: bubblewrap, which needs no privilege where the system allows user namespaces. An
 * installed bubblewrap proves nothing, so it is tried.
 */

import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { runner } from "../../platform/process/run.ts";
import { systemProgram } from "../../session/git/program.ts";
import type { Room } from "./room.ts";

/** The reason why bubblewrap builds no wall here. */
export type BwrapFault = "missing" | "apparmor" | "refused";

/** The path of a bubblewrap that works, or the reason why none does. */
export type Bwrap = { readonly path: string } | { readonly why: BwrapFault };

const plain = { PATH: "/usr/bin:/bin", LC_ALL: "C" };

/** Finds bubblewrap and tries it; the signal ends the trial. */
export async function workingBwrap(signal: AbortSignal): Promise<Bwrap> {
  const path = await systemProgram("bwrap");
  if (path === null) return { why: "missing" };
  const words = [path, "--ro-bind", "/", "/", "--unshare-all", "--proc", "/proc", "true"];
  const ran = await runner(plain, signal)(words);
  if (ran?.exit === 0) return { path };
  return { why: forbidsNamespaces() ? "apparmor" : "refused" };
}

/** True where AppArmor lets only programs with a profile make user namespaces. */
function forbidsNamespaces(): boolean {
  try {
    const setting = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";
    return readFileSync(setting, "latin1").trim() === "1";
  } catch {
    return false;
  }
}

/** The path of the executable inside the wall. */
export const executableInside = "/peernet";

/**
 * The command that puts the wall around a reader: read-only views of the system's programs, of the
 * objects, of the empty git folder, and of our executable. After an upgrade this is another version
 * than the starter's, which ends itself.
 */
export function bwrapWords(
  { bwrap, executable }: { readonly bwrap: string; readonly executable: string },
  room: Room,
): readonly string[] {
  const shown = [
    ...["/usr", ...(room.git === null ? [] : [room.git])],
    ...[...room.libraries, ...room.objects, room.shell],
  ];
  const inUsr = (each: string): boolean => each.startsWith("/usr/");
  const binds = shown.filter((each) => each === "/usr" || !inUsr(each));
  return [
    ...[bwrap, ...apart(), ...binds.flatMap((each) => ["--ro-bind", each, each])],
    ...["--ro-bind", executable, executableInside, "--chdir", "/"],
  ];
}

/** Words for namespaces of its own, in which nothing has a path but the system's links. */
export const apart = (): readonly string[] => [
  ...["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"],
  ...["--proc", "/proc", "--dev", "/dev"],
  ...["/bin", "/lib", "/lib32", "/lib64"].flatMap(linkWords),
];

/** On most systems these folders are links into /usr. */
function linkWords(path: string): readonly string[] {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  return stats.isSymbolicLink()
    ? ["--symlink", readlinkSync(path), path]
    : ["--ro-bind", path, path];
}
