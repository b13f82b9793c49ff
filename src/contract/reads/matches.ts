/**
 * The lines of a search, as grep prints them: each line once, with `--` between places that do not
 * touch. Pure; a match waits for the next one, whose lines it may share.
 */

import type { Match } from "./reads.ts";

/** Makes lines of matches, in their order, over any number of pages. */
export interface MatchLines {
  /** The lines of all matches but the last, whose lines depend on the next. */
  of(matches: readonly Match[]): readonly string[];
  /** The lines of the last match. */
  end(): readonly string[];
}

/** Makes the lines of one search, with or without lines around its matches. */
export function matchLines({ hasContext }: { readonly hasContext: boolean }): MatchLines {
  let held: Match | null = null;
  let last: { readonly path: string; readonly line: number } | null = null;
  const linesOf = (match: Match, next: Match | null): readonly string[] => {
    const { path, line, text, before, after } = match;
    const isSame = last?.path === path;
    const shown = isSame && last !== null ? last.line : 0;
    const from = Math.max(line - before.length, shown + 1);
    const to = Math.min(line + after.length, next?.path === path ? next.line - 1 : Infinity);
    const isApart = last !== null && (!isSame || from > shown + 1);
    last = { path, line: to };
    return [
      ...(isApart && hasContext ? ["--"] : []),
      ...before
        .slice(from - (line - before.length))
        .map((each, at) => `${path}-${from + at}-${each}`),
      `${path}:${line}:${text}`,
      ...after.slice(0, to - line).map((each, at) => `${path}-${line + 1 + at}-${each}`),
    ];
  };
  const take = (next: Match | null): readonly string[] => {
    const lines = held === null ? [] : linesOf(held, next);
    held = next;
    return lines;
  };
  return { of: (matches) => matches.flatMap(take), end: () => take(null) };
}
