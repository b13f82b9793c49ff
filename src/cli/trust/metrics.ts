/** `peernet metrics`: counts of this machine, for a fleet's tool. */

import { command } from "../frame/command.ts";
import { printJson } from "../terminal/output.ts";

/** Prints the counts; starts no daemon. */
export const metrics = command({
  flags: {},
  examples: ["peernet metrics"],
  async run({ io, json }) {
    const { text } = await io.calls().metrics({});
    if (json) printJson(io, { text });
    else io.out(text);
    return 0;
  },
});
