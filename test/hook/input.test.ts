/** When a hook acts on its input, and how long it waits for that and for the daemon. */

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hookDeadlineMs } from "../../src/contract/limits.ts";
import { processOf } from "../scenario/processes.ts";
import { executable, type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import { configure, everywhere } from "../support/hooks.ts";
import type { Ran } from "../support/ran.ts";
import { skipUnless } from "../support/skip.ts";
import { agent, attended, workTree } from "./agent.ts";

const test = skipUnless(
  isBuilt && process.platform === "linux",
  isBuilt ? "a stand-in for an agent needs /proc" : notBuilt,
);

const silent: Ran = { code: 0, out: "", err: "" };
/** Beyond the deadline: the process's own start and end on a busy machine. */
const slackMs = 1_500;

async function running(): Promise<Home> {
  const mini = home("mini");
  configure(mini.folder, everywhere);
  await mini.json(["start"]);
  return mini;
}

const logOf = (mini: Home): readonly { readonly event: string }[] =>
  readFileSync(join(mini.folder, "daemon.log"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

const start = (cwd: string) => ({
  session_id: "session-a",
  cwd,
  hook_event_name: "SessionStart",
  source: "startup",
});

test("a hook ends by its deadline, whether a daemon or an agent keeps it waiting", async () => {
  await using mini = await running();
  const cwd = workTree(mini, "hydrate");
  const daemon = processOf(mini, "daemon");
  if (daemon === undefined) throw new Error("no daemon runs");
  await using claude = agent({ home: mini, cwd });
  const startedMs = performance.now();
  process.kill(daemon, "SIGSTOP");
  const stopped = claude.on("SessionStart", { source: "startup" });
  const waiting = Bun.spawn([executable, "hook", "claude-code"], {
    env: mini.environment,
    stdin: "pipe",
    stdout: "pipe",
  });
  expect(await stopped).toEqual(silent);
  expect(await waiting.exited).toBe(0);
  expect(performance.now() - startedMs).toBeLessThan(hookDeadlineMs + slackMs);
  process.kill(daemon, "SIGCONT");
  const late = logOf(mini).filter(({ event }) => event === "hook_late");
  const awaited = late.map((line) => Reflect.get(line, "awaited")).sort();
  expect(awaited).toEqual(["daemon", "input"]);
});

test("a hook acts on an object that is complete, though the pipe stays open", async () => {
  await using mini = await running();
  const whole = JSON.stringify({ ...start(workTree(mini, "hydrate")), told: '}\\"{' });
  const half = whole.length / 2;
  const environment = { ...attended, CLAUDE_PID: String(process.pid) };
  const halves = [whole.slice(0, half), whole.slice(half)];
  for (const parts of [[whole], halves, [`\ufeff${whole}\r\n`]]) {
    const child = Bun.spawn([executable, "hook", "claude-code"], {
      env: { ...mini.environment, ...environment },
      stdin: "pipe",
      stdout: "pipe",
    });
    for (const part of parts) {
      child.stdin.write(part);
      await child.stdin.flush();
    }
    expect(await new Response(child.stdout).text()).toContain("live on peernet as mini/hydrate");
    expect(await child.exited).toBe(0);
  }
});
