/**
 * The warning for a person when the daemon's version differs from this program's, as after an
 * update.
 */

import type { Io } from "../terminal/io.ts";
import { note } from "../terminal/output.ts";

/** Names both versions and the restart; prints nothing when they are equal. */
export function noteOtherVersion(io: Io, running: string): void {
  const own = io.version.version;
  if (running === own) return;
  note(io, `the daemon is ${running}, this command ${own}`);
  note(io, "to restart it: peernet stop && peernet start");
}
