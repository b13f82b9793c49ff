/** Which session a call comes from, and which folder it works in. */

import { expect, test } from "bun:test";
import { Harness } from "../../src/contract/lease.ts";
import type { Call } from "../../src/mcp/server/parts.ts";
import { folderOf, harnessOf, selectorOf, sessionOf } from "../../src/mcp/sessions/caller.ts";
import { processOf } from "../../src/session/process.ts";

const parent = processOf(process.ppid);

const call = (
  client: string | null,
  meta: Call["meta"] = {},
  environment: Readonly<Record<string, string>> = {},
): Call => {
  const parts = { environment, pid: process.pid, cwd: () => "/there" };
  // These three of the parts identify the caller.
  return {
    parts: parts as unknown as Call["parts"],
    client,
    meta,
    signal: new AbortController().signal,
  };
};

test("harnessOf() is a harness whatever a client calls itself", () => {
  const names: readonly (readonly [string | null, string])[] = [
    ["claude-code", "claude-code"],
    ["codex-mcp-client", "codex"],
    ["gemini-cli-mcp-client-peernet", "gemini-cli"],
    ["qwen-code-mcp-client", "qwen-code"],
    ["github-copilot-developer", "copilot"],
    ["opencode", "opencode"],
    ["Visual Studio Code", "visual-studio-code"],
    ["../..\u202e/x", "x"],
    ["x".repeat(100), "x".repeat(31)],
    ["漢字", "mcp"],
    ["", "mcp"],
    [null, "mcp"],
  ];
  for (const [client, harness] of names) {
    expect([client, harnessOf(client)]).toEqual([client, harness]);
    expect(Harness.safeParse(harness).success).toBe(true);
  }
});

test("sessionOf() takes the process for the session, whatever the environment names", () => {
  const environment = { CLAUDE_CODE_SESSION_ID: "stale" };
  const session = sessionOf(call("claude-code", { sessionId: "x" }, environment));
  expect(session).toMatchObject({ harness: "claude-code", session_id: null, sole: true });
  expect(selectorOf(call("opencode"))).toEqual({
    processes: [sessionOf(call("opencode")).process],
  });
});

test("sessionOf() takes Codex's own id of the session of each call", () => {
  const of = (meta: Call["meta"]) => sessionOf(call("codex-mcp-client", meta)).session_id;
  expect(of({ sessionId: "s", threadId: "t" })).toBe("s");
  expect(of({ threadId: "t" })).toBe("t");
  for (const odd of [{}, { sessionId: 5 }, { sessionId: "" }, { sessionId: "x".repeat(129) }]) {
    expect(of(odd)).toBeNull();
  }
  expect(selectorOf(call("codex-mcp-client", { sessionId: "s" }))).toEqual({ session_id: "s" });
  expect(sessionOf(call("codex-mcp-client", { sessionId: "s" })).sole).toBe(false);
});

test("sessionOf() names a process above this one, never this one", () => {
  expect(parent).not.toBeNull();
  const { process: found } = sessionOf(call("test"));
  expect(found.pid).not.toBe(process.pid);
});

test("folderOf() is the project's, else what Codex tells, else the shell's, else its own", () => {
  const turn = (...folders: readonly string[]) => ({
    "x-codex-turn-metadata": { workspaces: Object.fromEntries(folders.map((each) => [each, {}])) },
  });
  const environment = { CLAUDE_PROJECT_DIR: "/project", PWD: "/shell" };
  expect(folderOf(call("c", turn("/work"), environment))).toBe("/project");
  expect(folderOf(call("c", turn("/work"), { PWD: "/shell" }))).toBe("/work");
  expect(folderOf(call("c", turn("/a", "/b"), { PWD: "/shell" }))).toBe("/shell");
  expect(folderOf(call("c", turn("relative"), { PWD: "shell" }))).toBe("/there");
  expect(folderOf(call("c", { "x-codex-turn-metadata": "odd" }))).toBe("/there");
});
