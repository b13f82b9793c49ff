/**
 * Waits for the processes that process 1 inherits. As a container's first process the daemon is the
 * parent of each process whose own parent ended. Leaves its own children to the runtime.
 */

import { readdirSync, readFileSync } from "node:fs";
import { orphansMs } from "../../contract/limits.ts";
import type { Cancel, Timers } from "../effects.ts";
import { openLibc } from "./libc.ts";

/** `WNOHANG` of waitpid(2). */
const atOnce = 1;

/** Waits for ended children repeatedly; only as process 1 on Linux. */
export function reapOrphans(timers: Timers): Cancel {
  const { waitpid } = openLibc({ waitpid: { args: ["i32", "ptr", "i32"], returns: "i32" } });
  let before: ReadonlySet<number> = new Set();
  return timers.every(orphansMs, () => {
    const ended = endedChildren();
    // The runtime waits for a child of its own as soon as it ends: long before a second look.
    for (const pid of ended) if (before.has(pid)) waitpid(pid, null, atOnce);
    before = ended;
  });
}

/** Children of this process that ended and that nobody has waited for (proc_pid_stat(5)). */
function endedChildren(): ReadonlySet<number> {
  const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  return new Set(pids.filter((pid) => isEndedChild(statOf(pid))));
}

/** True for the stat of a zombie whose parent is this process. */
const isEndedChild = (stat: string): boolean =>
  stat.slice(stat.lastIndexOf(")") + 2).startsWith(`Z ${process.pid} `);

function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    // The process is gone by now.
    return "";
  }
}
