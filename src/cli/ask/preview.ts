/** `peernet preview`: the facts that an ask would show, and the facts that it never shows. */

import type { WireAnswer } from "../../contract/ask.ts";
import { PeernetError } from "../../contract/errors.ts";
import { ageText, ago, stateLong } from "../../contract/text/words.ts";
import { selectorOf } from "../../session/caller.ts";
import { type Context, command } from "../frame/command.ts";
import { factColumns, factRows, harnessName } from "../frame/facts.ts";
import type { Flags } from "../frame/flags.ts";
import { printBlock, printJson, printLine, type Row } from "../terminal/output.ts";

const flags = {
  as: { kind: "text", value: "PEER", summary: "as that peer would be shown it" },
} as const satisfies Flags;

type PreviewContext = Context<typeof flags>;

/** Shows the answer that an asking peer would get; with JSON, its exact bytes. */
export const preview = command({
  flags,
  examples: ["peernet preview", "peernet preview hydrate --as laptop"],
  async run({ io, flags, words, json }: PreviewContext) {
    const [name = null] = words;
    const session = selectorOf(io, name ?? undefined);
    const { handle, answer } = await io
      .calls()
      .preview({ name, as: flags.as, session })
      .catch((error) => {
        throw previewed(error);
      });
    if (json) {
      printJson(io, answer);
      return 0;
    }
    const who = flags.as ?? "A peer that may ask";
    printLine(io, `${who} is shown of ${handle}`);
    printLine(io);
    printBlock(io, [sessionRow(answer), ...factRows(io, answer), leaseRow(answer)], factColumns);
    printLine(io);
    printLine(io, `and never: ${neverShown}`);
    return 0;
  },
});

/** The refusal of a session without a handle, with the command that shows a live one. */
function previewed(error: unknown): unknown {
  if (!(error instanceof PeernetError) || error.code !== "handle_unknown") return error;
  const { code, message, details } = error;
  const live = details?.live;
  const [first] = Array.isArray(live) ? live : [];
  if (typeof first !== "string") return error;
  return new PeernetError(code, { message, hint: `peernet preview ${first}`, details: { live } });
}

const neverShown =
  "prompts, replies, file names, contents, the folder's path, process ids, session ids";

const sessionRow = ({ session, hidden }: WireAnswer): Row => ({
  cells: [
    "session",
    `${stateLong(session, hidden)}, ${harnessName(session.harness, hidden)}`,
    `started ${ago(session.started_age_ms)}`,
  ],
  indent: 2,
});

const leaseRow = ({ lease }: WireAnswer): Row => ({
  cells: [
    "lease",
    `ends in ${ageText(lease.expires_in_ms)}`,
    `renewed ${ago(lease.renewed_age_ms)}`,
  ],
  indent: 2,
});
