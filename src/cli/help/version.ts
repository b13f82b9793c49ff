/** `peernet version`. */

import { command } from "../frame/command.ts";
import { printJson, printLine } from "../terminal/output.ts";

/** Prints this executable's version; asks no daemon. */
export const version = command({
  flags: {},
  async run({ io, json }) {
    const { version, commit, bun, target } = io.version;
    if (json) printJson(io, { version, commit, bun, target });
    else printLine(io, `peernet ${version} (commit ${commit}, Bun ${bun}, ${target})`);
    return 0;
  },
});
