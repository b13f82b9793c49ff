/** `peernet id`: this machine's fingerprint, by which others trust it. */

import { started } from "../../session/started.ts";
import { command } from "../frame/command.ts";
import { printJson, printLine } from "../terminal/output.ts";

/** Prints this machine's fingerprint. */
export const id = command({
  flags: {},
  examples: ["peernet id"],
  async run({ io, json }) {
    const { machine } = await started(io, () => io.calls().status({}));
    const { name, fingerprint } = machine;
    if (json) printJson(io, { name, fingerprint });
    else printLine(io, fingerprint);
    return 0;
  },
});
