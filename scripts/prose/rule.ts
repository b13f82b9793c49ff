/** The rule of prose: which sentences break it, and how many of them a folder may still hold. */

/** A sentence that breaks the rule. */
export interface Sentence {
  readonly path: string;
  readonly line: number;
  /** The words to replace. */
  readonly words: string;
}

/** The number of sentences that break the rule, by folder. */
export type Counts = Readonly<Record<string, number>>;

/** A doc comment names the thing; one that begins so names none. */
const questionWord = /\/\*\*[\s*]*(What|Whether|Whoever|Where|How)\b/g;

/** Each with the word to write in its place. */
const idioms: readonly (readonly [RegExp, string])[] = [
  [/\banew\b/gi, "again"],
  [/\bof late\b/gi, "recently"],
  [/\b(?:go|goes|went|going) before\b/gi, "precedes"],
  [/\b(?:stand|stands|stood|standing) over\b/gi, "overrides"],
  [/\bbe it\b/gi, "even"],
  [/\b(?:is|are|was|were|be) made of\b/gi, "consists of"],
];

/** Finds the sentences of a file that break the rule. */
export function sentencesIn(path: string, text: string): readonly Sentence[] {
  const lineAt = (index: number): number => text.slice(0, index).split("\n").length;
  const comments = /\.tsx?$/.test(path) ? [...text.matchAll(questionWord)] : [];
  const begun = comments.map(({ 0: match, 1: word = "", index }) => ({
    path,
    line: lineAt(index + match.length),
    words: `"${word}" begins a doc comment: name the thing`,
  }));
  const said = idioms.flatMap(([pattern, instead]) =>
    [...text.matchAll(pattern)].map(({ 0: match, index }) => ({
      path,
      line: lineAt(index),
      words: `"${match}": write "${instead}"`,
    })),
  );
  return [...begun, ...said];
}

/** The folder that a file is counted in: two levels deep, such as `src/daemon`. */
export const folderOf = (path: string): string =>
  path.split("/").slice(0, -1).slice(0, 2).join("/") || path;

/** Counts sentences by folder. */
export function foldersOf(found: readonly Sentence[]): Counts {
  const folders = Map.groupBy(found, ({ path }) => folderOf(path));
  return Object.fromEntries([...folders].map(([folder, { length }]) => [folder, length]).sort());
}

/** The baseline, with each folder at most at its count; folders without a sentence are gone. */
export function lowered(counts: Counts, baseline: Counts): Counts {
  const left = Object.entries(baseline).map(
    ([folder, allowed]) => [folder, Math.min(allowed, counts[folder] ?? 0)] as const,
  );
  return Object.fromEntries(left.filter(([, count]) => count > 0));
}

/** The sentences that were found and the numbers allowed. */
export interface Comparison {
  readonly counts: Counts;
  readonly baseline: Counts;
  readonly found: readonly Sentence[];
}

/** Says of each folder that holds another number than it may what to do; empty when all agree. */
export function compared({ counts, baseline, found }: Comparison): readonly string[] {
  const folders = [...new Set([...Object.keys(counts), ...Object.keys(baseline)])].sort();
  return folders.flatMap((folder) => {
    const [count, allowed] = [counts[folder] ?? 0, baseline[folder] ?? 0];
    if (count < allowed) {
      return [`${folder}: ${count} sentences to mend, no longer ${allowed}: run npm run fix`];
    }
    if (count === allowed) return [];
    const lines = found
      .filter(({ path }) => folderOf(path) === folder)
      .map(({ path, line, words }) => `  ${path}:${line}: ${words}`);
    return [`${folder}: ${count} sentences to mend, at most ${allowed}`, ...lines];
  });
}
