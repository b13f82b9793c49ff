import { expect } from "bun:test";
import { readdirSync } from "node:fs";
import { stateFiles } from "../../src/platform/files.ts";
import { skipUnless } from "../support/skip.ts";
import { canMount, noDisk, smallDisk } from "../support/small-disk.ts";
import { notPrivate, refusal } from "./folders.ts";

const onDisk = skipUnless(canMount, noDisk);
const full = {
  code: "storage_full",
  message: "no space is left on the disk",
  hint: "free some space",
} as const;

/** More than two pages of four kibibytes. */
const long = (character: string): string => character.repeat(9_000);

onDisk("write() on a full disk refuses, and leaves what was there", () => {
  using disk = smallDisk();
  const files = stateFiles(disk.path);
  files.write("file", long("a"));
  disk.fill();
  expect(refusal(() => files.write("file", long("b")))).toEqual(full);
  expect(refusal(() => files.write("new", "b"))).toEqual(full);
  expect([files.read("file") === long("a"), files.read("new")]).toEqual([true, null]);
  disk.free();
  files.write("file", long("b"));
  expect(files.read("file")).toBe(long("b"));
});

onDisk("write() never puts half a file in the place of a whole one", () => {
  using disk = smallDisk();
  const files = stateFiles(disk.path);
  files.write("file", long("a"));
  // Room for a part of it: the system then writes that part and says so.
  disk.fill(1);
  expect(refusal(() => files.write("file", long("b")))).toEqual(full);
  expect(files.read("file") === long("a")).toBe(true);
});

onDisk("append() on a full disk refuses, and adds nothing", () => {
  using disk = smallDisk();
  const files = stateFiles(disk.path);
  files.append("file", long("a").slice(0, 8_192));
  disk.fill();
  expect(refusal(() => files.append("file", "b\n"))).toEqual(full);
  expect(files.read("file")?.length).toBe(8_192);
  disk.free();
  files.append("file", "b\n");
  expect(files.read("file")).toEndWith("ab\n");
});

onDisk("append() adds a line whole or not at all", () => {
  using disk = smallDisk();
  const files = stateFiles(disk.path);
  // The line begins in the last page there is, and does not fit in it.
  files.append("file", `${"a".repeat(4_000)}\n`);
  disk.fill();
  const line = `${"b".repeat(300)}\n`;
  expect(refusal(() => files.append("file", line))).toEqual(full);
  expect(files.read("file")).toBe(`${"a".repeat(4_000)}\n`);
});

onDisk("write() on a full disk leaves nothing that is not private", () => {
  using disk = smallDisk();
  const files = stateFiles(disk.path);
  disk.fill();
  refusal(() => files.write("file", "x"));
  expect(notPrivate(disk.path)).toEqual([]);
  expect(readdirSync(disk.path)).not.toContain("file");
});
