/** bench/RESULTS.md: two tables, each written by its own run, which leaves the other as it is. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./parts.ts";
import { steadyHead, steadyNames } from "./steady.ts";

const path = join(root, "bench/RESULTS.md");
const [fast, steady] = ["## How fast", "## How steady"];
const aboutSteady =
  "Each row is a test of the suite at full size: `./scripts/bench.sh --steady`, which takes " +
  "about 45 minutes. Tests with a daemon run the compiled executable; R2, R3, R5, R6c, R10 and " +
  "T20 count or time the same code in the test's own process.";

/** The text under each heading. */
function sections(): { readonly fast: string; readonly steady: string } {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const at = text.indexOf(steady);
  const begin = text.indexOf(fast);
  return {
    fast: begin < 0 ? "" : text.slice(begin + fast.length, at < 0 ? undefined : at).trim(),
    steady: at < 0 ? "" : text.slice(at + steady.length).trim(),
  };
}

function write(told: { readonly fast: string; readonly steady: string }): void {
  const parts = ["# Results", fast, told.fast, steady, told.steady].filter((part) => part !== "");
  writeFileSync(path, `${parts.join("\n\n")}\n`);
}

/** Writes the table of speed. */
export const writeFast = (text: string): void => write({ ...sections(), fast: text });

/** Writes one row of steadiness, in place of its former one. */
export function writeSteady(name: string, line: string): void {
  const known = sections();
  const before = known.steady.split("\n").filter((each) => /^\| [PRT]\d/.test(each));
  const lines = steadyNames.flatMap(
    (each) => (each === name ? line : before.find((old) => old.startsWith(`| ${each} |`))) ?? [],
  );
  write({ ...known, steady: `${aboutSteady}\n\n${steadyHead}\n${lines.join("\n")}` });
}
