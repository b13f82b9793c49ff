/**
 * The answers of several sessions, and an ask of every machine that prints each answer as it
 * arrives.
 */

import type { Answer, AnswerMany } from "../../contract/ask.ts";
import type { Control } from "../../contract/control.ts";
import { errorTable, isErrorCode, PeernetError } from "../../contract/errors.ts";
import type { Calls } from "../../contract/operation/operation.ts";
import type { Peer } from "../../contract/peer.ts";
import { told, toldText } from "../../contract/text/fact-groups.ts";
import { machineHalf } from "../../contract/text/handle.ts";
import { standingOf } from "../../contract/text/standing.ts";
import { questionKept, stateShort, took } from "../../contract/text/words.ts";
import { started } from "../../session/started.ts";
import { gitShort, isNarrow, nothing } from "../frame/facts.ts";
import type { Io } from "../terminal/io.ts";
import { type Column, note, printLine, printTable, type Row } from "../terminal/output.ts";
import { widthOf } from "../terminal/text.ts";
import { lastKnownRows } from "./last-known.ts";

type AskInput = Parameters<Calls<Control>["ask"]>[0];

/** The person's words that decide the output. */
interface Asked {
  readonly handle: string | null;
  readonly questioned: boolean;
}

/**
 * Asks every paired machine at once and prints the answers of each as they arrive, so that a silent
 * machine delays no other's. Returns the exit code, or null when fewer than two machines are paired
 * and none was asked.
 */
export async function askEach(io: Io, input: AskInput, silenceMs: number): Promise<number | null> {
  const { peers } = await started(io, () => io.calls().peers({}));
  if (peers.length < 2) return null;
  const thread_id = input.thread_id ?? io.newId();
  const columns = columnsFor(peers);
  const parts: AnswerMany[] = [];
  await Promise.all(
    peers.map(async ({ name }) => {
      const asked = { ...input, thread_id, handle: `${name}/` };
      const part = await io.calls().ask(asked, { silenceMs });
      if (!("answers" in part)) return;
      const isFirst = parts.every(isEmpty) && !isEmpty(part);
      parts.push(part);
      if (!isEmpty(part)) printRows(io, part, { columns, headed: isFirst });
    }),
  );
  const many = sumOf(parts);
  if (isEmpty(many)) throw nothingOn(peers);
  printSum(io, many, false);
  return exitOf(many);
}

const isEmpty = ({ asked, errors }: AnswerMany): boolean => asked === 0 && errors.length === 0;

const sumOf = (parts: readonly AnswerMany[]): AnswerMany => ({
  answers: parts.flatMap(({ answers }) => answers),
  errors: parts.flatMap(({ errors }) => errors),
  asked: parts.reduce((sum, { asked }) => sum + asked, 0),
  answered: parts.reduce((sum, { answered }) => sum + answered, 0),
});

/** Prints the answers of one ask. @throws {handle_unknown} {peer_unknown} when nothing was asked */
export async function printMany(io: Io, many: AnswerMany, asked: Asked): Promise<void> {
  if (isEmpty(many)) throw await nothingToAsk(io, asked.handle);
  printRows(io, many, { columns: columnsFor([]), headed: true });
  printSum(io, many, asked.questioned);
}

/** The layout of answers that arrive one after the other: wide enough for all handles. */
function columnsFor(peers: readonly Peer[]): readonly Column[] {
  const names = peers.flatMap(({ name, handles, last_known }) =>
    [{ handle: name }, ...handles, ...(last_known?.handles ?? [])].map((each) => each.handle),
  );
  const widest = Math.max(0, ...names.map(widthOf));
  return [
    { gap: 3, min: widest },
    { gap: 3, min: 14 },
    { gap: 3, min: 19, max: 32 },
  ];
}

interface Layout {
  readonly columns: readonly Column[];
  /** True to print the names of the columns first. */
  readonly headed: boolean;
}

function printRows(io: Io, many: AnswerMany, { columns, headed }: Layout): void {
  const failed = many.errors.flatMap((each): readonly Row[] => [
    { cells: [each.handle, { text: whyNot(each), style: "bad" }] },
    ...lastKnownRows(each.last_known, isNarrow(io)),
  ]);
  if (isNarrow(io)) {
    const [handle = { gap: 2 }] = columns;
    const rows = [...many.answers.flatMap(narrowRows), ...failed];
    printTable(io, rows, [{ ...handle, gap: 2 }]);
    return;
  }
  const head = headed ? [heads] : [];
  printTable(io, [...head, ...many.answers.map(wideRow), ...failed], columns);
}

/** The last lines: the number of answers, and the next step when there are none. */
function printSum(io: Io, many: AnswerMany, questioned: boolean): void {
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

const wideRow = ({ handle, session, git, summary, hidden }: Answer): Row => ({
  cells: [
    { text: handle, style: "bold" },
    stateShort(session, hidden),
    gitShort(git, hidden),
    toldText(told(summary, { of: "summary", hidden, why: nothing }), ({ text }) => text),
  ],
});

/** The summary on a line of its own, and no git: the requested facts come first. */
const narrowRows = ({ handle, session, summary, hidden }: Answer): readonly Row[] => [
  {
    cells: [{ text: handle, style: "bold" }, stateShort(session, hidden)],
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

/** The exit code of an ask of several: that of the first error when nobody answered. */
export function exitOf(many: AnswerMany): number {
  if (many.answered > 0) return 0;
  const [first] = many.errors;
  if (first === undefined) return errorTable.handle_unknown.exit;
  return isErrorCode(first.error.code) ? errorTable[first.error.code].exit : 70;
}

/** The reason why there was nothing to ask: no peer, or none with a live handle. */
async function nothingToAsk(io: Io, handle: string | null): Promise<PeernetError> {
  if (handle === null) return nothingOn((await io.calls().peers({})).peers);
  const machine = machineHalf(handle) ?? handle;
  return new PeernetError("handle_unknown", {
    message: `${machine} has no live handle`,
    hint: `on ${machine} run: peernet activate`,
  });
}

function nothingOn(peers: readonly Peer[]): PeernetError {
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
