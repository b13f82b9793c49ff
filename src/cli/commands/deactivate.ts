/** `peernet deactivate`. */

import { command } from "../command.ts";
import { printJson, printLine } from "../output.ts";
import { selectorOf } from "../session.ts";

/** Releases a session's lease. */
export const deactivate = command({
  flags: {},
  examples: ["peernet deactivate", "peernet deactivate hydrate"],
  async run({ io, words, json }) {
    const output = await io.calls().deactivate(selectorOf(io, words[0]));
    if (json) printJson(io, output);
    else printLine(io, `${output.handle} is no longer live`);
    return 0;
  },
});
