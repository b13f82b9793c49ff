/**
 * The day of an agent that delegates, over two machines of an ordinary user and with the built
 * executable: asked by a tool, held, approved, followed, another round, fetched, merged by hand,
 * discarded. Afterwards nothing of it is left but the merge, the ref and the records.
 */

import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Connected, connected } from "../mcp/support.ts";
import { canDelegate, cannotDelegate } from "../support/delegated.ts";
import { giveTo, ordinarily } from "../support/ordinary.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { type Machine, machine, paired } from "./ordinary.ts";
import { commandOnTerminal } from "./terminal.ts";

const test = skipUnless(canDelegate, cannotDelegate);
setDefaultTimeout(120_000);

let mini: Machine;
let laptop: Machine;
let agent: Connected;
let there: string;
let here: string;

/** A number of seconds that no other process sleeps for. */
const mark = `${30_000 + Math.floor(Math.random() * 9_999)}`;
const script = `echo more >> notes.txt; (setsid sleep ${mark} &); echo ran; cat notes.txt`;
const outbound = `version = 1
[[allow.outbound]]
name = "my-sessions"
session = ["*"]
peer = ["mini"]
repository = ["hydrate"]
profile = ["check"]
send = "commit"
`;

/** Gives a machine a policy, and lets its names count. */
async function governed(on: Machine, text: string): Promise<void> {
  const path = join(on.folder, ".p/policy.toml");
  writeFileSync(path, text, { mode: 0o600 });
  giveTo(path);
  const { code, err } = await on.run(["policy", "check"]);
  if (code !== 0) throw new Error(err);
}

if (canDelegate) {
  beforeAll(async () => {
    [mini, laptop] = await Promise.all([machine("mini"), machine("laptop")]);
    there = mini.repository("hydrate", { "notes.txt": "first\n" });
    here = join(laptop.folder, "clone");
    laptop.does("git", "clone", "-q", there, here);
    await paired(mini, laptop);
    const allow = ["policy", "allow", "laptop", "run", there, "--profile", "check", "--yes"];
    expect((await mini.run(allow)).code).toBe(0);
    const written = await Bun.file(join(mini.folder, ".p/policy.toml")).text();
    const command = JSON.stringify(["/bin/sh", "-c", script]);
    await governed(mini, `${written}\n[profiles.check]\ncommand = ${command}\n`);
    await governed(laptop, outbound);
    agent = await connected(laptop, { command: [...laptop.command, "mcp"], cwd: here });
    await agent.call("activate_session", { name: "delegator" });
  });
  afterAll(async () => {
    await agent[Symbol.asyncDispose]();
    await mini[Symbol.asyncDispose]();
    await laptop[Symbol.asyncDispose]();
  });
}

/**
 * Files of any daemon, the empty folders of tasks, and the note of what a person at a terminal has
 * yet to see.
 */
const usual =
  /^\.p\/(state\.db(-shm|-wal)?|daemon\.log.*|keeper.*|unseen|tasks|tasks-asked|checkpoints\/.*)$/;

