import { describe, expect, test } from "bun:test";
import { compared, foldersOf, lowered, sentencesIn } from "../../scripts/prose/rule.ts";

const words = (text: string, path = "src/a/b.ts"): readonly string[] =>
  sentencesIn(path, text).map((sentence) => sentence.words);

describe("sentencesIn()", () => {
  for (const word of ["What", "Whether", "Whoever", "Where", "How"]) {
    test(`sentencesIn() finds a doc comment that begins with ${word}`, () => {
      expect(words(`/** ${word} it does. */`)).toHaveLength(1);
      expect(words(`  /**\n   * ${word} it does.\n   */`)).toHaveLength(1);
      expect(words(`/** Says ${word} it does. */\n// ${word} it does.`)).toEqual([]);
    });
  }

  for (const idiom of [
    "begun anew",
    "of late",
    "a flag goes before a variable",
    "went before",
    "stand over",
    "be it one",
    "is made of",
    "Are made of",
  ]) {
    test(`sentencesIn() finds "${idiom}" in code, documents and scripts`, () => {
      for (const path of ["src/a.ts", "docs/a.md", "scripts/a.sh"]) {
        expect(words(`all\nthe same ${idiom} here`, path)).toHaveLength(1);
      }
    });
  }

  test("sentencesIn() lets words pass that only look alike", () => {
    const text = "may be items; a standing overview; made of glass; a late one; goes beforehand";
    expect(words(text)).toEqual([]);
  });

  test("sentencesIn() says on which line, and what to write", () => {
    expect(sentencesIn("src/a.ts", "\n/**\n * How.\n */\n\nis of late\n")).toEqual([
      { path: "src/a.ts", line: 3, words: '"How" begins a doc comment: name the thing' },
      { path: "src/a.ts", line: 6, words: '"of late": write "recently"' },
    ]);
  });
});

describe("compared()", () => {
  const found = ["src/a/x.ts", "src/a/b/y.ts", "src/c.ts", "README.md"].flatMap((path) =>
    sentencesIn(path, "anew"),
  );
  const counts = foldersOf(found);

  test("foldersOf() counts two levels deep, and a file of the root by itself", () => {
    expect(counts).toEqual({ "README.md": 1, src: 1, "src/a": 2 });
  });

  test("compared() is silent when each folder holds the number that it may", () => {
    expect(compared({ counts, baseline: counts, found })).toEqual([]);
    expect(compared({ counts: {}, baseline: {}, found: [] })).toEqual([]);
  });

  test("compared() names each sentence of a folder that holds one more", () => {
    expect(compared({ counts, baseline: { ...counts, "src/a": 1 }, found })).toEqual([
      "src/a: 2 sentences to mend, at most 1",
      '  src/a/x.ts:1: "anew": write "again"',
      '  src/a/b/y.ts:1: "anew": write "again"',
    ]);
  });

  test("compared() wants the baseline lowered where a folder holds one fewer", () => {
    expect(compared({ counts, baseline: { ...counts, "src/a": 3 }, found })).toEqual([
      "src/a: 2 sentences to mend, no longer 3: run npm run fix",
    ]);
  });

  test("lowered() never raises a folder, adds none, and drops those that are done", () => {
    expect(lowered({ a: 5, b: 1, new: 2 }, { a: 3, b: 2, gone: 1 })).toEqual({ a: 3, b: 1 });
  });
});
