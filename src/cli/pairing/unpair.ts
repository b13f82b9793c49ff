/** `peernet unpair`. */

import type { Control } from "../../contract/control.ts";
import { PeernetError } from "../../contract/errors.ts";
import type { OutputOf } from "../../contract/operation/operation.ts";
import { command } from "../frame/command.ts";
import { noteLooseNames } from "../frame/policy-names.ts";
import { note, printJson, printLine, prompt } from "../terminal/output.ts";
import { counted } from "../terminal/text.ts";

/** Ends a pairing, after a person's yes. */
export const unpair = command({
  flags: { yes: { kind: "switch", summary: "do not ask first" } },
  examples: ["peernet unpair server", "peernet unpair server --yes"],
  async run({ io, flags, words, json }) {
    const [name = ""] = words;
    if (!flags.yes) {
      if (!io.terminal().stdin) {
        throw new PeernetError("bad_request", {
          message: "unpair asks first, and there is no terminal to ask at",
          hint: `peernet unpair ${name} --yes`,
        });
      }
      const reply = await prompt(io, `Unpair ${name}? Its connections close at once. [y/N] `);
      if (!/^y(es)?$/i.test(reply?.trim() ?? "")) {
        note(io, `nothing changed: ${name} is still paired`);
        return 1;
      }
    }
    const output = await io.calls().unpair({ name });
    if (json) printJson(io, output);
    else {
      printLine(io, unpaired(output));
      await noteLooseNames(io);
    }
    return 0;
  },
});

function unpaired(output: OutputOf<Control["unpair"]>): string {
  const { name, told, ended_there, connections_closed, records_kept } = output;
  const closed =
    connections_closed === 0
      ? "no connection was live"
      : `${counted(connections_closed, "live connection")} closed`;
  const kept = `Its ${counted(records_kept, "record")} ${records_kept === 1 ? "is" : "are"} kept.`;
  const ended = `${name} had ended it already`;
  const heard = ended_there === true ? ended : `${name} ${told ? "was" : "could not be"} told`;
  return `${name} may no longer ask; ${closed}; ${heard}. ${kept}`;
}
