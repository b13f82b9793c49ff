import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { stateNames } from "../../../src/contract/text/state-names.ts";

const root = join(import.meta.dir, "../../../src");

test("no file of the source but stateNames holds a state file's name", () => {
  // Names that are also words, or an agent's file, are not told apart by their text.
  const { config: _, ...own } = stateNames;
  const names = Object.values<string>(own).filter((name) => name.includes("."));
  const literal = new RegExp(`["\`/](${names.map((name) => RegExp.escape(name)).join("|")})["\`]`);
  const holders = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && literal.test(readFileSync(join(root, path), "utf8")))
    // Help is prose, and names the files as people know them.
    .filter((path) => path !== "contract/text/state-names.ts" && !path.startsWith("cli/help/"));
  expect(holders).toEqual([]);
});
