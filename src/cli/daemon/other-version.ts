/** What a person is told where the daemon is not of the version that asks, as after an update. */

import type { Io } from "../terminal/io.ts";
import { note } from "../terminal/output.ts";

/** Names both versions and the restart; nothing where they are the same. */
export function noteOtherVersion(io: Io, running: string): void {
  const own = io.version.version;
  if (running === own) return;
  note(io, `the daemon is ${running}, this command ${own}`);
  note(io, "to restart it: peernet stop && peernet start");
}
