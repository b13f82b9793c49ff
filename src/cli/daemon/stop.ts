/** `peernet stop`. */

import { command } from "../frame/command.ts";
import { note, printJson, printLine } from "../terminal/output.ts";

/** Stops the daemon and returns once it is gone. */
export const stop = command({
  flags: {},
  async run({ io, json }) {
    const { unremembered } = await io.stopDaemon();
    if (json) {
      printJson(io, { stopping: true, unremembered });
      return 0;
    }
    printLine(io, "the daemon is stopped");
    if (unremembered === null) note(io, "it stays stopped until: peernet start");
    else {
      const why = `that was not noted in ${io.home} (${unremembered})`;
      note(io, `${why}: the next command may start it again`);
    }
    return 0;
  },
});
