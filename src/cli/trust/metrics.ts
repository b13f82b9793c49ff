/** `peernet metrics`: counts of this machine, for a fleet's tool. */

import { command } from "../frame/command.ts";
import { printJson, printLine } from "../terminal/output.ts";

/** Prints the counts; starts no daemon. */
export const metrics = command({
  flags: {},
  examples: ["peernet metrics"],
  async run({ io, json }) {
    const { text } = await io.calls().metrics({});
    if (json) printJson(io, { text });
    else for (const line of text.trimEnd().split("\n")) printLine(io, line);
    return 0;
  },
});
