/** The facts of a turn in the payloads of both agents, which tell of mail and prove its reading. */

import { expect, test } from "bun:test";
import { wakeNotice } from "../../src/contract/delivery/notices.ts";
import { readClaudeCode } from "../../src/harness/claude-code-hook.ts";
import { readCodex } from "../../src/harness/codex-hook.ts";
import type { Payload } from "../../src/harness/payload.ts";
import claudeCodePayloads from "./payloads/claude-code.json";
import codexPayloads from "./payloads/codex.json";

const recorded = { "claude-code": claudeCodePayloads, codex: codexPayloads } as const;
const readers = { "claude-code": readClaudeCode, codex: readCodex } as const;
const agents = ["claude-code", "codex"] as const;
const on = (hook_event_name: string): Payload => ({ hook_event_name });

/** A recorded payload of one kind. */
function payloadOf(agent: keyof typeof recorded, wanted: Payload): Payload {
  const all: readonly Payload[] = recorded[agent];
  const found = all.find((each) => Object.entries(wanted).every(([key, is]) => each[key] === is));
  if (found === undefined) throw new Error(`no payload was recorded: ${JSON.stringify(wanted)}`);
  return found;
}

/** A reader's turn for a recorded payload. */
const turnOf = (agent: keyof typeof recorded, wanted: Payload, more: Payload = {}) =>
  readers[agent]({ ...payloadOf(agent, wanted), ...more })?.turn ?? null;

test("a reader names the moment of a turn, and none for the events between", () => {
  for (const [agent, event, more, moment] of [
    ["claude-code", "SessionStart", { source: "startup" }, "startup"],
    ["claude-code", "SessionStart", { source: "resume" }, "resume"],
    ["claude-code", "SessionStart", { source: "clear" }, "clear"],
    ["claude-code", "SessionStart", { source: "compact" }, "compact"],
    ["claude-code", "SessionStart", { source: "teleport" }, undefined],
    ["claude-code", "UserPromptSubmit", {}, "prompt"],
    ["claude-code", "PostToolUse", { agent_id: undefined }, "tool"],
    ["claude-code", "Stop", {}, "end"],
    ["claude-code", "StopFailure", {}, "cut"],
    ["claude-code", "PermissionRequest", {}, undefined],
    ["claude-code", "SessionEnd", { reason: "other" }, undefined],
    ["codex", "SessionStart", { source: "resume" }, "resume"],
    ["codex", "UserPromptSubmit", {}, "prompt"],
    ["codex", "PostToolUse", {}, "tool"],
    ["codex", "Stop", {}, "end"],
    ["codex", "Interrupt", {}, "cut"],
    ["codex", "SessionEnd", {}, undefined],
  ] as const) {
    const found = turnOf(agent, on(event), more);
    expect([agent, event, more, found?.moment]).toEqual([agent, event, more, moment]);
  }
});

test("a reader takes no prompt for a person's that a wake or a task wrote", () => {
  for (const [prompt, moment] of [
    ["port it", "prompt"],
    ["<task-notification>\n<summary>peernet: messages wait", "woken"],
    [wakeNotice, "woken"],
    [`say: ${wakeNotice}`, "prompt"],
    [7, "prompt"],
  ] as const) {
    for (const agent of agents) {
      const found = turnOf(agent, on("UserPromptSubmit"), { prompt });
      expect([prompt, found?.moment]).toEqual([prompt, moment]);
    }
  }
});

test("a reader believes that a session asks only in the modes that it knows", () => {
  for (const [permission_mode, asks] of [
    ["default", true],
    ["acceptEdits", true],
    ["plan", true],
    ["bypassPermissions", false],
    ["dontAsk", false],
    ["auto", false],
    ["yolo", false],
    ["", false],
    [undefined, null],
    [7, null],
  ] as const) {
    for (const agent of agents) {
      expect([permission_mode, turnOf(agent, on("Stop"), { permission_mode })?.asks]).toEqual([
        permission_mode,
        asks,
      ]);
    }
  }
});

test("a reader finds nonces in the results of peernet's own tools, and in no other text", () => {
  const nonce = "pnr-0123456789abcdef";
  const others = ["1", "2", "3", "4", "5"].map((digit) => `pnr-${digit.repeat(16)}`);
  const result = { content: [{ type: "text", text: `{"read":"${nonce}"}` }] };
  for (const agent of agents) {
    const read = (more: Payload) =>
      turnOf(agent, on("PostToolUse"), { agent_id: undefined, ...more });
    for (const tool_name of [
      "mcp__peernet__read_messages",
      "mcp__plugin_peernet_peernet__read_messages",
    ]) {
      const found = read({ tool_name, tool_response: result });
      expect(found).toMatchObject({ own: true, nonces: [nonce], subagent: false });
      const text = JSON.stringify(result);
      expect(read({ tool_name, tool_response: text })?.nonces).toEqual([nonce]);
      expect(read({ tool_name, tool_response: others.join() })?.nonces).toEqual(others.slice(0, 4));
      expect(read({ tool_name, tool_response: undefined })?.nonces).toEqual([]);
    }
    for (const tool_name of ["Bash", "mcp__other__peernet__read", "peernetx__read", 7]) {
      expect(read({ tool_name, tool_response: result })).toMatchObject({ own: false, nonces: [] });
    }
    expect(
      turnOf(agent, on("Stop"), { tool_name: "mcp__peernet__x", tool_response: nonce }),
    ).toMatchObject({ own: false, nonces: [] });
  }
});

test("a reader tells of a subagent that read mail, and of none that did anything else", () => {
  const agent_id = "a5cdf347f2934b15c";
  const tool_response = '{"read":"pnr-0123456789abcdef"}';
  for (const agent of agents) {
    const tool_name = "mcp__peernet__read_messages";
    const reader = readers[agent];
    const payload = { ...payloadOf(agent, on("PostToolUse")), agent_id, tool_name };
    expect(reader({ ...payload, tool_response })).toMatchObject({
      ...{ event: "state", state: null },
      turn: { moment: "tool", subagent: true, nonces: ["pnr-0123456789abcdef"] },
    });
    expect(reader({ ...payload, tool_response: "{}" })).toBeNull();
  }
});
