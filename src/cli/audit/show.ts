/** `peernet show ID`: whatever an id is of, with its records. */

import { linesOf } from "../../contract/text/audit-lines.ts";
import { command } from "../frame/command.ts";
import { printJson, printLine } from "../terminal/output.ts";
import { printLines } from "./records.ts";

/** Shows the subject or thread of an id, or of the end of one. */
export const show = command({
  flags: {},
  examples: ["peernet show 7f3a"],
  async run({ io, words, json }) {
    const [id = ""] = words;
    const shown = await io.calls().show({ id });
    if (json) {
      printJson(io, shown);
      return 0;
    }
    printLine(io, `${shown.kind} ${shown.short} (${shown.id})`);
    printLines(io, linesOf(shown.records), null);
    return 0;
  },
});
