/** Events of the two runners as they were recorded, and lines that are none. */

import { describe, expect, test } from "bun:test";
import { readEvents } from "../../../../src/keeper/tasks/runner/events.ts";
import { ours } from "../endpoint/support.ts";

const claude = () => readEvents(ours("claude-code").events);
const codex = () => readEvents(ours("codex").events);
const line = (event: object): string => JSON.stringify(event);

describe("readEvents()", () => {
  test("reads Claude Code's session and its end", () => {
    const events = claude();
    expect([events.isFirst(), events.session()]).toEqual([false, null]);
    events.feed(line({ type: "system", subtype: "init", session_id: "s-1" }));
    expect([events.isFirst(), events.session()]).toEqual([true, "s-1"]);
    events.feed(line({ type: "assistant", session_id: "s-2", result: "not the end" }));
    const denied = { tool_name: "Read", tool_input: { file_path: "/etc/passwd" } };
    events.feed(
      line({
        ...{ type: "result", subtype: "success", is_error: false, result: "Done." },
        ...{ total_cost_usd: 0.41, permission_denials: [denied], session_id: "s-1" },
      }),
    );
    expect(events.claims()).toEqual({
      ...{ text: "Done.", session: "s-1", cost_usd: 0.41, is_error: false },
      denials: [`Read ${JSON.stringify(denied)}`],
    });
  });

  test("reads Codex's last message", () => {
    const events = codex();
    events.feed(line({ type: "thread.started", thread_id: "t-1" }));
    for (const text of ["first", "last"]) {
      events.feed(line({ type: "item.completed", item: { type: "agent_message", text } }));
    }
    events.feed(line({ type: "item.completed", item: { type: "reasoning", text: "no" } }));
    events.feed(line({ type: "turn.completed", usage: { input_tokens: 1 } }));
    expect(events.claims()).toEqual({
      ...{ text: "last", session: "t-1", cost_usd: null, is_error: null, denials: [] },
    });
  });

  test("passes over lines that are no events, and one that is too long", () => {
    const events = claude();
    for (const text of [
      "",
      "plain words",
      "{",
      "[]",
      "null",
      '"text"',
      `{"session_id":"${"x".repeat(1_048_577)}"}`,
    ]) {
      events.feed(text);
    }
    expect(events.isFirst()).toBe(false);
    expect(events.claims().text).toBeNull();
  });

  test("keeps values of other types out, and bounds those that it takes", () => {
    const events = claude();
    events.feed(line({ session_id: { a: 1 } }));
    events.feed(line({ session_id: `\0${"s".repeat(300)}` }));
    const many = Array.from({ length: 100 }, () => ({ tool_name: "x".repeat(999) }));
    events.feed(
      line({
        ...{ type: "result", result: "\u00e4".repeat(9_000), total_cost_usd: -1 },
        ...{ is_error: "yes", permission_denials: many },
      }),
    );
    const { text, session, cost_usd, is_error, denials } = events.claims();
    expect(session).toBe("s".repeat(256));
    expect(new TextEncoder().encode(text ?? "").length).toBe(8_192);
    expect([cost_usd, is_error, denials.length]).toEqual([null, null, 64]);
    expect(denials[0]).toHaveLength(256);
  });

  test("never follows a path into an object's prototype", () => {
    const rules = { ...ours("claude-code").events, session: "constructor.name" };
    const events = readEvents(rules);
    events.feed(line({ a: 1 }));
    expect(events.session()).toBeNull();
  });
});
