import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { temporaryFolder } from "../support/repository.ts";

const script = join(import.meta.dir, "../../scripts/commit-msg");

/** The first line that is said of a message; empty when it passes. */
function said(message: string, ...flags: readonly string[]): string {
  using folder = temporaryFolder();
  const file = folder.write("message", message);
  const { exitCode, stderr } = Bun.spawnSync([script, ...flags, file]);
  const [line = ""] = stderr.toString().split("\n");
  expect(exitCode === 0).toBe(line === "");
  return line.replace("commit message: ", "");
}

const body = "\n\nA window that is not burned lets a fourth guess in.\n";
const long = (length: number): string => `core/pairing: burn ${"x".repeat(length - 19)}`;

describe("commit-msg", () => {
  for (const subject of [
    "core/pairing: burn the window after the third attempt",
    "README: name the two systems",
    "cli, mcp: print one table",
    ".github: check pull requests",
    "core: embed the curve",
    long(72),
  ]) {
    test(`commit-msg passes ${subject}`, () => {
      expect(said(`${subject}${body}`)).toBe("");
    });
  }

  for (const [subject, why] of [
    [long(73), "a subject of 73 characters: at most 72"],
    ["burn the window after the third attempt", "the subject names no area"],
    ["core/pairing: burn", "the subject names no area"],
    ["core/pairing : burn the window", "the subject names no area"],
    ["core/pairing: burn the window.", "the subject ends in a period"],
    ...["the", "burned", "burning"].map(
      (word) =>
        [
          `core/pairing: ${word} window`,
          `the subject begins with "${word}": begin with what the commit does, as an order`,
        ] as const,
    ),
  ] as const) {
    test(`commit-msg refuses ${subject.slice(0, 50)}`, () => {
      expect(said(`${subject}${body}`)).toBe(why);
    });
  }

  test("commit-msg refuses a message without a body, or with a full second line", () => {
    const subject = "core/pairing: burn the window";
    for (const message of ["", "\n", "\n\n", "\n\nSigned-off-by: Ada <ada@example.invalid>\n"]) {
      expect(said(`${subject}${message}`)).toBe("there is no body");
    }
    expect(said(`${subject}\nat once\n`)).toBe("the second line is not empty");
    expect(said(`${subject}\n\n# A comment of git.\n`)).toBe("there is no body");
  });

  test("commit-msg lets a commit pass that a rebase folds, and none that has landed", () => {
    expect(said("fixup! core: burn the window\n")).toBe("");
    expect(said("fixup! core: burn the window\n", "--landed")).toBe("the subject names no area");
  });
});
