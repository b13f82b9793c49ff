/** Finds the known word that an unknown word resembles. Pure. */

/**
 * The nearest of the known words, or null when none is near: at most two slips, and less than half
 * of the word. A slip is an added, lost or changed letter, or two exchanged neighbours (the optimal
 * string alignment distance).
 */
export function nearest(word: string, known: readonly string[]): string | null {
  let best: { readonly word: string; readonly slips: number } | null = null;
  for (const candidate of known) {
    const slips = distance(word, candidate);
    if (slips > 2 || 2 * slips >= candidate.length) continue;
    if (best === null || slips < best.slips) best = { word: candidate, slips };
  }
  return best?.word ?? null;
}

function distance(from: string, to: string): number {
  // A word this much longer is no slip, and its table could be of any size.
  if (Math.abs(from.length - to.length) > 2) return Number.POSITIVE_INFINITY;
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let slips = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
      );
      const exchanged = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (row > 1 && column > 1 && exchanged)
        slips = Math.min(slips, at(beforeLast, column - 2) + 1);
      current.push(slips);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, to.length);
}

const at = (row: readonly number[], column: number): number =>
  row[column] ?? Number.POSITIVE_INFINITY;

/**
 * Our line for a flag of another tool, by the command and the flag. The words of other tools are in
 * `help/other-words.ts`.
 */
export const otherFlags: Readonly<Record<string, string>> = {
  // thrum
  "send --to": "peernet send MACHINE/NAME",
  "inbox --unread": "peernet inbox",
  "pair --peercode": "peernet pair",
  "pair --type": "peernet pair",
  "pair --address": "peernet pair MACHINE",
  "pair --auth-key": "peernet pair",
  // actor
  "run --host": "peernet run MACHINE:REPOSITORY",
  "run --prompt": "peernet run MACHINE:REPOSITORY PROMPT",
  // cmesh
  "run --cwd": "peernet run MACHINE:REPOSITORY",
  "run --peer": "peernet run MACHINE:REPOSITORY",
};
