/** An offer that was declined once is not repeated, unless a flag asks for it. */

import { expect, setDefaultTimeout } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { onTerminal } from "../scenario/terminal.ts";
import { isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { type Person, person } from "./person.ts";

const test = skipUnless(isBuilt, notBuilt);
const testSystemd = skipUnless(
  isBuilt && process.platform === "linux",
  isBuilt ? "a stand-in for systemctl needs Linux" : notBuilt,
);
setDefaultTimeout(30_000);

interface Proposed {
  readonly agents: readonly string[];
  readonly service: { readonly manager: string } | null;
  readonly changed: boolean;
  readonly command: string;
}

async function proposed(who: Person, ...words: readonly string[]): Promise<Proposed> {
  const { out } = await who.run(["setup", "--yes", "--dry-run", "--json", ...words]);
  return JSON.parse(out);
}

/** A service manager that answers, and is not to be asked for more. */
const withManager = (who: Person): void => {
  who.write("bin/systemctl", '#!/bin/sh\n[ "$*" = "--user show-environment" ]\n');
  Bun.spawnSync(["chmod", "+x", join(who.folder, "bin/systemctl")]);
};

test("an agent that was left out is not proposed again, one that has come since is", async () => {
  await using mini = person();
  await mini.setUp("--agents", "claude-code");
  expect(await proposed(mini)).toMatchObject({ changed: false, agents: ["claude-code"] });
  const { out } = await mini.run(["setup", "--yes"]);
  expect(out).toContain("nothing to change: all of it is there\n");
  expect(mini.has(".codex/hooks.json")).toBe(false);

  mini.write("bin/gemini", "#!/bin/sh\necho 1.0\n");
  Bun.spawnSync(["chmod", "+x", join(mini.folder, "bin/gemini")]);
  expect((await proposed(mini)).agents).toEqual(["claude-code", "gemini-cli"]);
  expect((await proposed(mini, "--agents", "codex")).agents).toEqual(["codex"]);

  await mini.setUp("--agents", "claude-code,codex,gemini");
  expect(await proposed(mini)).toMatchObject({
    changed: false,
    agents: ["claude-code", "codex", "gemini-cli"],
  });
});

test("an agent that was left out stays so while it is not here", async () => {
  await using mini = person();
  await mini.setUp("--agents", "claude-code");
  Bun.spawnSync(["rmdir", join(mini.folder, ".codex")]);
  await mini.setUp();
  mkdirSync(join(mini.folder, ".codex"));
  expect((await proposed(mini)).agents).toEqual(["claude-code"]);
});

testSystemd("a service that was declined is not proposed again, unless --service", async () => {
  await using mini = person();
  withManager(mini);
  expect((await proposed(mini)).service).toMatchObject({ manager: "systemd" });
  await mini.setUp();
  expect(await proposed(mini)).toMatchObject({ changed: false, service: null });
  const wanted = await proposed(mini, "--service");
  expect(wanted).toMatchObject({ changed: true, service: { manager: "systemd" } });
  expect(wanted.command).toEndWith(" --service");
  const both = await mini.run(["setup", "--yes", "--service", "--no-service"]);
  expect([both.code, both.err]).toEqual([
    2,
    "peernet: error: --service and --no-service exclude each other\n" +
      "peernet: hint: peernet help setup\n",
  ]);
});

testSystemd("setup refuses --service where no service manager answers", async () => {
  await using mini = person();
  const { code, err } = await mini.run(["setup", "--yes", "--service"]);
  expect([code, err]).toEqual([
    2,
    "peernet: error: no service manager answers here that could run the daemon\n" +
      "peernet: hint: peernet setup --no-service\n",
  ]);
});

test("setup that asks proposes no agent that was left out", async () => {
  await using mini = person();
  await mini.setUp("--name", "mini", "--agents", "claude-code");
  const place = { ...mini, json: () => Promise.reject(new Error("not used")) };
  const shows = onTerminal(place, ["setup"]);
  await shows.sees("Nothing to change: all of it is there.");
  shows.type("\x03");
  expect(await shows.ended).toBe(130);
});

test("what an earlier version kept of its setup is read, and has declined nothing", async () => {
  await using mini = person();
  await mini.setUp("--agents", "claude-code");
  const { declined, ...earlier } = JSON.parse(mini.read(".peernet/setup.json"));
  expect(declined).toEqual({ agents: ["codex"], service: false, tools: [] });
  mini.write(".peernet/setup.json", JSON.stringify(earlier));
  expect((await proposed(mini)).agents).toEqual(["claude-code", "codex"]);
  for (const not of [{ agents: "codex" }, null, "x"]) {
    mini.write(".peernet/setup.json", JSON.stringify({ ...earlier, declined: not }));
    const { code, err } = await mini.run(["setup", "--yes", "--dry-run"]);
    expect({ not, code }).toEqual({ not, code: not === null ? 0 : 3 });
    expect(err.includes("setup.json is not what setup wrote")).toBe(not !== null);
  }
});

test("uninstall forgets what was declined", async () => {
  await using mini = person();
  await mini.setUp("--agents", "none");
  expect((await mini.run(["uninstall", "--yes"])).code).toBe(0);
  expect(mini.has(".peernet/setup.json")).toBe(false);
  expect((await proposed(mini)).agents).toEqual(["claude-code", "codex"]);
});
