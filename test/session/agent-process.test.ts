import { expect, test } from "bun:test";
import { type Ancestor, agentProcess, argumentsOf } from "../../src/session/process.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";

const onLinux = skipUnless(process.platform === "linux", "there is no /proc");

const ancestor = (pid: number, name = "sh"): Ancestor => ({
  pid,
  start_time: String(1_000 - pid),
  name,
  executable: null,
  calledAs: null,
  sessionLeader: false,
  terminal: false,
});

test("agentProcess() finds the agent that a hook is of, past any other", () => {
  const line = [
    ancestor(5),
    ancestor(4, "codex"),
    ancestor(3, "claude"),
    ancestor(2, "codex"),
    ancestor(1, "claude"),
  ];
  const found = (agent: "claude-code" | "codex", CLAUDE_PID?: string) =>
    agentProcess(agent, line, { CLAUDE_PID })?.pid ?? null;
  expect([found("claude-code"), found("codex")]).toEqual([3, 4]);
  expect([found("claude-code", "1"), found("codex", "1")]).toEqual([1, 4]);
});

test("agentProcess() is null where the agent is no ancestor", () => {
  expect(
    agentProcess("codex", [ancestor(1, "claude"), ancestor(2, "codex-linux-san")], {}),
  ).toBeNull();
  expect(agentProcess("claude-code", [ancestor(2, "codex")], { CLAUDE_PID: "1" })).toBeNull();
});

onLinux("argumentsOf() tells what a process was called with, spaces and all", async () => {
  const words = ["-c", "read -r line; true", "app server", ""];
  const child = Bun.spawn(["sh", ...words], { argv0: "/opt/bin/codex", stdin: "pipe" });
  await until("it runs", () => argumentsOf(child.pid).length > 1);
  expect(argumentsOf(child.pid)).toEqual(["/opt/bin/codex", ...words]);
  child.stdin.end();
  await child.exited;
  expect(argumentsOf(2 ** 30)).toEqual([]);
});
