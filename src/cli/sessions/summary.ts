/** `peernet summary`. */

import { selectorOf } from "../../session/caller.ts";
import { type Context, command } from "../frame/command.ts";
import type { Flags } from "../frame/flags.ts";
import { printJson, printLine } from "../terminal/output.ts";

const flags = {
  name: { kind: "text", value: "NAME", summary: "the handle; this session's unless given" },
} as const satisfies Flags;

type SummaryContext = Context<typeof flags>;

/** Sets the summary of a session. */
export const summary = command({
  flags,
  examples: ["peernet summary 'port the sync client; two tests still red'"],
  async run({ io, flags, words, json }: SummaryContext) {
    const selector = selectorOf(io, flags.name ?? undefined);
    const output = await io.calls().summary({ selector, text: words.join(" ") });
    if (json) printJson(io, output);
    else printLine(io, `${output.handle} says: ${output.summary}`);
    return 0;
  },
});
