/**
 * Counts, folder by folder, the sentences that break the rule of prose: a doc comment that begins
 * with a question word, and idioms that no colleague would say aloud. Fails where a folder holds
 * more than scripts/prose-baseline.json allows it, and where it holds fewer and the file was not
 * lowered. Without that file it allows none.
 * usage: prose.ts [--lower]
 */

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compared, foldersOf, lowered, sentencesIn } from "./prose/rule.ts";

const root = join(import.meta.dir, "..");
const baselineFile = join(root, "scripts/prose-baseline.json");
const sources = "{src,scripts,test,docs}/**/*.{ts,tsx,js,sh,md}";
/** The rule itself, and its test, hold each of its words. */
const own = ["scripts/prose/", "test/scripts/prose"];

const paths = [...new Bun.Glob(sources).scanSync(root), "README.md", "SECURITY.md"]
  .filter((path) => !own.some((start) => path.startsWith(start)))
  .sort();
const found = paths.flatMap((path) => sentencesIn(path, readFileSync(join(root, path), "utf8")));
const counts = foldersOf(found);
const baseline: Readonly<Record<string, number>> = existsSync(baselineFile)
  ? JSON.parse(readFileSync(baselineFile, "utf8"))
  : {};

if (process.argv[2] === "--lower") {
  const left = lowered(counts, baseline);
  if (Object.keys(left).length === 0) rmSync(baselineFile, { force: true });
  else writeFileSync(baselineFile, `${JSON.stringify(left, null, 2)}\n`);
} else {
  const complaints = compared({ counts, baseline, found });
  for (const complaint of complaints) console.log(complaint);
  process.exitCode = complaints.length === 0 ? 0 : 1;
}
