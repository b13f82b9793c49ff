/** `peernet ask`: the facts of one session, or of every live one. On the fast path. */

import type { Answer } from "../../contract/ask.ts";
import { PeernetError } from "../../contract/errors.ts";
import { askDeadlineMs, askDeadlineMsMax, daemonSilenceMs } from "../../contract/limits.ts";
import { machineHalf } from "../../contract/text/handle.ts";
import { ago, questionKept, stateLong, took } from "../../contract/text/words.ts";
import { started } from "../../session/started.ts";
import { type Context, command } from "../frame/command.ts";
import { factColumns, factRows, harnessName } from "../frame/facts.ts";
import type { Flags } from "../frame/flags.ts";
import { isHandle } from "../frame/grammar.ts";
import type { Io } from "../terminal/io.ts";
import { note, printBlock, printJson, printLine, type Row } from "../terminal/output.ts";
import { typed } from "../terminal/text.ts";
import { threadOf } from "./thread.ts";

const flags = {
  timeout: {
    kind: "duration",
    value: "DURATION",
    summary: "how long to wait for an answer, up to 60s; 5s unless given",
  },
  thread: {
    kind: "text",
    value: "ID",
    summary: "the thread this ask belongs to, or the end of its id",
  },
} as const satisfies Flags;

/** Time that an answering daemon may take beyond the requested wait. */
const graceMs = 1_000;

type AskContext = Context<typeof flags>;

/** Asks, and shows the answer. */
export const ask = command({
  flags,
  examples: ["peernet ask", "peernet ask mini", "peernet ask mini/hydrate 'may I rebase main?'"],
  async run({ io, flags, words, json }: AskContext) {
    const { handle, question } = asked(words);
    if (flags.timeout !== null && flags.timeout > askDeadlineMsMax) {
      throw new PeernetError("bad_request", {
        message: "--timeout is at most 60s",
        hint: "peernet ask --timeout 60s",
      });
    }
    const thread_id = await threadOf(io, flags.thread);
    const timeout = flags.timeout === null ? {} : { timeout_ms: flags.timeout };
    const from = await io.session();
    const caller = from === undefined ? {} : { from };
    const input = { handle, question, thread_id, ...timeout, ...caller };
    const silenceMs = Math.min((flags.timeout ?? askDeadlineMs) + graceMs, daemonSilenceMs);
    if (handle === null && !json) {
      const { askEach } = await import("./many.ts");
      const each = await askEach(io, input, silenceMs);
      if (each !== null) return each;
    }
    const askAs = (asked: string | null) =>
      started(io, () => io.calls().ask({ ...input, handle: asked }, { silenceMs }));
    const output = await askAs(handle).catch(async (error) => {
      const { meantBy } = await import("./meant.ts");
      const meant = await meantBy(io, handle, error);
      if (meant === null) {
        const { printLastKnown } = await import("./last-known.ts");
        if (!json) await printLastKnown(io, handle, error);
        throw error;
      }
      if (meant instanceof PeernetError) throw meant;
      note(io, `${handle} is ${meant} here`);
      return askAs(meant);
    });
    if (json) printJson(io, output);
    if (!("answers" in output)) {
      if (!json) printAnswer(io, output, question !== null, await sharedOf(io, output));
      return 0;
    }
    const { exitOf, printMany } = await import("./many.ts");
    if (!json) await printMany(io, output, { handle, questioned: question !== null });
    return exitOf(output);
  },
});

function asked(words: readonly string[]) {
  const [handle, ...question] = words;
  if (handle === undefined) return { handle: null, question: null };
  const lower = handle.toLowerCase();
  if (isHandle(lower)) {
    return { handle: lower, question: question.length > 0 ? question.join(" ") : null };
  }
  const fitting = lower.replaceAll("_", "-");
  throw new PeernetError("bad_request", {
    message: isHandle(fitting)
      ? `a name has no _ in it: ${typed(handle)}`
      : `a question needs a HANDLE before it, and this is none: ${typed(handle)}`,
    hint: isHandle(fitting)
      ? `peernet ask ${fitting}`
      : "peernet ask HANDLE QUESTION, where HANDLE is as mini/hydrate: a-z, 0-9 and -",
  });
}

/** The line about files that both changed; null when there is none, and nothing is loaded. */
const sharedOf = async (io: Io, answer: Answer): Promise<string | null> =>
  answer.overlaps === undefined ? null : (await import("./shared.ts")).sharedLine(io, answer);

/** Prints one answer, and a line about files that both changed. */
export function printAnswer(
  io: Io,
  answer: Answer,
  ...[questioned, shared = null]: readonly [boolean, (string | null)?]
): void {
  const { handle, session } = answer;
  const machine = machineOf(handle);
  const startedAgo = ago(answer.answered_at_ms - session.started_at_ms);
  const head: Row = {
    cells: [
      { text: handle, style: "bold" },
      stateLong(session, answer.hidden),
      `${harnessName(session.harness, answer.hidden)}, started ${startedAgo}`,
    ],
  };
  printBlock(io, [head], [{ gap: 3 }, { gap: 3 }]);
  printLine(io);
  const sharedRows = shared === null ? [] : [{ cells: ["overlap", shared], indent: 2 }];
  printBlock(io, [...factRows(io, answer), ...sharedRows], factColumns);
  printLine(io);
  const holder = machine === null ? "this machine's daemon" : `${machine}'s daemon`;
  const held = `Facts held by ${holder}, ${took(answer.round_trip_ms)}.`;
  printLine(io, questioned ? `${held} ${questionKept(machine === null)}` : held);
  printLine(io, { text: `thread ${answer.thread_id}`, style: "dim" });
}

/** The machine half of a handle, or null when it has none. */
const machineOf = (handle: string): string | null => machineHalf(handle);
