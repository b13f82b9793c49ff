import { describe, expect, test } from "bun:test";
import type { ReadOutput } from "../../../../src/contract/reads/local.ts";
import { fileLines } from "../../../../src/contract/reads/words.ts";
import {
  entriesOf,
  extentText,
  foldersTo,
  joined,
  patternOf,
} from "../../../../src/dashboard/page/files/joined.ts";

type Answer = ReadOutput["answer"];

const answered = (answer: Answer): ReadOutput => ({
  ...{ machine: "mini", repository: "hydrate", sha: "91c0d7e0aa0000000000000000000000000000aa" },
  ...{ ref: null, age_ms: 0, wall: "bwrap", uncommitted: [], answer },
});

const fileOf = (text: string | null, more: Partial<Answer> = {}): Answer =>
  // The tests name fields of a file alone.
  ({
    ...{ op: "file", path: "a", kind: "text", bytes: 1_234, first_line: 1, text },
    ...{ incomplete: null, total: 4, cursor: null, ...more },
  }) as Answer;

const pathsOf = (paths: string[], total: number | null, incomplete: "more" | "deadline" | null) =>
  ({ op: "glob", paths, total, incomplete, cursor: null }) satisfies Answer;

describe("joined()", () => {
  test("keeps an empty line at the end of a page, and the first line's number", () => {
    const first = answered(fileOf("a\n", { incomplete: "more", cursor: "2" }));
    const whole = joined(first, answered(fileOf("c\nd\n", { first_line: 3 }))).answer;
    expect(whole).toMatchObject({ first_line: 1, incomplete: null });
    expect(whole.op === "file" && fileLines(whole)).toEqual(["a", "", "c", "d"]);
    expect(extentText(whole)).toBe("4 lines, 1,234 bytes");
  });

  test("lets an answer of another operation take the place", () => {
    const next = answered(pathsOf([], 0, null));
    expect(joined(answered(fileOf("a")), next)).toEqual(next);
  });
});

describe("extentText()", () => {
  const cases: readonly (readonly [Answer, string])[] = [
    [
      fileOf("a\n", { incomplete: "more", cursor: "2" }),
      "lines 1–2 of 4, 1,234 bytes; incomplete: there is more",
    ],
    [fileOf("d\n", { first_line: 4 }), "lines 4–4 of 4, 1,234 bytes"],
    [fileOf(null, { total: null }), "1,234 bytes"],
    [pathsOf([], 0, null), "no path"],
    [pathsOf(["a"], 1, null), "1 path"],
    [pathsOf(["a", "b"], 1_500, "more"), "2 of 1,500 paths; incomplete: there is more"],
    [pathsOf(["a", "b"], null, "deadline"), "2 paths; incomplete: the time of one search was up"],
    [
      { op: "grep", matches: [], files: 1, total: 0, incomplete: null, cursor: null },
      "no match in 1 searched file",
    ],
  ];
  for (const [answer, text] of cases) {
    test(`says ${text}`, () => expect(extentText(answer)).toBe(text));
  }
});

describe("entriesOf()", () => {
  test("names each folder once, before the files, and nothing of another folder", () => {
    const paths = ["b.ts", "src/a.ts", "src/core/b.ts", "src/core/c.ts", "srcs/d.ts"];
    expect(entriesOf(paths, "").map(({ path }) => path)).toEqual(["src/", "srcs/", "b.ts"]);
    expect(entriesOf(paths, "src/")).toEqual([
      { name: "core/", path: "src/core/", isFolder: true },
      { name: "a.ts", path: "src/a.ts", isFolder: false },
    ]);
  });

  test("keeps apart a file and a folder of one name, as a hostile answer has them", () => {
    expect(entriesOf(["a", "a/b", "__proto__"], "").map(({ path }) => path)).toEqual([
      ...["a/", "a", "__proto__"],
    ]);
  });
});

test("patternOf() takes a folder's name as it is when it looks like a pattern", () => {
  for (const folder of ["", "src/", "[odd]/", "{a,b}/", "what?*/", "back\\slash/", "!not/"]) {
    const glob = new Bun.Glob(patternOf(folder));
    expect([folder, glob.match(`${folder}a/b.ts`)]).toEqual([folder, true]);
    expect([folder, folder === "" || !glob.match("other/b.ts")]).toEqual([folder, true]);
  }
});

test("foldersTo() leads from the first folder to the last", () => {
  expect(foldersTo("")).toEqual([]);
  expect(foldersTo("src/core/").map(({ path }) => path)).toEqual(["src/", "src/core/"]);
});
