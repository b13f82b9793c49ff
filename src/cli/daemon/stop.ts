/** `peernet stop`. */

import { command } from "../frame/command.ts";
import { note, printJson, printLine } from "../terminal/output.ts";

/** Stops the daemon and returns once it is gone. */
export const stop = command({
  flags: {},
  async run({ io, json }) {
    await io.stopDaemon();
    if (json) {
      printJson(io, { stopping: true });
      return 0;
    }
    printLine(io, "the daemon is stopped");
    note(io, "it stays stopped until: peernet start");
    return 0;
  },
});
