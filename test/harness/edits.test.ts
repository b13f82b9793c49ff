import { expect, test } from "bun:test";
import { editedPathsMax } from "../../src/contract/overlap/limits.ts";
import { editOf } from "../../src/harness/edits.ts";
import { hookEvents } from "../../src/harness/events.ts";
import type { Payload } from "../../src/harness/payload.ts";
import claudeCodePayloads from "./payloads/claude-code.json";
import codexPayloads from "./payloads/codex.json";

const recorded = { "claude-code": claudeCodePayloads, codex: codexPayloads } as const;
const agents = ["claude-code", "codex"] as const;

function edit(agent: (typeof agents)[number]): Payload {
  const all: readonly Payload[] = recorded[agent];
  const found = all.find((each) => each.hook_event_name === "PreToolUse");
  if (found === undefined) throw new Error("no edit was recorded");
  return found;
}

test("editOf() names the file of each agent's edit, and its session", () => {
  for (const agent of agents) {
    const { session_id } = edit(agent);
    const paths = ["/home/someone/hydrate/a.txt"];
    expect(editOf(agent, edit(agent))).toEqual({ session_id: String(session_id), paths });
  }
});

test("editOf() finds every tool that the hook is registered for, and no other event", () => {
  for (const agent of agents) {
    const { tools } = hookEvents[agent].find(({ name }) => name === "PreToolUse") ?? {};
    expect(new RegExp(`^(${tools})$`).test(String(edit(agent).tool_name))).toBe(true);
    for (const payload of recorded[agent]) {
      const isEdit = payload.hook_event_name === "PreToolUse";
      expect([payload.hook_event_name, editOf(agent, payload) !== null]).toEqual([
        payload.hook_event_name,
        isEdit,
      ]);
    }
  }
});

test("editOf() takes a notebook, and every file of a patch once", () => {
  const notebook = { notebook_path: "/home/someone/hydrate/n.ipynb" };
  expect(editOf("claude-code", { ...edit("claude-code"), tool_input: notebook })?.paths).toEqual([
    "/home/someone/hydrate/n.ipynb",
  ]);
  const lines = [
    ...["*** Begin Patch", "*** Add File: src/new.ts", "+*** Update File: no.ts"],
    ...["*** Update File: src/a.ts\r", "*** Move to: src/b.ts", "@@", "-x", "+y"],
    ...["*** Delete File: /elsewhere/c.ts", "*** Update File: src/a.ts", "*** End Patch"],
  ];
  const command = lines.join("\n");
  const at = (file: string): string => `/home/someone/hydrate/src/${file}`;
  expect(editOf("codex", { ...edit("codex"), tool_input: { command } })?.paths).toEqual([
    ...[at("new.ts"), at("a.ts"), at("b.ts"), "/elsewhere/c.ts"],
  ]);
  const files = Array.from({ length: 100 }, (_, each) => `*** Delete File: ${each}`).join("\n");
  const many = editOf("codex", { ...edit("codex"), tool_input: { command: files } });
  expect(many?.paths.length).toBe(editedPathsMax);
});

test("editOf() passes over a path, a session and an input that are no such thing", () => {
  for (const agent of agents) {
    for (const odd of [undefined, null, 7, "", {}, ["a"], "a\0b", "\ud800", "x".repeat(5_000)]) {
      const key = agent === "codex" ? "command" : "file_path";
      const value = agent === "codex" && typeof odd === "string" ? `*** Add File: ${odd}` : odd;
      const tool_input = { [key]: value };
      expect(editOf(agent, { ...edit(agent), tool_input })?.paths).toEqual([]);
      expect(editOf(agent, { ...edit(agent), tool_input: odd })?.paths).toEqual([]);
      expect(editOf(agent, { ...edit(agent), cwd: odd })).toBeNull();
      if (typeof odd !== "string" || odd.length < 5_000) {
        expect(editOf(agent, { ...edit(agent), session_id: odd })).toBeNull();
      }
    }
  }
});