/** The paths in a machine's home, without those of git's objects. */
const filesOf = (on: Machine): readonly string[] =>
  readdirSync(on.folder, { recursive: true, withFileTypes: true })
    .map(({ parentPath, name }) => join(parentPath, name).slice(on.folder.length + 1))
    .filter((path) => !usual.test(path) && !/(^|\/)\.git\//.test(path))
    .toSorted();
const refsOf = (on: Machine, path: string): readonly string[] =>
  on.does("git", "-C", path, "for-each-ref", "--format=%(refname)").split("\n");
const sleeping = (): number =>
  Bun.spawnSync(["ps", "-eo", "args"])
    .stdout.toString()
    .split("\n")
    .filter((line) => line === `sleep ${mark}`).length;
const scratch = (): readonly string[] =>
  readdirSync("/tmp").filter((name) => name.startsWith("peernet-task-"));

/** Approves a held task as a person at the other machine's terminal does. */
async function approved(task: string): Promise<string> {
  const place = { folder: mini.folder, environment: mini.environment };
  const program = mini.command.slice(ordinarily.length);
  const words = [...ordinarily, ...program, "task", "approve", task];
  const at = commandOnTerminal(place, words);
  await at.sees("let it run here?");
  at.type("y\n");
  expect(await at.ended).toBe(0);
  return at.shown();
}

async function stateOf(task: string): Promise<string> {
  const { facts } = await agent.call("get_task", { task });
  return String(facts.state);
}

/** The number of messages from the other machine that were left for the asking session. */
async function ends(): Promise<number> {
  const { out } = await laptop.run(["inbox", "--all", "--json"]);
  const { messages }: { messages: readonly object[] } = JSON.parse(out);
  return messages.length;
}

const before = () => ({
  files: [filesOf(mini), filesOf(laptop)],
  refs: [refsOf(mini, there), refsOf(laptop, here)],
});

const asked = { machine: "mini", repository: "hydrate", prompt: "check", profile: "check" };
let kept: ReturnType<typeof before>;
let temporary: readonly string[];
let task: string;

test("an agent delegates, a person approves, and the agent is told once", async () => {
  kept = before();
  temporary = scratch();
  const handed = await agent.call("delegate_task", asked);
  expect([handed.isError, handed.facts.state]).toEqual([false, "held"]);
  task = String(handed.facts.task_id);

  const shown = await approved(task);
  expect(shown).toContain("laptop: delegator");
  expect(shown).toContain(`sleep ${mark}`);
  await until("the first round has ended", async () => (await stateOf(task)) === "completed");
  await until("its commit is here", async () => {
    return (await agent.call("get_task", { task })).facts.ref !== null;
  });
  expect(sleeping()).toBe(0);
  const log = await laptop.run(["task", "log", task]);
  expect(log).toMatchObject({ code: 0, out: "ran\nfirst\nmore\n" });
  expect(await ends()).toBe(1);
});

test("another round, merged by hand and discarded, leaves nothing but the merge", async () => {
  const next = await agent.call("delegate_task", { ...asked, task_id: task });
  expect([next.facts.round, next.facts.state]).toEqual([2, "held"]);
  await approved(task);
  await until("the second round has ended", async () => {
    const { facts } = await agent.call("get_task", { task });
    return facts.state === "completed" && facts.round === 2;
  });
  await until("its end was told", async () => (await ends()) === 2);
  const fetched = await laptop.run(["task", "fetch", task]);
  expect(fetched.code).toBe(0);
  const ref = fetched.out.trim().split("\n")[0] ?? "";
  expect(ref).toMatch(/^refs\/peernet\/mini\//);
  const who = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
  laptop.does("git", "-C", here, ...who, "merge", "-q", ref);
  expect(await Bun.file(join(here, "notes.txt")).text()).toBe("first\nmore\nmore\n");

  expect((await laptop.run(["task", "discard", task])).code).toBe(0);
  await until("both machines have removed it", () =>
    [join(mini.folder, ".p/tasks"), join(laptop.folder, ".p/tasks-asked")].every(
      (path) => !existsSync(path) || readdirSync(path).length === 0,
    ),
  );
  await until("no program of it is left", () => sleeping() === 0);
  await until("no socket of it is left", () => scratch().every((name) => temporary.includes(name)));
  const after = before();
  expect(after.files).toEqual(kept.files);
  expect(after.refs).toEqual([kept.refs[0] ?? [], [...(kept.refs[1] ?? []), ref].toSorted()]);
  expect(await ends()).toBe(2);
  for (const [on, other] of [
    [laptop, "mini"],
    [mini, "laptop"],
  ] as const) {
    const { code, err } = await on.run(["audit", "verify", "--with", other]);
    expect([code, err]).toEqual([0, ""]);
  }
});
