/** `peernet untrust`: expects a machine no longer. */

import { PeernetError } from "../../contract/errors.ts";
import { started } from "../../session/started.ts";
import { command } from "../frame/command.ts";
import { isName } from "../frame/grammar.ts";
import { printJson, printLine } from "../terminal/output.ts";

/** Ends an expectation. */
export const untrust = command({
  flags: {},
  examples: ["peernet untrust sha256:Jq3vKx9mPZ0c2LtR7yWb1HnUeXo4sDfG8aVhCiT5kQE"],
  async run({ io, words: [fingerprint = ""], json }) {
    if (isName(fingerprint)) {
      throw new PeernetError("bad_request", {
        message: `untrust takes a fingerprint, and ${fingerprint} is a name`,
        hint: `peernet unpair ${fingerprint}`,
      });
    }
    const output = await started(io, () => io.calls().untrust({ fingerprint }));
    if (json) printJson(io, output);
    else printLine(io, `${output.name ?? output.fingerprint} is no longer expected`);
    return 0;
  },
});
