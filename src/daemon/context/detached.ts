/**
 * Work that nobody awaits. Its errors are logged and end there: an uncaught exception would end the
 * daemon, and with it the answers to every other machine.
 */

import { PeernetError } from "../../contract/errors.ts";
import { complaintMs } from "../../contract/limits.ts";
import type { Effects, Log } from "../../platform/effects.ts";
import { nameOf } from "../../store/sqlite-errors.ts";

/** Runs work that nobody awaits; `of` names it in the log when it fails. */
export function detach(log: Log, of: string, run: () => unknown): void {
  const fail = (error: unknown): void => log.error("detached_failed", { of, ...causeOf(error) });
  try {
    const running = run();
    if (running instanceof Promise) running.catch(fail);
  } catch (error) {
    fail(error);
  }
}

/** Logs a failure; `of` names the failed work. */
export type Complain = (of: string, error: unknown) => void;

/** Logs failures that others can cause as often as they like, at most one in an interval. */
export function complaining({ clock, log }: Pick<Effects, "clock" | "log">): Complain {
  let nextMs = 0;
  return (of, error) => {
    const nowMs = clock.monotonicMs();
    if (nowMs < nextMs) return;
    nextMs = nowMs + complaintMs;
    log.error("request_failed", { of, ...causeOf(error) });
  };
}

/** The code of an error of ours, or the name and place of another; never its message. */
function causeOf(error: unknown): Readonly<Record<string, unknown>> {
  const known = nameOf(error);
  return known instanceof PeernetError
    ? { code: known.code }
    : { code: "internal", name: known.name, stack: known.stack ?? "" };
}
