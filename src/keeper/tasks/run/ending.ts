/**
 * Ends a run: first by a request to its program, which bubblewrap would not pass on, then by the
 * end of its namespace, which leaves no process.
 */

import { readFileSync } from "node:fs";
import type { Timers } from "../../../platform/effects.ts";
import { endGroup } from "../../../platform/process/run.ts";
import { signal } from "../../../platform/process/signal.ts";
import { childrenOf, processesBelow } from "./measure.ts";

/** The reason why a run was ended. */
export type Cause =
  | "stop"
  | "wall"
  | "idle"
  | "output"
  | "memory"
  | "disk"
  | "budget"
  | "credential";

/** Ends one run. */
export interface Ender {
  /** The first reason; null while there is none. */
  cause(): Cause | null;
  /** Ends the run, by force after this time. Only the first call counts. */
  end(cause: Cause, graceMs: number): void;
  /** The processes of the run. */
  processes(): readonly number[];
  /** Resolves once no process of the run is left. */
  finish(): Promise<void>;
}

const lookMs = 10;

/**
 * Ends the run of a bubblewrap by its number. It has written the number of the room's first process
 * to a file.
 */
export function enderOf(bwrap: number, infoPath: string, timers: Timers): Ender {
  let cause: Cause | null = null;
  let first: number | null = null;
  const firstProcess = (): number | null => {
    first ??= firstIn(infoPath);
    return first;
  };
  return {
    cause: () => cause,
    end: (why, graceMs) => {
      if (cause !== null) return;
      cause = why;
      const init = firstProcess();
      for (const pid of init === null ? [] : childrenOf(init)) signal(pid, "SIGTERM");
      timers.after(graceMs, () => endGroup(bwrap));
    },
    processes: () => {
      const init = firstProcess();
      return init === null ? [] : processesBelow(init);
    },
    finish: async () => {
      endGroup(bwrap);
      const init = firstProcess();
      while (init !== null && isRunning(init)) {
        await new Promise<void>((resolve) => timers.after(lookMs, resolve));
      }
    },
  };
}

/**
 * True until a process has ended. The first one of a namespace ends after all others there; nobody
 * may have waited for it yet (proc_pid_stat(5)).
 */
function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}

function firstIn(path: string): number | null {
  const form = /"child-pid":\s*(\d+)/.exec(readFileSync(path, "latin1"));
  return form?.[1] === undefined ? null : Number(form[1]);
}
