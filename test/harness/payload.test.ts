import { expect, test } from "bun:test";
import { isClaudeCodeHeadless, readClaudeCode } from "../../src/harness/claude-code-hook.ts";
import { codexProcess, readCodex } from "../../src/harness/codex-hook.ts";
import { hookEvents } from "../../src/harness/events.ts";
import { type Happening, type Payload, parsePayload } from "../../src/harness/payload.ts";
import claudeCodePayloads from "./payloads/claude-code.json";
import codexPayloads from "./payloads/codex.json";

const recorded = { "claude-code": claudeCodePayloads, codex: codexPayloads } as const;
const readers = { "claude-code": readClaudeCode, codex: readCodex } as const;
const agents = ["claude-code", "codex"] as const;

/** A recorded payload of one kind. */
function payloadOf(agent: keyof typeof recorded, wanted: Payload): Payload {
  const all: readonly Payload[] = recorded[agent];
  const found = all.find((each) => Object.entries(wanted).every(([key, is]) => each[key] === is));
  if (found === undefined) throw new Error(`no payload was recorded: ${JSON.stringify(wanted)}`);
  return found;
}

/** A reader's result for a recorded payload, as `event` or `event state`. */
function read(agent: keyof typeof recorded, wanted: Payload, more: Payload = {}): string | null {
  const found = readers[agent]({ ...payloadOf(agent, wanted), ...more });
  return found === null ? null : [found.event, found.state ?? []].flat().join(" ");
}

const on = (hook_event_name: string, more: Payload = {}): Payload => ({ hook_event_name, ...more });

for (const [wanted, meaning] of [
  [on("SessionStart", { source: "startup" }), "start idle"],
  [on("SessionStart", { source: "clear" }), "start idle"],
  [on("SessionStart", { source: "compact" }), "start"],
  [on("UserPromptSubmit"), "state working"],
  [on("PostToolUse", { agent_id: undefined }), "state working"],
  [on("PostToolUse", { agent_type: "general-purpose" }), null],
  [on("PermissionRequest"), "state waiting"],
  [on("Notification", { notification_type: "permission_prompt" }), "state waiting"],
  [on("Notification", { notification_type: "idle_prompt" }), "state idle"],
  [on("Stop"), "state idle"],
  [on("StopFailure"), "state idle"],
  [on("SubagentStop"), null],
  [on("SessionEnd", { reason: "clear" }), null],
  [on("SessionEnd", { reason: "prompt_input_exit" }), "end"],
  [on("SessionEnd", { reason: "other" }), "end"],
] as const) {
  test(`readClaudeCode() takes ${JSON.stringify(wanted)} for ${meaning}`, () => {
    expect(read("claude-code", wanted)).toBe(meaning);
  });
}

for (const [name, meaning] of [
  ["SessionStart", "start"],
  ["UserPromptSubmit", "state working"],
  ["PermissionRequest", "state waiting"],
  ["PostToolUse", "state working"],
  ["Stop", "state idle"],
  ["Interrupt", "state idle"],
  ["SessionEnd", "end"],
] as const) {
  test(`readCodex() takes ${name} for ${meaning}`, () => {
    expect(read("codex", on(name))).toBe(meaning);
  });
}

test("a reader understands every event that hooks are registered for", () => {
  for (const agent of agents) {
    const silent = hookEvents[agent].filter(({ name }) => read(agent, on(name)) === null);
    // An edit changes no state; a session that is cleared has ended for nobody.
    const cleared = agent === "codex" ? [] : ["SessionEnd"];
    expect(silent.map(({ name }) => name)).toEqual(["PreToolUse", ...cleared]);
  }
});

test("a reader takes five fields of a payload, seven of its turn, and no other", () => {
  for (const agent of agents) {
    const found = recorded[agent].flatMap((payload) => readers[agent](payload) ?? []);
    expect(found.length).toBeGreaterThan(6);
    for (const each of found) {
      expect(Object.keys(each).sort()).toEqual(["cwd", "event", "session_id", "state", "turn"]);
      expect(each.turn === null ? null : Object.keys(each.turn).sort()).toEqual(
        each.turn && [
          ...["asks", "continued", "moment", "nonces", "own", "subagent", "transcript"],
        ],
      );
    }
    const [first] = recorded[agent];
    expect(found[0]).toMatchObject({ session_id: first?.session_id, cwd: "/home/someone/hydrate" });
  }
});

