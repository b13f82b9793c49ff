/** Sessions of coding agents, as their hooks tell of them to a real daemon. */

import { expect } from "bun:test";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import type { LocalHandle } from "../../src/contract/lease.ts";
import { type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import { configure, everywhere } from "../support/hooks.ts";
import type { Ran } from "../support/ran.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { type Agent, agent, unattended, workTree } from "./agent.ts";

const test = skipUnless(
  isBuilt && process.platform === "linux",
  isBuilt ? "a stand-in for an agent needs /proc" : notBuilt,
);

const silent: Ran = { code: 0, out: "", err: "" };

/** A home whose daemon runs, with these settings. */
async function running(settings = everywhere): Promise<Home> {
  const mini = home("mini");
  configure(mini.folder, settings);
  await mini.json(["start"]);
  return mini;
}

async function handlesOf(mini: Home): Promise<readonly LocalHandle[]> {
  const status = await mini.json(["status"]);
  // The daemon's own answer has this shape.
  return (status as { handles: LocalHandle[] }).handles;
}

const shownOf = async (mini: Home): Promise<readonly string[]> =>
  (await handlesOf(mini)).map(({ handle, state }) => `${handle} ${state}`);

const contextOf = (handle: string): string =>
  `This session is live on peernet as ${handle}. Live on paired machines: none.`;

/** The answer to a start: to the model alone, or to the person too. */
const answer = (handle: string, isNew: boolean): Ran => ({
  ...silent,
  out: `${JSON.stringify({
    ...(isNew
      ? {
          systemMessage: `peernet: live as ${handle}, no paired machine may ask yet
(to leave: peernet deactivate ${handle.slice(5)})`,
        }
      : {}),
    hookSpecificOutput: {
      hookEventName: "SessionStart",
      additionalContext: contextOf(handle),
    },
  })}\n`,
});

test("41: a session takes no handle in a folder excluded by another of its paths", async () => {
  await using mini = home("mini");
  const real = workTree(mini, "secret");
  const link = join(mini.folder, "link");
  symlinkSync(real, link);
  const inside = join(mini.folder, "chain");
  symlinkSync(join(mini.folder, "src"), inside);
  const excluding = [
    ...[
      [link, real],
      [`${link}/`, real],
      [real, link],
      [real, join(inside, "secret")],
    ],
    ...[
      [join(inside, "secret"), real],
      [inside, real],
    ],
  ] as const;
  configure(mini.folder, everywhere);
  await mini.json(["start"]);
  for (const [folder, cwd] of excluding) {
    configure(mini.folder, `${everywhere}\nsessions.exclude = ["${folder}"]`);
    await using claude = agent({ home: mini, cwd });
    expect([folder, cwd, await claude.on("SessionStart")]).toEqual([folder, cwd, silent]);
    expect(await shownOf(mini)).toEqual([]);
  }
  // A link to another folder excludes none but that.
  configure(mini.folder, `${everywhere}\nsessions.exclude = ["${link}"]`);
  const other = workTree(mini, "other");
  await using claude = agent({ home: mini, cwd: other });
  expect((await claude.on("SessionStart")).out).toContain("mini/other");
});

test("a session is announced once, is what its hooks say, and ends", async () => {
  await using mini = await running();
  const cwd = workTree(mini, "hydrate");
  await using claude = agent({ home: mini, cwd: `${cwd}/.` });
  expect(await claude.on("SessionStart", { source: "startup" })).toEqual(
    answer("mini/hydrate", true),
  );
  expect(await handlesOf(mini)).toMatchObject([{ harness: "claude-code", project: "hydrate" }]);
  for (const [event, more, state] of [
    ["SessionStart", { source: "compact" }, "idle"],
    ["UserPromptSubmit", { prompt: "port it" }, "working"],
    ["SessionStart", { source: "compact" }, "working"],
    ["PermissionRequest", {}, "waiting"],
    ["PostToolUse", { agent_id: "a5" }, "waiting"],
    ["PostToolUse", {}, "working"],
    ["Notification", { notification_type: "permission_prompt" }, "waiting"],
    ["Stop", {}, "idle"],
    ["UserPromptSubmit", {}, "working"],
    ["StopFailure", {}, "idle"],
    ["PostToolUse", { agent_id: "a5" }, "idle"],
  ] as const) {
    const told = event === "SessionStart" ? answer("mini/hydrate", false) : silent;
    expect([event, await claude.on(event, more)]).toEqual([event, told]);
    expect([event, await shownOf(mini)]).toEqual([event, [`mini/hydrate ${state}`]]);
  }
  expect(await claude.on("SessionEnd", { reason: "prompt_input_exit" })).toEqual(silent);
  expect(await handlesOf(mini)).toEqual([]);
});

test("a session that is cleared keeps its handle without a second announcement", async () => {
  await using mini = await running();
  await using claude = agent({ home: mini, cwd: workTree(mini, "hydrate") });
  await claude.on("SessionStart", { source: "startup" });
  const [before] = await handlesOf(mini);
  expect(await claude.on("SessionEnd", { reason: "clear" })).toEqual(silent);
  const cleared = { source: "clear", session_id: "session-b" };
  expect(await claude.on("SessionStart", cleared)).toEqual(answer("mini/hydrate", false));
  expect(await handlesOf(mini)).toMatchObject([{ handle: before?.handle, state: "idle" }]);
  // Late events of the old session belong to no session.
  expect(await claude.on("SessionEnd", { reason: "other" })).toEqual(silent);
  expect(await shownOf(mini)).toEqual(["mini/hydrate idle"]);
});

test("a session that is resumed in another process has its handle again", async () => {
  await using mini = await running();
  const cwd = workTree(mini, "hydrate");
  await using first = agent({ home: mini, cwd });
  await first.on("SessionStart", { source: "startup" });
  await using second = agent({ home: mini, cwd });
  const resumed = await second.on("SessionStart", { source: "resume" });
  expect(resumed).toEqual(answer("mini/hydrate", false));
});

test("a killed agent's session is released by the keeper that its hook started", async () => {
  await using mini = await running();
  await using claude = agent({ home: mini, cwd: workTree(mini, "hydrate") });
  await claude.on("SessionStart", { source: "startup" });
  expect(await shownOf(mini)).toEqual(["mini/hydrate idle"]);
  claude.kill();
  await until("it is released", async () => (await handlesOf(mini)).length === 0);
});

test("an agent is known by the number it names, whatever else it is called", async () => {
  await using mini = await running();
  const cwd = workTree(mini, "hydrate");
  const named = { CLAUDE_PID: String(process.pid), CLAUDE_CODE_SESSION_ATTENDED: "1" };
  await using claude = agent({ home: mini, cwd, environment: named });
  await claude.on("SessionStart", { source: "startup" });
  claude.kill();
  // The process it named is this one, which lives.
  expect(await shownOf(mini)).toEqual(["mini/hydrate idle"]);
});

test("sessions that nobody sits in front of have no handle unless they are let", async () => {
  await using mini = await running();
  const cwd = workTree(mini, "hydrate");
  const start = async (more: Partial<Parameters<typeof agent>[0]>): Promise<Ran> => {
    await using headless = agent({ home: mini, cwd, ...more });
    return await headless.on("SessionStart", { source: "startup" });
  };
  const claude = { environment: unattended };
  const codex = { harness: "codex", words: ["codex", "exec"] } as const;
  expect([await start(claude), await start(codex)]).toEqual([silent, silent]);
  configure(mini.folder, `${everywhere}\nsessions.headless = true`);
  expect(await start(claude)).toEqual(answer("mini/hydrate", true));
  await until("it is released", async () => (await handlesOf(mini)).length === 0);
  expect(await start(codex)).toEqual(answer("mini/hydrate", true));
});

test("sessions have no handle where that is not wanted, or no agent is there", async () => {
  await using mini = await running("");
  const cwd = workTree(mini, "hydrate");
  await using claude = agent({ home: mini, cwd });
  const start = () => claude.on("SessionStart", { source: "startup" });
  expect(await start()).toEqual(silent);
  configure(mini.folder, everywhere);
  const outside = await claude.on("SessionStart", { source: "startup", cwd: mini.folder });
  expect(outside).toEqual(silent);
  const payload = { session_id: "x", cwd, hook_event_name: "SessionStart", source: "startup" };
  const environment = { CLAUDE_CODE_SESSION_ATTENDED: "1" };
  const orphan = await mini.run(["hook", "codex"], { stdin: JSON.stringify(payload), environment });
  expect([orphan, await handlesOf(mini)]).toEqual([silent, []]);
  expect(await start()).toEqual(answer("mini/hydrate", true));
});

test("the server of Codex holds many sessions, each with its own handle", async () => {
  await using mini = await running();
  const cwd = workTree(mini, "hydrate");
  const words = ["app-server", "--listen", "unix://"];
  await using codex = agent({ home: mini, harness: "codex", cwd, words });
  const first = await codex.on("SessionStart", { source: "startup" });
  const second = await codex.on("SessionStart", { source: "startup", session_id: "session-b" });
  expect([first, second]).toEqual([answer("mini/hydrate", true), answer("mini/hydrate-2", true)]);
  await codex.on("UserPromptSubmit");
  await codex.on("PermissionRequest", { session_id: "session-b" });
  expect(await shownOf(mini)).toEqual(["mini/hydrate working", "mini/hydrate-2 waiting"]);
  await codex.on("Interrupt", { session_id: "session-b" });
  await codex.on("SessionEnd", { reason: "other" });
  expect(await shownOf(mini)).toEqual(["mini/hydrate-2 idle"]);
});

test("fifty sessions that start at once have fifty handles", async () => {
  await using mini = await running();
  const cwd = workTree(mini, "hydrate");
  await using all = new AsyncDisposableStack();
  const agents = Array.from(
    { length: 50 },
    (_, at): Agent => all.use(agent({ home: mini, cwd, session: `session-${at}` })),
  );
  const started = await Promise.all(
    agents.map((each) => each.on("SessionStart", { source: "startup" })),
  );
  expect(started.map(({ code, err }) => [code, err])).toEqual(agents.map(() => [0, ""]));
  const handles = (await handlesOf(mini)).map(({ handle }) => handle);
  expect(new Set(handles).size).toBe(50);
  const told = started.map(({ out }) => /live on peernet as (\S+)\. /.exec(out)?.[1]);
  expect(told.sort()).toEqual([...handles].sort());
}, 60_000);
