/** `peernet ask`: the facts of one session, or of every live one. On the fast path. */

import type { Answer, AnswerMany } from "../../contract/ask.ts";
import { errorTable, isErrorCode, PeernetError } from "../../contract/errors.ts";
import { askDeadlineMs, askDeadlineMsMax, daemonSilenceMs } from "../../contract/limits.ts";
import { machineHalf } from "../../contract/text/handle.ts";
import { standingOf } from "../../contract/text/standing.ts";
import { ago, questionKept, stateLong, took } from "../../contract/text/words.ts";
import { started } from "../../session/started.ts";
import { type Context, command } from "../frame/command.ts";
import {
  factColumns,
  factRows,
  gitShort,
  harnessName,
  isNarrow,
  nothing,
  stateCell,
} from "../frame/facts.ts";
import type { Flags } from "../frame/flags.ts";
import { isHandle } from "../frame/grammar.ts";
import type { Io } from "../terminal/io.ts";
import {
  note,
  printBlock,
  printJson,
  printLine,
  printTable,
  type Row,
} from "../terminal/output.ts";
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
    const input = {
      handle,
      question,
      thread_id,
      ...(flags.timeout === null ? {} : { timeout_ms: flags.timeout }),
    };
    const silenceMs = Math.min((flags.timeout ?? askDeadlineMs) + graceMs, daemonSilenceMs);
    const askAs = (asked: string | null) =>
      started(io, () => io.calls().ask({ ...input, handle: asked }, { silenceMs }));
    const output = await askAs(handle).catch(async (error) => {
      const { meantBy } = await import("./meant.ts");
      const meant = await meantBy(io, handle, error);
      if (meant === null) throw error;
      if (meant instanceof PeernetError) throw meant;
      note(io, `${handle} is ${meant} here`);
      return askAs(meant);
    });
    if (json) printJson(io, output);
    if (!("answers" in output)) {
      if (!json) printAnswer(io, output, question !== null);
      return 0;
    }
    const empty = output.asked === 0 && output.errors.length === 0;
    if (empty && !json) throw await nothingToAsk(io, handle);
    if (!json) printMany(io, output, question !== null);
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

/** Prints one answer. */
export function printAnswer(io: Io, answer: Answer, questioned: boolean): void {
  const { handle, session } = answer;
  const machine = machineOf(handle);
  const startedAgo = ago(answer.answered_at_ms - session.started_at_ms);
  const head: Row = {
    cells: [
      { text: handle, style: "bold" },
      stateLong(session.state, session.state_for_ms),
      `${harnessName(session.harness)}, started ${startedAgo}`,
    ],
  };
  printBlock(io, [head], [{ gap: 3 }, { gap: 3 }]);
  printLine(io);
  printBlock(io, factRows(io, answer), factColumns);
  printLine(io);
  const holder = machine === null ? "this machine's daemon" : `${machine}'s daemon`;
  const held = `Facts held by ${holder}, ${took(answer.round_trip_ms)}.`;
  printLine(io, questioned ? `${held} ${questionKept(machine === null)}` : held);
  printLine(io, { text: `thread ${answer.thread_id}`, style: "dim" });
}

/** The machine half of a handle, or null when it has none. */
const machineOf = (handle: string): string | null => machineHalf(handle);

const columns = [{ gap: 3 }, { gap: 3, min: 14 }, { gap: 3, min: 19, max: 32 }];

function printMany(io: Io, many: AnswerMany, questioned: boolean): void {
  const failed = many.errors.map((each) => ({
    cells: [each.handle, { text: whyNot(each), style: "bad" } as const],
  }));
  if (isNarrow(io)) printTable(io, [...many.answers.flatMap(narrowRows), ...failed], [{ gap: 2 }]);
  else printTable(io, [heads, ...many.answers.map(wideRow), ...failed], columns);
  const counts = `${many.asked} asked, ${many.answered} answered`;
  // All were asked at once: the slowest determines the duration.
  const slowest = Math.max(...many.answers.map((answer) => answer.round_trip_ms));
  printLine(io, many.answers.length === 0 ? counts : `${counts} · ${took(slowest)}`);
  if (questioned) printLine(io, questionKept(false));
  const [first] = many.errors;
  if (many.answered === 0 && first !== undefined) note(io, `peernet: hint: ${first.error.hint}`);
}

const heads: Row = {
  cells: ["HANDLE", "STATE", "GIT", "SUMMARY"].map((text) => ({ text, style: "dim" })),
};

const wideRow = ({ handle, session, git, summary }: Answer): Row => ({
  cells: [
    { text: handle, style: "bold" },
    stateCell(session.harness, session.state, session.state_for_ms),
    gitShort(git),
    summary?.text ?? nothing,
  ],
});

/** The summary on a line of its own, and no git: the requested facts come first. */
const narrowRows = ({ handle, session, summary }: Answer): readonly Row[] => [
  {
    cells: [
      { text: handle, style: "bold" },
      stateCell(session.harness, session.state, session.state_for_ms),
    ],
  },
  ...(summary === null ? [] : [{ cells: [summary.text], indent: 2 }]),
];

/**
 * The reason of a missing answer: a machine that is down is no error of the others. One short line,
 * without repeating its name.
 */
function whyNot({ handle, error, standing, last_seen_age_ms }: AnswerMany["errors"][number]) {
  if (standing !== undefined) {
    // A dial that has just failed tells more than the link before it.
    const link = standing.link === "up" ? "down" : standing.link;
    const { phrases } = standingOf({ ...standing, link, name: handle, last_seen_age_ms });
    return [link, ...phrases].join(", ");
  }
  const isNamed = error.message.startsWith(`${handle} `);
  return isNamed ? error.message.slice(handle.length + 1) : error.message;
}

function exitOf(many: AnswerMany): number {
  if (many.answered > 0) return 0;
  const [first] = many.errors;
  if (first === undefined) return errorTable.handle_unknown.exit;
  return isErrorCode(first.error.code) ? errorTable[first.error.code].exit : 70;
}

/** The reason why there was nothing to ask: no peer, or none with a live handle. */
async function nothingToAsk(io: Io, handle: string | null): Promise<PeernetError> {
  if (handle !== null) {
    const machine = machineOf(handle) ?? handle;
    return new PeernetError("handle_unknown", {
      message: `${machine} has no live handle`,
      hint: `on ${machine} run: peernet activate`,
    });
  }
  const { peers } = await io.calls().peers({});
  const [first] = peers;
  if (first === undefined) {
    return new PeernetError("peer_unknown", {
      message: "no machine is paired with this one",
      hint: "peernet pair",
    });
  }
  return new PeernetError("handle_unknown", {
    message: `no live handle on ${peers.map((peer) => peer.name).join(", ")}`,
    hint: `on ${first.name} run: peernet activate`,
  });
}
