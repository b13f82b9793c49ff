import { expect, test } from "bun:test";
import { diff } from "../../../src/setup/plan/diff.ts";

test("diff() shows what changed with three lines around it", () => {
  const before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
  const after = "1\n2\n3\n4\nfive\nand a half\n6\n7\n8\n9\n";
  expect(diff(before, after)).toEqual([
    "@@",
    ...[" 2", " 3", " 4", "-5", "+five", "+and a half", " 6", " 7", " 8"],
  ]);
});

test("diff() of a new file, a removed text and equal texts", () => {
  expect(diff(null, "a\nb\n")).toEqual(["+a", "+b"]);
  expect(diff("a\nb\n", "")).toEqual(["-a", "-b"]);
  expect(diff("a\n", "a\n")).toEqual([]);
});

test("diff() applied to the first text gives the second, whatever they are", () => {
  const words = ["a", "b", "c", "", "a"];
  const texts = words.flatMap((one) =>
    words.flatMap((two) => words.map((three) => `${one}\n${two}\n${three}\n`)),
  );
  for (const before of texts) {
    for (const after of texts) {
      const lines = diff(before, after);
      if (before === after) expect(lines).toEqual([]);
      else {
        const side = (mark: string) =>
          `${lines
            .filter((line) => line.startsWith(" ") || line.startsWith(mark))
            .map((line) => line.slice(1))
            .join("\n")}\n`;
        expect([side("-"), side("+")]).toEqual([before, after]);
      }
    }
  }
});
