/**
 * A session in a folder that would run a program, or lead elsewhere: peernet follows none of it.
 */

import { expect, setDefaultTimeout } from "bun:test";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { claude, seedClaude } from "./support/claude.ts";
import { withClients } from "./support/driving.ts";
import { type Machine, machine } from "./support/machine.ts";
import { model } from "./support/model.ts";
import { events, says, setUp } from "./support/peernet.ts";

const test = withClients("claude");
setDefaultTimeout(240_000);

/**
 * A program that notes under which programs it ran: an agent runs git in its own ways, so that a
 * note is no proof of anything until it names peernet.
 */
const canary = `#!/bin/sh
p=$$
while [ "$p" -gt 1 ]; do
  sed -n 's/^Name:\\t//p' "/proc/$p/status" >>"$HOME/canary"
  p="$(sed -n 's/^PPid:\\t//p' "/proc/$p/status")"
done
cat
`;

/** Lays out files that tools run or read when they start in a folder. */
function plant(machine: Machine): void {
  const put = (name: string, content: string): void =>
    writeFileSync(join(machine.tree, name), content);
  machine.write("canary.sh", canary);
  Bun.spawnSync(["chmod", "+x", join(machine.folder, "canary.sh")]);
  const program = join(machine.folder, "canary.sh");
  put("preload.ts", `await Bun.write("${machine.folder}/canary", "peernet: preloaded\\n");\n`);
  put("bunfig.toml", 'preload = ["./preload.ts"]\n');
  put(".env", `PEERNET_HOME=${machine.folder}/elsewhere\nBUN_OPTIONS=--preload=./preload.ts\n`);
  put(".gitattributes", "* filter=evil\n");
  put("a.txt", "changed\n");
  for (const [key, value] of [
    ["core.fsmonitor", program],
    ["filter.evil.clean", program],
    ["filter.evil.process", program],
    ["core.pager", program],
  ] as const) {
    Bun.spawnSync(["git", "config", key, value], { cwd: machine.tree });
  }
}

test("a hook in a hostile folder runs nothing of it, and keeps to its own home", async () => {
  using stub = model();
  await using mini = machine("mini", ["claude"]);
  seedClaude(mini);
  await setUp(mini);
  plant(mini);
  await using session = claude(mini, stub);
  await session.sees("live as mini/hydrate");
  await session.prompt("hello there", stub);
  await session.sees("done");
  await says(mini, "idle");
  expect(await events(mini, "activate")).toBe(1);
  expect(mini.read("elsewhere/config.toml")).toBe(null);
  const notes = (): readonly string[] => (mini.read("canary") ?? "").split("\n");
  expect(notes().filter((name) => /peernet/.test(name))).toEqual([]);

  // The same git, run by a program of that name: the note would have been there.
  symlinkSync("/bin/sh", join(mini.folder, "peernet"));
  Bun.spawnSync([join(mini.folder, "peernet"), "-c", "git status; true"], {
    cwd: mini.tree,
    env: { ...mini.clientEnvironment },
  });
  expect(notes()).toContain("peernet");
});
