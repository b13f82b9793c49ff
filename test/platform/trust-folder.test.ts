import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trustFiles } from "../../src/platform/trust-folder.ts";

const own = process.geteuid?.() ?? 0;
let above = "";
let folder = "";

beforeEach(() => {
  above = mkdtempSync(join(tmpdir(), "peernet-trust-"));
  folder = join(above, "trust.d");
  mkdirSync(folder, { mode: 0o755 });
});
afterEach(() => rmSync(above, { recursive: true }));

const whys = () =>
  trustFiles(folder, { owner: own, top: above }).map((file) =>
    "why" in file ? file.why : file.text,
  );

test("trustFiles() reads the files of the folder in their order, and no other name", () => {
  for (const name of ["20.conf", "10.conf", "30.txt"]) {
    writeFileSync(join(folder, name), name, { mode: 0o644 });
  }
  expect(whys()).toEqual(["10.conf", "20.conf"]);
});

test("trustFiles() finds nothing where there is no folder", () => {
  expect(trustFiles(join(above, "none"), { owner: own, top: above })).toEqual([]);
});

test("trustFiles() passes over what another user could write, links, and large files", () => {
  writeFileSync(join(folder, "10.conf"), "a");
  chmodSync(join(folder, "10.conf"), 0o666);
  writeFileSync(join(above, "elsewhere"), "b");
  symlinkSync(join(above, "elsewhere"), join(folder, "20.conf"));
  mkdirSync(join(folder, "30.conf"));
  writeFileSync(join(folder, "40.conf"), "x".repeat(2_000_000));
  expect(whys()).toEqual([
    "others than root can write it",
    "it cannot be read, or is a link",
    "it is no plain file",
    "it is too large",
  ]);
});

test("trustFiles() passes the folder over when others can write it", () => {
  chmodSync(folder, 0o777);
  expect(trustFiles(folder, { owner: own, top: above })).toEqual([
    { path: folder, why: "others than root can write it" },
  ]);
});
