/**
 * Applies patches/*.patch to the packages they are named after, `NAME+VERSION.patch` with a + for
 * each /, and with no fuzz. A file must have the checksum BEFORE, and the result the checksum
 * AFTER, of the patch's line `sha256 BEFORE AFTER PATH`. A patched file is left alone.
 */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Applies the hunks for one file of a unified diff. @throws when the text does not match */
export function patched(text: string, path: string, diff: string): string {
  const lines = text.split("\n");
  const output: string[] = [];
  let at = 0;
  const take = (expected: string): string => {
    if (lines[at] !== expected) throw new Error(`${path}:${at + 1} is not what the patch expects`);
    return lines[at++] ?? "";
  };
  for (const line of sectionOf(diff, path)) {
    const start = /^@@ -(\d+)/.exec(line)?.[1];
    if (start !== undefined) {
      output.push(...lines.slice(at, Number(start) - 1));
      at = Number(start) - 1;
    } else if (line.startsWith("-")) take(line.slice(1));
    else if (line.startsWith("+")) output.push(line.slice(1));
    else output.push(take(line.slice(1)));
  }
  return [...output, ...lines.slice(at)].join("\n");
}

function sectionOf(diff: string, path: string): readonly string[] {
  const [, section] = diff.split(`\n--- a/${path}\n+++ b/${path}\n`);
  if (section === undefined) throw new Error(`the patch has nothing for ${path}`);
  const [own = ""] = section.split("\n--- a/");
  return own.replace(/\n$/, "").split("\n");
}

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

function apply(root: string, name: string): void {
  const diff = readFileSync(join(root, "patches", name), "utf8");
  const package_ = name.replace(/\+[^+]*\.patch$/, "").replace("+", "/");
  const folder = join(root, "node_modules", package_);
  for (const [, before, after, path = ""] of diff.matchAll(/^sha256 (\w{64}) (\w{64}) (\S+)$/gm)) {
    const file = join(folder, path);
    const text = readFileSync(file, "utf8");
    if (digestOf(text) === after) continue;
    if (digestOf(text) !== before) throw new Error(`${file} is not the file ${name} is made for`);
    const outcome = patched(text, path, diff);
    if (digestOf(outcome) !== after)
      throw new Error(`${name} does not make of ${path} what it says`);
    writeFileSync(file, outcome);
  }
}

if (import.meta.main) {
  const root = join(import.meta.dir, "..");
  for (const name of readdirSync(join(root, "patches"))) {
    if (name.endsWith(".patch")) apply(root, name);
  }
}
