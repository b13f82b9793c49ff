/** `peernet audit verify` and `peernet audit export`: the trail as a whole. */

import type { AuditRecord } from "../../contract/audit.ts";
import { grouped } from "../../contract/text/numeral.ts";
import { command } from "../frame/command.ts";
import { interruptible } from "../terminal/interrupt.ts";
import { failure, printJson, printJsonLines, printLine } from "../terminal/output.ts";
import { counted } from "../terminal/text.ts";

/** Checks the chain, its checkpoints and its witnesses. */
export const verify = command({
  flags: {},
  async run({ io, json }) {
    const output = await io.calls()["audit/verify"]({});
    if (json) printJson(io, output);
    if (!output.ok) {
      if (!json) {
        failure(io, {
          message: `the trail is broken at record ${output.first_bad_seq}: ${output.reason}`,
          hint: `compare with a backup: what is before record ${output.first_bad_seq} is intact`,
        });
      }
      return 1;
    }
    if (json) return 0;
    const { records, head, checkpoint_seq, witnesses } = output;
    printLine(
      io,
      `chain verified: ${counted(records, "record")}, head ${head === "" ? "none" : head}`,
    );
    printLine(
      io,
      `signed to record ${grouped(checkpoint_seq)}; ` +
        (witnesses === 0
          ? "no peer keeps a copy of that"
          : `${counted(witnesses, "peer")} ${witnesses === 1 ? "agrees" : "agree"}`),
    );
    return 0;
  },
});

/** Records written at once: the whole trail is never held, nor one line at a time written. */
const recordsAtOnce = 256;

/** Prints every record as a line of JSON, oldest first. */
export const exportTrail = command({
  flags: {},
  examples: ["peernet audit export >trail.jsonl"],
  run: ({ io }) =>
    interruptible(io, async (signal) => {
      let batch: AuditRecord[] = [];
      for await (const record of io.calls()["audit/export"]({}, { signal })) {
        batch.push(record);
        if (batch.length < recordsAtOnce) continue;
        printJsonLines(io, batch);
        batch = [];
      }
      // A stream may end quietly when it is aborted: that is not the whole trail.
      signal.throwIfAborted();
      printJsonLines(io, batch);
      return 0;
    }),
});
