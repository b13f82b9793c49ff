import { expect, test } from "bun:test";
import { keysIn } from "../../../src/cli/watch/keys.ts";

test("keysIn() reads keys that come in one chunk, in their order", () => {
  expect(keysIn("\x1b[A\x1b[Bkj\rpq")).toEqual([
    ...["up", "down", "up", "down", "enter", "preview", "quit"],
  ] as ReturnType<typeof keysIn>);
});

test("keysIn() takes an unknown sequence for one other key, whatever its bytes spell", () => {
  expect(keysIn("\x1b[1;5Aq")).toEqual(["other", "quit"]);
  expect(keysIn("\x1b[200~p\x1b[201~")).toEqual(["other", "preview", "other"]);
  expect(keysIn("\x1b")).toEqual(["other"]);
  expect(keysIn("\x1bq")).toEqual(["other"]);
  expect(keysIn("é😀")).toEqual(["other", "other"]);
  expect(keysIn("")).toEqual([]);
});
