/**
 * The first task between two machines, and what is missing for it: each refusal's hint is carried
 * out as it stands, and ends that refusal. On the command line, and for a model.
 */

import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Connected, connected } from "../mcp/support.ts";
import { canDelegate, cannotDelegate } from "../support/delegated.ts";
import { giveTo, ordinarily } from "../support/ordinary.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { commit, type Machine, machine, paired } from "./ordinary.ts";
import { commandOnTerminal } from "./terminal.ts";

const test = skipUnless(canDelegate, cannotDelegate);
setDefaultTimeout(60_000);

let mini: Machine;
let laptop: Machine;
let agent: Connected;
let there: string;
let here: string;

const outbound = `version = 1
[[allow.outbound]]
name = "my-sessions"
session = ["*"]
peer = ["mini"]
repository = ["hydrate"]
profile = ["edit"]
send = "bundle"
`;

/** Writes a runner's manifest, whose program claims a version. */
function runs(version: string): void {
  const path = join(mini.folder, ".p/runners");
  mkdirSync(path, { recursive: true, mode: 0o700 });
  giveTo(path);
  const text = `like = "claude-code"
program = "/usr/bin/bash"
versions = { argv = ["-c", "echo ${version}"] }
[argv]
common = ["-c", "cat > /dev/null; echo more > more.txt"]
usd = []
first = []
later = []
[profiles.query]
argv = []
[profiles.edit]
argv = []
`;
  writeFileSync(join(path, "shell.toml"), text, { mode: 0o600 });
  giveTo(join(path, "shell.toml"));
}

if (canDelegate) {
  beforeAll(async () => {
    [mini, laptop] = await Promise.all([machine("mini"), machine("laptop")]);
    there = mini.repository("hydrate", { "notes.txt": "first\n" });
    here = join(laptop.folder, "clone");
    laptop.does("git", "clone", "-q", there, here);
    await paired(mini, laptop);
    runs("2.1.329");
    writeFileSync(join(laptop.folder, ".p/policy.toml"), outbound, { mode: 0o600 });
    giveTo(join(laptop.folder, ".p/policy.toml"));
    expect((await laptop.run(["policy", "check"])).code).toBe(0);
    agent = await connected(laptop, { command: [...laptop.command, "mcp"], cwd: here });
    await agent.call("activate_session", { name: "delegator" });
  });
  afterAll(async () => {
    await agent[Symbol.asyncDispose]();
    await mini[Symbol.asyncDispose]();
    await laptop[Symbol.asyncDispose]();
  });
}

const words = ["run", "mini:hydrate", "Port it", "--profile", "edit", "--runner", "shell"];
/** Asks in the clone, or in another folder. */
const ask = (more: readonly string[] = [], cwd = here) => laptop.run([...words, ...more], "", cwd);
const delegate = () =>
  agent.call("delegate_task", {
    ...{ machine: "mini", repository: "hydrate", prompt: "Port it" },
    ...{ profile: "edit", runner: "shell" },
  });

/** A refusal on the command line. */
const said = (error: string, hint: string): string =>
  `peernet: error: ${error}\npeernet: hint: ${hint}\n`;

test("without a rule, the hint names the command that writes it", async () => {
  const hint = "on mini run: peernet policy allow laptop run FOLDER --profile edit";
  expect(await ask()).toMatchObject({
    code: 4,
    err: said("mini lets this machine run nothing", hint),
  });
  const told = await delegate();
  expect([told.isError, told.text.includes(hint)]).toEqual([true, true]);
  const typed = ["policy", "allow", "laptop", "run", there, "--profile", "edit", "--yes"];
  expect((await mini.run([...typed, "--runner", "shell"])).code).toBe(0);
});

test("without a key, the hint names the command that takes it", async () => {
  const ran = await ask();
  const hint = "on mini run: peernet runner add shell";
  expect(ran.code).toBe(4);
  expect(ran.err).toBe(said("mini has no key for that runner", hint));
  expect((await delegate()).text).toContain(`mini has no key for that runner. ${hint}`);
  expect((await mini.run(["runner", "add", "shell"], `sk-ant-${"x".repeat(40)}\n`)).code).toBe(0);
});

test("with a runner of another version, the hint names the command that says so", async () => {
  runs("9.9.9");
  const ran = await ask();
  const hint = "on mini run: peernet runner";
  expect(ran.err).toBe(said("mini has no runner that it can use", hint));
  expect((await delegate()).text).toContain(hint);
  const { out } = await mini.run(["runner"]);
  expect(out).toContain("/usr/bin/bash is 9.9.9, and its manifest is for >=2.1.329 <3.0.0");
  expect(out).toContain("install shell by its maker's own installer, or another version");
  runs("2.1.329");
});

test("outside of a clone a repository is refused, and the hint leads into one", async () => {
  expect(await ask([], laptop.folder)).toMatchObject({
    code: 2,
    err: said(
      "this folder is in no clone, and hydrate on mini is a repository",
      "cd to your clone of hydrate, then run it again",
    ),
  });
});

test("with a commit that mini lacks, the hint sends it", async () => {
  commit(laptop.does, here, "second");
  const ran = await ask();
  const hint = "run it again with --send; or git push, then git fetch on mini";
  expect(ran.err).toBe(said("mini does not have that commit, or its rule does not allow it", hint));
  expect((await delegate()).text).toContain(hint);
  expect(await ask(["--send", "--name", "first"])).toMatchObject({ code: 0 });
});

test("held, it says on which machine to approve it, and that ssh needs a terminal", async () => {
  const held = async (): Promise<string | undefined> => {
    const { out } = await mini.run(["tasks", "--json"]);
    const { tasks }: { tasks: { task_id: string; state: string }[] } = JSON.parse(out);
    return tasks.find(({ state }) => state === "held")?.task_id;
  };
  await until("it is held", async () => (await held()) !== undefined);
  const task = `${await held()}`;
  const refused = await mini.run(["task", "approve", task], "y\n");
  expect(refused.code).toBe(4);
  expect(refused.err).toContain(`over ssh: ssh -t MACHINE peernet task approve ${task}`);
  const program = mini.command.slice(ordinarily.length);
  const at = commandOnTerminal({ folder: mini.folder, environment: mini.environment }, [
    ...[...ordinarily, ...program, "task", "approve", task],
  ]);
  await at.sees("let it run here?");
  at.type("y\n");
  expect(await at.ended).toBe(0);
  await until("its commit is here", async () =>
    (await laptop.run(["task", "show", "first"])).out.includes("refs/peernet/mini/first"),
  );
  expect((await laptop.run(["task", "show", "first"])).out).toContain(": completed");
});
