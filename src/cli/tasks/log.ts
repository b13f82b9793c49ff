/** `peernet task log`: the output of a task's runner, which is text of the other machine. */

import { followMs, taskCallMs } from "../../contract/tasks/limits.ts";
import { started } from "../../session/started.ts";
import { type Context, command } from "../frame/command.ts";
import type { Flags } from "../frame/flags.ts";
import { interruptible, later } from "../terminal/interrupt.ts";
import { printContent, printJson } from "../terminal/output.ts";

const flags = {
  follow: { kind: "switch", summary: "go on as it grows" },
  round: { kind: "count", value: "NUMBER", summary: "an earlier round; the last one unless given" },
} as const satisfies Flags;

/** Prints the log: 0 it is whole, 5 it still grows. */
export const log = command({
  flags,
  examples: ["peernet task log loader", "peernet task log loader --follow"],
  run({ io, flags: { follow, round }, words: [task = ""], json }: Context<typeof flags>) {
    return interruptible(io, async (signal) => {
      let offset = 0;
      // The end of a line comes with the next piece.
      let rest = "";
      for (;;) {
        const input = { task, round, offset };
        const call = () => io.calls()["tasks/log"](input, { silenceMs: 2 * taskCallMs });
        const page = await started(io, call);
        if (json) printJson(io, page);
        const lines = (rest + page.text).split("\n");
        rest = lines.pop() ?? "";
        if (!json && lines.length > 0) printContent(io, lines);
        const isAtEnd = page.next >= page.total;
        offset = page.next;
        if (isAtEnd && (page.ended || !follow)) {
          if (!json && rest !== "") printContent(io, [rest]);
          return page.ended ? 0 : 5;
        }
        if (isAtEnd) await later(io, followMs, signal);
      }
    });
  },
});
