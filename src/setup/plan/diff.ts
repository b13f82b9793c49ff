/**
 * The lines that differ between two texts, as `diff -u` shows them, and their masking in files that
 * hold other people's settings. Pure.
 */

/** Lines of context around each difference. */
const around = 3;

interface Line {
  readonly mark: " " | "-" | "+";
  readonly text: string;
}

/** The differing lines, marked `-` and `+`, with some context; empty when the texts match. */
export function diff(before: string | null, after: string): readonly string[] {
  const lines = compared(linesOf(before ?? ""), linesOf(after));
  const shown = lines.map((_, at) =>
    lines.slice(Math.max(0, at - around), at + around + 1).some(({ mark }) => mark !== " "),
  );
  return lines.flatMap(({ mark, text }, at) => {
    if (!shown[at]) return [];
    const isGap = at > 0 && !shown[at - 1];
    return isGap ? ["@@", `${mark}${text}`] : [`${mark}${text}`];
  });
}

/** Values that peernet writes itself, so that a diff may always show them. */
const plain: ReadonlySet<string> = new Set(["command", "stdio", "local", "mcp", "*"]);
/** A string, and the separator that makes it a key. */
const strings = /("(?:[^"\\]|\\.)*"|'[^']*')(\s*[:=])?/g;

/**
 * Lines of an agent's file with `…` in place of each string value that it held. Those values
 * include tokens, and the reader of the diff may be a model. Entries that name peernet stay
 * visible.
 */
export function veiled(lines: readonly string[], before: string | null): readonly string[] {
  const known = new Set(
    linesOf(before ?? "").flatMap((line) => [...line.matchAll(strings)].map(([, each]) => each)),
  );
  return lines.map((line) =>
    line.replace(strings, (whole: string, written: string, colon?: string) => {
      const isShown = colon !== undefined || !known.has(written) || written.includes("peernet");
      return isShown || plain.has(written.slice(1, -1)) ? whole : '"…"';
    }),
  );
}

const linesOf = (text: string): readonly string[] =>
  text === "" ? [] : text.replace(/\n$/, "").split("\n");

/**
 * Compares two texts: skips the common start and end, and lists removed and added lines between.
 */
function compared(before: readonly string[], after: readonly string[]): readonly Line[] {
  const same = (text: string): Line => ({ mark: " ", text });
  let start = 0;
  while (start < Math.min(before.length, after.length) && before[start] === after[start]) start++;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end++;
  return [
    ...before.slice(0, start).map(same),
    ...between(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(same),
  ];
}

/** Advances both sides to the next line that they share. */
function between(before: readonly string[], after: readonly string[]): readonly Line[] {
  const lines: Line[] = [];
  let [from, to] = [0, 0];
  while (from < before.length || to < after.length) {
    const shared = after.findIndex((line, at) => at >= to && line === before[from]);
    if (from < before.length && shared < 0) lines.push({ mark: "-", text: before[from++] ?? "" });
    else if (from >= before.length || to < shared) {
      lines.push({ mark: "+", text: after[to++] ?? "" });
    } else {
      lines.push({ mark: " ", text: after[to++] ?? "" });
      from++;
    }
  }
  return lines;
}
