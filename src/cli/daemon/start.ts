/** `peernet start`. */

import { startAsSetUp } from "../frame/bring-up.ts";
import { command } from "../frame/command.ts";
import { printJson, printLine } from "../terminal/output.ts";
import { noteOtherVersion } from "./other-version.ts";

/** Starts the daemon, also after a stop, and returns once it listens. */
export const start = command({
  flags: {},
  async run({ io, json }) {
    const { alreadyRunning } = await startAsSetUp(io);
    // A killed keeper leaves a running daemon without anyone for its errands.
    if (alreadyRunning) await io.ensureKeeper();
    const { machine } = await io.calls().status({});
    if (json) {
      printJson(io, { already_running: alreadyRunning, machine });
      return 0;
    }
    const where =
      machine.listen.length === 0 ? "listens nowhere" : `listens on ${machine.listen.join(", ")}`;
    printLine(io, `${machine.name} ${alreadyRunning ? "already runs" : "runs"} and ${where}`);
    noteOtherVersion(io, machine.version);
    return 0;
  },
});
