/** The answers of hooks that tell of mail: in each client's form, small, and in our words alone. */

import { expect, test } from "bun:test";
import { hookOutputBytesMax, noticeNamesMax } from "../../src/contract/delivery/limits.ts";
import { modelLine, personLine } from "../../src/contract/delivery/notices.ts";
import { Moment, type Notice } from "../../src/contract/delivery/turn.ts";
import type { HookOutput } from "../../src/contract/lease.ts";
import type { PayloadTurn } from "../../src/harness/payload.ts";
import { answerOf } from "../../src/hook/answer.ts";
import { noticeOf } from "../../src/hook/notice.ts";

const notice = (more: Partial<Notice> = {}): Notice => ({
  ...{ count: 2, from: ["laptop"], others: false, model: true },
  ...more,
});
const output = (of: Notice | undefined, more: Partial<HookOutput> = {}): HookOutput => ({
  ...{ handle: "mini/hydrate", refused: null, taken: false, visible_to: [], live: [] },
  ...(of === undefined ? {} : { notice: of }),
  ...more,
});
const turn = (moment: PayloadTurn["moment"]): PayloadTurn => ({
  ...{ moment, continued: false, subagent: false, own: false, nonces: [], asks: true },
  transcript: null,
});
const agents = ["claude-code", "codex"] as const;
const answered = (agent: (typeof agents)[number], moment: PayloadTurn["moment"], of = notice()) => {
  const text = noticeOf(agent, turn(moment), output(of));
  return text === null ? null : JSON.parse(text);
};

test("noticeOf() tells model and person at a prompt and after a tool", () => {
  for (const agent of agents) {
    for (const [moment, hookEventName] of [
      ["prompt", "UserPromptSubmit"],
      ["woken", "UserPromptSubmit"],
      ["tool", "PostToolUse"],
    ] as const) {
      expect(answered(agent, moment)).toEqual({
        systemMessage: personLine(notice()),
        hookSpecificOutput: { hookEventName, additionalContext: modelLine(notice()) },
      });
      const person = { systemMessage: personLine(notice()) };
      expect(answered(agent, moment, notice({ model: false }))).toEqual(person);
    }
  }
});

test("noticeOf() rings the terminal of Claude Code alone, where the settings say so", () => {
  const rung = { terminalSequence: "\u0007" };
  for (const moment of ["prompt", "tool", "end"] as const) {
    const { terminalSequence, ...rest } = answered("claude-code", moment, notice({ bell: true }));
    expect({ terminalSequence }).toEqual(rung);
    expect(rest).toEqual(answered("claude-code", moment));
    expect(answered("codex", moment, notice({ bell: true }))).toEqual(answered("codex", moment));
    expect(answered("claude-code", moment)).not.toHaveProperty("terminalSequence");
  }
  // The person alone is told: the terminal rings for that too.
  const person = answered("claude-code", "prompt", notice({ bell: true, model: false }));
  expect(person).toMatchObject(rung);
});

test("noticeOf() goes on with a turn by the form that a client gives once", () => {
  expect(answered("claude-code", "end")).toEqual({
    hookSpecificOutput: { hookEventName: "Stop", additionalContext: modelLine(notice()) },
  });
  expect(answered("codex", "end")).toEqual({ decision: "block", reason: modelLine(notice()) });
});

test("noticeOf() says nothing without mail, and at no other moment", () => {
  for (const agent of agents) {
    for (const moment of Moment.options) {
      expect(noticeOf(agent, turn(moment), output(undefined))).toBeNull();
    }
    expect([answered(agent, "cut"), noticeOf(agent, null, output(notice()))]).toEqual([null, null]);
  }
});

test("answerOf() tells of mail behind the handle, at a start", () => {
  const { systemMessage, hookSpecificOutput } = JSON.parse(answerOf(output(notice())) ?? "");
  expect(systemMessage).toBe(personLine(notice()));
  expect(hookSpecificOutput.additionalContext).toEndWith(` ${modelLine(notice())}`);
  const taken = JSON.parse(answerOf(output(notice(), { taken: true })) ?? "");
  expect(taken.systemMessage.split("\n").at(-1)).toBe(personLine(notice()));
});

test("modelLine() and personLine() say how many messages wait, and from whom", () => {
  for (const [of, words] of [
    [notice(), "2 unread messages from laptop"],
    [
      notice({ count: 1, from: [], others: true }),
      "1 unread message from a paired machine or session",
    ],
    [notice({ from: ["a", "b"], others: true }), "2 unread messages from a, b and others"],
    [notice({ count: 3, from: ["a", "b"] }), "3 unread messages from a and b"],
  ] as const) {
    expect(modelLine(of)).toStartWith(`peernet: ${words}. Call the peernet tool read_messages`);
    expect(personLine(of)).toStartWith(`peernet: ${words} (`);
  }
});

test("M1: every answer of a hook stays below 2 kB, whatever the names and counts", () => {
  const name = "a".repeat(31);
  const most = notice({
    ...{ count: Number.MAX_SAFE_INTEGER, others: true },
    from: Array.from({ length: noticeNamesMax }, () => name),
  });
  const visible_to = Array.from({ length: 256 }, () => name);
  const full = output(most, { taken: true, handle: `${name}/${name}`, visible_to });
  const answers = [
    ...agents.flatMap((agent) => Moment.options.map((each) => noticeOf(agent, turn(each), full))),
    answerOf(full),
  ];
  for (const text of answers) {
    expect(new TextEncoder().encode(text ?? "").length).toBeLessThan(hookOutputBytesMax);
  }
});
