/**
 * Programs that a hostile repository would like to run. Each is shown to work: plain git, the
 * control, does run the canary; describing the same repository does not.
 */

import { expect, test } from "bun:test";
import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { timers } from "../../src/platform/clock/timers.ts";
import { describe } from "../../src/session/describe.ts";
import { canary, plainEnvironment, repository } from "../support/repository.ts";
import { hostiles } from "./hostiles.ts";

for (const hostile of hostiles) {
  test(`describe() does not run ${hostile.asks}`, async () => {
    if (hostile.control !== null) {
      using control = repository();
      const { program, ran } = canary(control);
      hostile.plant(control, program);
      rmSync(join(control.path, "canary-ran"), { force: true });
      control.tryGit(...hostile.control);
      expect({ control: ran() }).toEqual({ control: true });
    }
    using repo = repository();
    const { program, ran } = canary(repo);
    hostile.plant(repo, program);
    rmSync(join(repo.path, "canary-ran"), { force: true });
    const environment = plainEnvironment(repo.path);
    const { git, why } = await describe(repo.tree, { environment, home: repo.path, timers });
    expect({ ran: ran(), facts: git !== null, late: why === "late" }).toEqual({
      ran: false,
      facts: hostile.facts,
      late: false,
    });
  });
}

test("describe() does not run what an embedded bare repository asks for", async () => {
  using repo = repository();
  const { program, ran } = canary(repo);
  const bare = join(repo.tree, "bare");
  repo.git("clone", "-q", "--bare", ".", bare);
  mkdirSync(join(repo.path, "elsewhere"));
  const config = join(bare, "config");
  repo.git("config", "-f", config, "core.bare", "false");
  repo.git("config", "-f", config, "core.worktree", join(repo.path, "elsewhere"));
  repo.git("config", "-f", config, "core.fsmonitor", program);
  repo.tryGit("-C", bare, "status");
  expect(ran()).toBe(true);
  rmSync(join(repo.path, "canary-ran"));
  const environment = plainEnvironment(repo.path);
  const { root, git } = await describe(bare, { environment, home: repo.path, timers });
  expect([ran(), root, git?.subject]).toEqual([false, repo.tree, "Add water"]);
});

test("describe() runs no git that the PATH of a session names", async () => {
  using repo = repository();
  const { program, ran } = canary(repo);
  const folders = [".", "bin", "node_modules/.bin"];
  for (const folder of folders) repo.script(`hydrate/${folder}/git`, `${program}`);
  const elsewhere = repo.script("elsewhere/git", `${program}`);
  const before = process.cwd();
  process.chdir(repo.tree);
  try {
    const absolute = [...folders.map((folder) => join(repo.tree, folder)), dirname(elsewhere)];
    for (const path of [...folders, "", ...absolute, `:./bin:${process.env.PATH}`]) {
      const environment = { ...plainEnvironment(repo.path), PATH: path };
      Bun.spawnSync(["/bin/sh", "-c", "git"], { env: environment });
      expect([path, ran()]).toEqual([path, true]);
      rmSync(join(repo.path, "canary-ran"));
      const { git } = await describe(repo.tree, { environment, home: repo.path, timers });
      expect([path, ran(), git?.subject]).toEqual([path, false, "Add water"]);
    }
  } finally {
    process.chdir(before);
  }
});

test("describe() does not load a folder's .env and bunfig.toml", async () => {
  using repo = repository();
  const { program, ran } = canary(repo);
  repo.write(
    "hydrate/.env",
    `GIT_EXTERNAL_DIFF=${program}\nGIT_CONFIG_COUNT=1
GIT_CONFIG_KEY_0=core.fsmonitor\nGIT_CONFIG_VALUE_0=${program}\n`,
  );
  repo.write("hydrate/bunfig.toml", 'preload = ["./preload.ts"]\n');
  repo.write("hydrate/preload.ts", `Bun.spawnSync([${JSON.stringify(program)}]);\n`);
  repo.write("hydrate/empty.ts", "");
  Bun.spawnSync([process.execPath, "run", "empty.ts"], { cwd: repo.tree, stdin: null });
  expect(ran()).toBe(true);
  rmSync(join(repo.path, "canary-ran"));
  const environment = plainEnvironment(repo.path);
  const { git } = await describe(repo.tree, { environment, home: repo.path, timers });
  expect([ran(), git?.subject]).toEqual([false, "Add water"]);
});
