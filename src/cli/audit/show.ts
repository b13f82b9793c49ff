/** `peernet show ID`: the subject of an id, with its records. */

import { PeernetError } from "../../contract/errors.ts";
import { linesOf } from "../../contract/text/audit-lines.ts";
import { printable } from "../../contract/text/printable.ts";
import { command } from "../frame/command.ts";
import { printJson, printLine } from "../terminal/output.ts";
import { printLines } from "./records.ts";

/** Shows the subject or thread of an id, or of an id's ending. */
export const show = command({
  flags: {},
  examples: ["peernet show 7f3a"],
  async run({ io, words, json }) {
    const [id = ""] = words;
    // An id is hexadecimal, and needs at least its last four characters.
    if (!/^[0-9a-f-]*[0-9a-f]{4}$/i.test(id)) {
      const { peers } = await io.calls().peers({});
      throw new PeernetError("bad_request", {
        message: `${printable(id)} is no id, nor the end of one`,
        hint: peers.some(({ name }) => name === id) ? `peernet peers show ${id}` : "peernet audit",
      });
    }
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
