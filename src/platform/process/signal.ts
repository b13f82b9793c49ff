/** Sends signals to processes of this user. Does not decide which process. */

import { errnoOf } from "../errno.ts";

/** Signals a process; does nothing when it has ended. */
export function signal(pid: number, name: "SIGTERM" | "SIGCONT" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // The process ended between the look and the signal.
    if (errnoOf(error) !== "ESRCH") throw error;
  }
}
