import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, renameSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { soundProgram, systemGit } from "../../../src/session/git/program.ts";
import { repository, temporaryFolder } from "../../support/repository.ts";

test("systemGit() is a git of this system, whatever PATH says", async () => {
  const before = process.env.PATH;
  process.env.PATH = "/nowhere";
  try {
    const path = await systemGit();
    const ran = Bun.spawnSync([path ?? "", "--version"]);
    expect(ran.stdout.toString()).toStartWith("git version 2.");
  } finally {
    process.env.PATH = before;
  }
});

test("soundProgram() takes a program that others cannot write, links resolved", async () => {
  using folder = temporaryFolder();
  const program = folder.script("tools/bin/git", "true");
  expect(await soundProgram(program)).toBe(program);
  symlinkSync(dirname(program), join(folder.path, "link"));
  expect(await soundProgram(join(folder.path, "link/git"))).toBe(program);
  chmodSync(program, 0o644);
  expect(await soundProgram(program)).toBeNull();
  expect(await soundProgram(dirname(program))).toBeNull();
  expect(await soundProgram(join(folder.path, "none"))).toBeNull();
});

test("soundProgram() refuses what another user can write or replace", async () => {
  using folder = temporaryFolder();
  const program = folder.script("tools/bin/git", "true");
  for (const part of [program, dirname(program), dirname(dirname(program))]) {
    for (const open of [0o775, 0o757]) {
      chmodSync(part, open);
      expect([part, await soundProgram(part === program ? part : program)]).toEqual([part, null]);
    }
    chmodSync(part, 0o755);
    expect(await soundProgram(program)).toBe(program);
  }
  // Where others may add a name but replace none.
  chmodSync(dirname(program), 0o1777);
  expect(await soundProgram(program)).toBe(program);
});

test("36: soundProgram() refuses a program in a work tree, at any depth, by any link", async () => {
  using repo = repository();
  const program = repo.script("hydrate/node_modules/.bin/git", "true");
  expect(await soundProgram(program)).toBeNull();
  mkdirSync(join(repo.path, "bin"));
  symlinkSync(program, join(repo.path, "bin/git"));
  expect(await soundProgram(join(repo.path, "bin/git"))).toBeNull();
  renameSync(join(repo.tree, ".git"), join(repo.path, "other"));
  expect(await soundProgram(join(repo.path, "bin/git"))).toBe(program);
});