test("a reader passes over what a subagent does, but for a question to the person", () => {
  for (const agent of agents) {
    const agent_id = "a5cdf347f2934b15c";
    for (const { name } of hookEvents[agent]) {
      const expected = name === "PermissionRequest" ? "state waiting" : null;
      expect([name, read(agent, on(name), { agent_id })]).toEqual([name, expected]);
    }
  }
});

test("a reader passes over an event, a notification and a field that it does not know", () => {
  for (const agent of agents) {
    const start = payloadOf(agent, on("SessionStart"));
    const reader = readers[agent];
    expect(reader({ ...start, hook_event_name: "SessionPaused" })).toBeNull();
    for (const odd of [undefined, null, 1, {}, ["SessionStart"], "constructor", "toString"]) {
      expect(reader({ ...start, hook_event_name: odd })).toBeNull();
    }
    expect(reader({ ...start, source: "teleport", lineage: { of: [1] } })).toMatchObject({
      event: "start",
    });
  }
  for (const notification_type of ["auth_success", "agent_needs_input", "toString", 1, null]) {
    expect(read("claude-code", on("Notification"), { notification_type })).toBeNull();
  }
});

test("a reader refuses an id and a folder that are no such thing", () => {
  for (const agent of agents) {
    const event = agent === "codex" ? on("SessionStart") : on("SessionStart", { source: "clear" });
    const hear = (more: Payload): Happening | null =>
      readers[agent]({ ...payloadOf(agent, event), ...more });
    for (const bad of [undefined, null, 7, "", {}, ["a"], "a\0b", "\ud800"]) {
      expect(hear({ session_id: bad })).toBeNull();
      expect(hear({ cwd: bad })).toBeNull();
    }
    expect([hear({ session_id: "é".repeat(65) }), hear({ cwd: "src/hydrate" })]).toEqual([
      null,
      null,
    ]);
    expect(hear({ cwd: `/${"a".repeat(4_096)}` })).toBeNull();
    expect(hear({ session_id: "é".repeat(64) })?.session_id).toBe("é".repeat(64));
    expect(hear({ cwd: `/${"a".repeat(4_095)}` })?.cwd.length).toBe(4_096);
  }
});

test("parsePayload() takes a JSON object and nothing else", () => {
  const parse = (text: string): Payload | null => parsePayload(new TextEncoder().encode(text));
  expect(parse('{"session_id":"a"}')).toEqual({ session_id: "a" });
  for (const text of [
    "",
    " ",
    "{",
    "null",
    "1",
    '"a"',
    "[]",
    '[{"a":1}]',
    "{}{}",
    "[".repeat(1e5),
  ]) {
    expect([text.slice(0, 9), parse(text)]).toEqual([text.slice(0, 9), null]);
  }
  expect(parsePayload(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d))).toBeNull();
  expect(parse('{"__proto__":{"session_id":"a"}}')?.session_id).toBeUndefined();
});

test("isClaudeCodeHeadless() goes by what the client says, then by its entry point", () => {
  const headless = (attended?: string, entry?: string): boolean =>
    isClaudeCodeHeadless({
      CLAUDE_CODE_SESSION_ATTENDED: attended,
      CLAUDE_CODE_ENTRYPOINT: entry,
    });
  expect([headless("1", "cli"), headless("1", "claude-vscode"), headless("1")]).toEqual([
    false,
    false,
    false,
  ]);
  expect([headless("0", "sdk-cli"), headless("0", "cli"), headless("", "cli")]).toEqual([
    true,
    true,
    true,
  ]);
  expect(headless(undefined, "cli")).toBe(false);
  expect([headless(undefined, "sdk-cli"), headless()]).toEqual([true, true]);
});

test("codexProcess() tells a run, the shared server and a terminal apart", () => {
  const told = (words: string, terminal: boolean) => {
    const { sole, headless } = codexProcess(`/usr/bin/codex ${words}`.trim().split(" "), {
      terminal,
    });
    return [sole ? "sole" : "", headless ? "headless" : ""].join(" ").trim();
  };
  expect(told("app-server --listen unix:// --managed-daemon", false)).toBe("");
  expect([told("", true), told("-m some-model", true), told("resume --last", true)]).toEqual([
    "",
    "",
    "",
  ]);
  expect(told("exec --skip-git-repo-check hi", true)).toBe("sole headless");
  expect([told("-c a=b exec hi", false), told("e hi", true)]).toEqual([
    "sole headless",
    "sole headless",
  ]);
  expect([told("mcp-server", false), told("", false)]).toEqual(["headless", "headless"]);
});
