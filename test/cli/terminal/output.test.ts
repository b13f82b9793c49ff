import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  note,
  overwrite,
  printBlock,
  printJson,
  printLine,
  printTable,
  prompt,
} from "../../../src/cli/terminal/output.ts";
import { type Scene, stage, text } from "../support.ts";

const rows = [
  { cells: ["NAME", "STATE", "LAST"] },
  { cells: ["a", "working", "first"], indent: 2 },
  { cells: ["longer", "takes what is left of the line"] },
  { cells: ["b", "", ""] },
];
const columns = [{ gap: 3 }, { gap: 2, min: 9 }];

const printed = (scene: Scene, print: (io: ReturnType<typeof stage>["io"]) => void): string => {
  const set = stage(scene);
  print(set.io);
  return set.out();
};

test("printTable() aligns columns, and a row's last cell widens none", () => {
  expect(printed({}, (io) => printTable(io, rows, columns))).toBe(
    text(
      "NAME     STATE      LAST",
      "  a        working    first",
      "longer   takes what is left of the line",
      "b",
    ),
  );
});

test("printTable() counts wide characters as two columns", () => {
  const wide = [{ cells: ["日本", "x"] }, { cells: ["abc", "x"] }];
  expect(printed({}, (io) => printTable(io, wide, [{ gap: 1 }]))).toBe(text("日本 x", "abc  x"));
});

test("printTable() cuts lines and columns on a terminal alone", () => {
  const long = [{ cells: ["abcdefghij", "klm", "nopqrstuvw"] }];
  const narrow = [{ gap: 1, max: 5 }, { gap: 1 }];
  const cutTo = (width: number) =>
    printed({ terminal: { stdout: true, columns: width } }, (io) => printTable(io, long, narrow));
  expect(cutTo(80)).toBe(text("abcd… klm nopqrstuvw"));
  expect(cutTo(20)).toBe(text("abcd… klm nopqrstuvw"));
  expect(cutTo(19)).toBe(text("abcd… klm nopqrstu…"));
  expect(cutTo(10)).toBe(text("abcd… klm"));
  expect(cutTo(8)).toBe(text("abcd… k…"));
  expect(cutTo(6)).toBe(text("abcd…"));
  expect(cutTo(1)).toBe(text("…"));
  expect(printed({}, (io) => printTable(io, long, narrow))).toBe(text("abcdefghij klm nopqrstuvw"));
});

test("printBlock() and printLine() cut nothing, and look at no terminal", () => {
  const set = stage();
  const io = {
    ...set.io,
    terminal: () => {
      throw new Error("looked");
    },
  };
  printBlock(io, [{ cells: ["a", "b".repeat(200)] }], [{ gap: 1 }]);
  printLine(io, "c".repeat(200));
  expect(set.out()).toBe(text(`a ${"b".repeat(200)}`, "c".repeat(200)));
  expect(() => printTable(io, [], [])).toThrow("looked");
});

test("colour is asked about once, and only where something has a style", () => {
  let looks = 0;
  const set = stage();
  const io = {
    ...set.io,
    color: () => {
      looks += 1;
      return true;
    },
  };
  printTable(io, rows, columns);
  expect(looks).toBe(0);
  const styled = { text: "a", style: "bold" } as const;
  printTable(io, [{ cells: [styled, styled] }, { cells: [styled] }], [{ gap: 1 }]);
  expect(looks).toBe(1);
  expect(set.out()).toEndWith("\x1b[1ma\x1b[0m \x1b[1ma\x1b[0m\n\x1b[1ma\x1b[0m\n");
});

test("a style does not count as width, and the cut text keeps it", () => {
  const styled = [{ cells: [{ text: "abcdef", style: "bad" }, "x"] } as const];
  const scene = { color: true, terminal: { stdout: true, columns: 4 } };
  expect(printed(scene, (io) => printTable(io, styled, [{ gap: 1 }]))).toBe(
    text("\x1b[31mabc…\x1b[0m"),
  );
});

test("a text from elsewhere stays on its line", () => {
  const set = stage({ lines: ["yes"] });
  printLine(set.io, "a\nb\r\nc\u2028d");
  note(set.io, "a\nb");
  expect([set.out(), set.err()]).toEqual([text("a b c d"), text("a b")]);
});

test("printJson() is one line that parses to the same value", () => {
  const value = { a: "\x1b[31m\n\u202e\u200b", b: [1, null] };
  const set = stage();
  printJson(set.io, value);
  expect(set.out()).toMatch(/^[ -~]*\n$/);
  expect(JSON.parse(set.out())).toEqual(value);
});

test("prompt() asks on stderr and answers with a line of stdin", async () => {
  const set = stage({ lines: ["yes"] });
  expect(await prompt(set.io, "Sure? ")).toBe("yes");
  expect(await prompt(set.io, "Sure? ")).toBeNull();
  expect([set.out(), set.err()]).toEqual(["", "Sure? Sure? "]);
});

test("prompt() asks in allowed characters alone", async () => {
  const set = stage();
  await prompt(set.io, "Unpair \x1b[2J\u202e\nmini? ");
  expect(set.err()).toBe("Unpair \ufffd[2J\ufffd mini? ");
});

test("nothing else in the command line writes to a stream", () => {
  const folder = join(import.meta.dir, "../../../src/cli");
  const writing = [...new Bun.Glob("**/*.ts").scanSync(folder)].filter((path) =>
    /\bio\.(out|err)\(|\b(process|console|Bun)\.(std|log|error|write)/.test(
      // That the stream has a size is not yet a write to it.
      readFileSync(join(folder, path), "utf8").replace("assumeSize(process.stdout)", ""),
    ),
  );
  expect(writing).toEqual(["terminal/output.ts"]);
});

test("overwrite() covers what stood there, and an empty text wipes it", () => {
  const set = stage({ terminal: { stderr: true, columns: 10 } });
  const first = overwrite(set.io, "日本語日本語", 0);
  const second = overwrite(set.io, "ab", first);
  overwrite(set.io, "", second);
  expect([first, second]).toEqual([9, 2]);
  expect(set.err()).toBe("\r日本語日…\rab       \r  \r");
});

test("printBlock() keeps cells apart that have no column of their own", () => {
  const set = stage({});
  const rows = [{ cells: ["a", "b", "laptop → mini", "now", "stored", "text"] }, { cells: ["c"] }];
  printBlock(set.io, rows, [{ gap: 3 }, { gap: 3 }]);
  expect(set.out()).toBe("a   b   laptop → mini  now  stored  text\nc\n");
});
