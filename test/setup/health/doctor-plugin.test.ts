/** Doctor where Claude Code knows peernet by its plugin, which setup writes no file for. */

import { expect, setDefaultTimeout } from "bun:test";
import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "../../../src/contract/doctor.ts";
import { executable, isBuilt, notBuilt } from "../../support/executable.ts";
import { skipUnless } from "../../support/skip.ts";
import { toolCount } from "../../support/tools.ts";
import { type Person, person } from "../person.ts";

const test = skipUnless(isBuilt, notBuilt);
setDefaultTimeout(30_000);

async function checksOf(who: Person, ...names: readonly string[]): Promise<readonly Check[]> {
  const { out } = await who.run(["doctor", "--json"]);
  const { checks }: { checks: readonly Check[] } = JSON.parse(out);
  return checks.filter(({ name }) => names.includes(name));
}

function plugged(): Person {
  const who = person();
  who.write(".claude/settings.json", '{"enabledPlugins": {"peernet@local": true}}');
  return who;
}

const works: Check = {
  name: "claude-code",
  state: "ok",
  detail: `plugin: MCP server lists ${toolCount} tools, 11 hooks run`,
  fix: null,
};
const fix = `put the folder of ${executable} first on PATH`;

test("doctor runs what the plugin runs, before setup and after it", async () => {
  await using mini = plugged();
  symlinkSync(executable, join(mini.folder, "bin/peernet"));
  expect(await checksOf(mini, "setup", "claude-code")).toEqual([works]);
  await mini.setUp();
  expect(await checksOf(mini, "setup", "claude-code")).toEqual([works]);
});

test("doctor tells of a plugin that runs no peernet or another, and runs neither", async () => {
  await using mini = plugged();
  const named = join(mini.folder, "bin/peernet");
  const stub = (text: string): void => {
    mini.write("bin/peernet", `#!/bin/sh\n${text}`);
    Bun.spawnSync(["chmod", "+x", named]);
  };
  expect(await checksOf(mini, "claude-code")).toEqual([
    {
      name: "claude-code",
      state: "failed",
      detail: "the plugin runs peernet, which is not on PATH",
      fix,
    },
  ]);
  stub("touch ran\n");
  expect(await checksOf(mini, "claude-code")).toEqual([
    {
      name: "claude-code",
      state: "warning",
      detail: `the plugin runs ${named}, another peernet than ${executable}`,
      fix,
    },
  ]);
  expect(mini.has("ran")).toBe(false);
  rmSync(named);
});
