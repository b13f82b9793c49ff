/** A refused field is named as the argument that a person typed. */

import { expect, test } from "bun:test";
import { byArgument } from "../../../src/cli/frame/arguments.ts";
import { PeernetError } from "../../../src/contract/errors.ts";

const at = { kind: "text", value: "REF", summary: "" } as const;
const wait = { kind: "duration", value: "DURATION", summary: "" } as const;
const none = { at: null, for: null };

for (const [field, words, input, flags, argument] of [
  ["operation.pattern", ["mini:hydrate", ""], { operation: { pattern: "" } }, none, "TEXT"],
  ["handle", ["Mini", "x"], { handle: "Mini" }, none, "MACHINE:REPOSITORY"],
  ["operation.at", ["mini:hydrate", "x"], { operation: { at: "a b" } }, { at: "a b" }, "--at"],
  ["for_ms", ["mini:hydrate", "x"], { for_ms: 1 }, { at: null, for: 1 }, "--for"],
  [
    "repositories.0.name",
    ["/a/My_X", "t"],
    { repositories: [{ name: "My_X" }] },
    none,
    "MACHINE:REPOSITORY",
  ],
  ["text", ["mini:hydrate", "x"], {}, none, "TEXT"],
] as const) {
  test(`byArgument() names ${argument} for ${field}`, () => {
    const error = new PeernetError("bad_request", {
      message: `${field}: at least 1 character; 0 were given`,
      hint: `correct the field ${field}`,
      details: { field },
    });
    const slots = "MACHINE:REPOSITORY TEXT";
    const usage = `peernet grep ${slots}`;
    expect(
      byArgument(error, input, { slots, usage, known: { at, for: wait }, words, flags }),
    ).toMatchObject({
      message: `${argument}: at least 1 character; 0 were given`,
      hint: "peernet grep MACHINE:REPOSITORY TEXT",
    });
  });
}

test("byArgument() names no argument where none holds the value, and leaves other errors", () => {
  const typed = {
    slots: "[HANDLE]",
    usage: "peernet ask [HANDLE]",
    known: {},
    words: ["mini"],
    flags: {},
  };
  const error = new PeernetError("bad_request", {
    message: "a.b: wrong",
    details: { field: "a.b" },
  });
  expect(byArgument(error, { a: { b: "z" } }, typed)).toMatchObject({ message: "wrong" });
  const other = new PeernetError("bad_request", { message: "as it is" });
  expect(byArgument(other, {}, typed)).toBe(other);
});
