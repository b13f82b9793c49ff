/**
 * Searches the files of a commit line by line. A pattern that is too expensive makes the answer
 * incomplete, never empty: the runtime's expressions give up in silence. The keeper ends a reader
 * whose pattern does not return.
 */

import {
  operationMs,
  patternLineMs,
  readFileBytesMax,
  readReplyBytesMax,
  searchBytesMax,
  searchLineCharactersMax,
  searchMatchesMax,
  searchTriedCharactersMax,
} from "../../contract/reads/limits.ts";
import type { GrepInput, Incomplete, Match, OperationEnd } from "../../contract/reads/reads.ts";
import type { Clock } from "../../platform/effects.ts";
import { isBinary, type Readable } from "./file.ts";

/** A search under way. */
interface Search {
  readonly input: GrepInput;
  readonly clock: Clock;
  readonly untilMs: number;
  readonly tests: (line: string) => boolean;
  readonly matches: Match[];
  /** Matches to pass over: those of the pages before. */
  toSkip: number;
  left: number;
  found: number;
  files: number;
  bytes: number;
  incomplete: Incomplete | null;
}

/** Searches, a page of matches at a time. */
export async function search(
  readable: Readable,
  input: GrepInput,
  clock: Clock,
): Promise<OperationEnd> {
  const tests = testOf(input);
  if (tests === null) return { end: "bad_pattern" };
  const glob = input.glob === null ? null : new Bun.Glob(input.glob);
  const entries = [...readable.commit.entries.values()].filter(
    ({ path, kind }) =>
      kind === "file" && (glob === null || glob.match(path)) && !readable.isDenied(path),
  );
  const from = Number(input.cursor ?? 0);
  const state: Search = {
    ...{ input, clock, tests, untilMs: clock.monotonicMs() + operationMs, matches: [] },
    ...{ toSkip: from, left: readReplyBytesMax, found: 0, files: 0, bytes: 0, incomplete: null },
  };
  for (let at = 0; at < entries.length && state.incomplete === null; at += portion) {
    await searchSome(readable, state, entries.slice(at, at + portion));
  }
  const { matches, files, incomplete, found } = state;
  const cursor = incomplete === "more" ? String(from + matches.length) : null;
  const total = incomplete === null ? found : null;
  return { end: "grep", value: { matches, files, incomplete, total, cursor } };
}

/** Files whose sizes are asked at once. */
const portion = 512;

type Files = readonly { readonly path: string; readonly name: string }[];

async function searchSome({ objects }: Readable, state: Search, files: Files): Promise<void> {
  const heads = await objects.heads(files.map(({ name }) => name));
  const small = files.filter((_, at) => {
    const head = heads[at];
    return head?.type === "blob" && head.bytes <= readFileBytesMax;
  });
  let at = 0;
  for await (const object of objects.contents(small.map(({ name }) => name))) {
    const file = small[at++];
    // Git's answers are read to their end: the next operation begins after them.
    if (object === null || file === undefined || state.incomplete !== null) continue;
    state.bytes += object.bytes;
    if (state.bytes > searchBytesMax) state.incomplete = "too_much";
    else if (state.clock.monotonicMs() > state.untilMs) state.incomplete = "deadline";
    else if (!isBinary(object.body)) searchFile(state, file.path, object.body);
  }
}

function searchFile(state: Search, path: string, body: Buffer): void {
  const { input, clock } = state;
  state.files += 1;
  if (!input.regexp && !body.includes(input.pattern)) return;
  // A line feed ends a line; it begins none.
  const lines = body.toString("utf8").replace(/\n$/, "").split("\n");
  for (const [at, line] of lines.entries()) {
    const startedMs = clock.monotonicMs();
    const isMatch = state.tests(line.slice(0, searchTriedCharactersMax));
    const endedMs = clock.monotonicMs();
    if (endedMs - startedMs > patternLineMs) state.incomplete = "pattern_too_expensive";
    else if (endedMs > state.untilMs) state.incomplete = "deadline";
    if (isMatch) addMatch(state, { path, at, lines });
    if (state.incomplete !== null) return;
  }
}

function addMatch(
  state: Search,
  { path, at, lines }: { readonly path: string; readonly at: number; readonly lines: string[] },
): void {
  state.found += 1;
  if (state.toSkip > 0) {
    state.toSkip -= 1;
    return;
  }
  const { context } = state.input;
  const cut = (text: string): string => text.slice(0, searchLineCharactersMax).toWellFormed();
  const match: Match = {
    ...{ path, line: at + 1, text: cut(lines[at] ?? "") },
    before: lines.slice(Math.max(0, at - context), at).map(cut),
    after: lines.slice(at + 1, at + 1 + context).map(cut),
  };
  const bytes = Buffer.byteLength(JSON.stringify(match)) + 1;
  if (state.matches.length >= searchMatchesMax || state.left < bytes) state.incomplete = "more";
  else {
    state.left -= bytes;
    state.matches.push(match);
  }
}

/** The test of one line; null for an expression that is none. */
function testOf({ pattern, regexp }: GrepInput): ((line: string) => boolean) | null {
  if (!regexp) return (line) => line.includes(pattern);
  try {
    const expression = new RegExp(pattern, "u");
    return (line) => expression.test(line);
  } catch {
    return null;
  }
}
