/** Handovers: each case of the crash table, both sides of each instant, and what no sign proves. */

import { describe, expect, test } from "bun:test";
import { doubtMs, judgedAgainMs, searchTriesMax } from "../../../src/contract/delivery/limits.ts";
import type { Turn } from "../../../src/contract/delivery/turn.ts";
import {
  follow,
  type Handover,
  judge,
  judgedInMs,
  type Sign,
} from "../../../src/core/messages/handover.ts";

const nonce = "pnr-0123456789abcdef";
const process = { pid: 42, start_time: "7" };
const other = { pid: 43, start_time: "8" };
const session = { harness: "claude-code", session_id: "session-a", process };
const nowMs = 1_000_000;

const handover = (more: Partial<Handover> = {}): Handover => ({
  ...session,
  nonce,
  name: "hydrate",
  record: "/home/ada/record.jsonl",
  mark: 100,
  state: "given",
  given_ms: nowMs - 10,
  settled_ms: null,
  doubt: null,
  doubted_ms: 0,
  ended: false,
  tries: 0,
  ...more,
});

const sign = (moment: Turn["moment"], more: Partial<Sign & Sign["turn"]> = {}): Sign => {
  const { subagent = false, nonces = [], ...rest } = more;
  return {
    ...{ session, name: "hydrate", heard_ms: nowMs - 5, ...rest },
    turn: { moment, subagent, nonces },
  };
};
const proof = sign("tool", { nonces: [nonce] });
const after = (from: Handover, ...signs: readonly Sign[]): Handover =>
  signs.reduce((each, next) => follow(each, next, nowMs), from);

describe("follow()", () => {
  test("follow() takes a result for handed, and the end of its turn for surfaced", () => {
    const handed = after(handover(), proof);
    expect(handed).toEqual(handover({ state: "handed" }));
    const surfaced = after(handed, sign("end"));
    expect(surfaced).toEqual(handover({ state: "surfaced", settled_ms: nowMs }));
    expect(after(surfaced, proof, sign("end"), sign("prompt"))).toBe(surfaced);
  });

  test("follow() takes no other event for a proof", () => {
    const handed = handover({ state: "handed" });
    for (const moment of ["tool", "prompt", "woken", "cut", "compact"] as const) {
      expect([moment, after(handed, sign(moment))]).toEqual([moment, handed]);
    }
    for (const moment of ["tool", "cut", "compact"] as const) {
      expect([moment, after(handover(), sign(moment))]).toEqual([moment, handover()]);
    }
    const foreign = sign("tool", { nonces: ["pnr-ffffffffffffffff"] });
    expect(after(handover(), foreign)).toEqual(handover());
  });

  test("follow() doubts a handover when the turn goes on without its result", () => {
    for (const [moment, ended] of [
      ["end", true],
      ["prompt", false],
      ["woken", false],
    ] as const) {
      const doubt = { doubt: "turn", doubted_ms: nowMs, ended } as const;
      expect([moment, after(handover(), sign(moment))]).toEqual([moment, handover(doubt)]);
    }
  });

  test("follow() doubts once: a later event neither delays the look nor hides an end", () => {
    const first = after(handover(), sign("prompt"));
    const later = follow(first, sign("end"), nowMs + 1_000);
    expect(later).toEqual({ ...first, ended: true });
    expect(follow(later, sign("prompt"), nowMs + 1_500)).toBe(later);
    expect(after(first, proof)).toMatchObject({ state: "handed", doubt: null });
  });

  test("follow() gives back what a subagent read, and believes no subagent", () => {
    const subagent = sign("tool", { nonces: [nonce], subagent: true });
    for (const state of ["given", "handed"] as const) {
      expect(after(handover({ state }), subagent)).toMatchObject({ state: "lost" });
    }
    const surfaced = handover({ state: "surfaced", settled_ms: nowMs });
    expect(after(surfaced, subagent)).toBe(surfaced);
    expect(after(handover(), sign("end", { subagent: true }))).toEqual(handover());
    const handed = handover({ state: "handed" });
    expect(after(handed, sign("end", { subagent: true }))).toBe(handed);
  });

  test("follow() gives the next holder what its predecessor did not surface", () => {
    const cleared = { ...session, session_id: "session-b" };
    for (const moment of ["clear", "startup", "resume", "prompt", "woken"] as const) {
      for (const state of ["given", "handed"] as const) {
        const next = after(handover({ state }), sign(moment, { session: cleared }));
        expect([moment, state, next.state]).toEqual([moment, state, "lost"]);
      }
      const surfaced = handover({ state: "surfaced", settled_ms: nowMs });
      expect(after(surfaced, sign(moment, { session: cleared }))).toBe(surfaced);
    }
    // A late event of a session that is over takes nothing from its successor.
    for (const moment of ["tool", "end", "cut", "compact"] as const) {
      expect(after(handover(), sign(moment, { session: cleared }))).toEqual(handover());
    }
    const elsewhere = sign("prompt", { session: cleared, name: "other" });
    expect(after(handover(), elsewhere)).toEqual(handover());
    const itsSubagent = sign("tool", { session: cleared, subagent: true });
    expect(after(handover(), itsSubagent)).toEqual(handover());
  });

  test("follow() doubts all that a session may have lost when it comes back", () => {
    const back = { ...session, process: other };
    const doubt = { process: other, doubt: "resume", doubted_ms: nowMs, ended: false } as const;
    for (const state of ["given", "handed"] as const) {
      for (const moment of ["startup", "resume", "prompt", "tool", "end"] as const) {
        const next = after(handover({ state }), sign(moment, { session: back }));
        expect([state, moment, next]).toEqual([state, moment, handover({ state, ...doubt })]);
      }
    }
    // A client that resumes another conversation keeps its process.
    expect(after(handover(), sign("resume"))).toMatchObject({ doubt: "resume" });
    expect(after(handover(), sign("clear", { session: back }))).toEqual(handover());
  });

  test("follow() doubts what surfaced in the last minute of a session that comes back", () => {
    const back = { ...session, process: other };
    const heard_ms = nowMs - 3_600_000;
    const settled = (settled_ms: number): Handover => handover({ state: "surfaced", settled_ms });
    const recent = settled(heard_ms - judgedAgainMs);
    const older = settled(heard_ms - judgedAgainMs - 1);
    const come = sign("resume", { session: back, heard_ms });
    expect(after(recent, come)).toMatchObject({ state: "surfaced", doubt: "resume" });
    expect(after(older, come)).toBe(older);
    // Without a memory of its last event every one may have been its last.
    expect(after(older, { ...come, heard_ms: null })).toMatchObject({ doubt: "resume" });
  });

  test("follow() proves nothing in a session that came back before its record was read", () => {
    const back = after(handover({ state: "handed" }), sign("resume"));
    const ended = after(back, proof, sign("prompt"), sign("end"));
    expect(ended).toEqual({ ...back, ended: true });
  });

  test("follow() never changes a lost handover", () => {
    const lost = handover({ state: "lost", settled_ms: nowMs });
    const signs = [proof, sign("end"), sign("resume"), sign("clear")];
    for (const each of signs) expect(after(lost, each)).toBe(lost);
  });

  test("follow() leaves a session without an id to its process's successor", () => {
    const nameless = handover({ harness: "gemini-cli", session_id: null });
    const ofNobody = { ...session, harness: "gemini-cli", session_id: null };
    expect(after(nameless, sign("end", { session: ofNobody, name: "x" }))).toBe(nameless);
    expect(after(nameless, sign("prompt"))).toMatchObject({ state: "lost" });
  });
});

describe("judgedInMs()", () => {
  test("judgedInMs() waits for a record that is written late, and for no other", () => {
    expect(judgedInMs(handover(), nowMs)).toBeNull();
    const turn = handover({ doubt: "turn", doubted_ms: nowMs });
    expect(judgedInMs(turn, nowMs)).toBe(doubtMs);
    expect(judgedInMs(turn, nowMs + doubtMs - 1)).toBe(1);
    expect(judgedInMs(turn, nowMs + doubtMs)).toBe(0);
    expect(judgedInMs(handover({ doubt: "resume", doubted_ms: nowMs }), nowMs)).toBe(0);
  });
});

describe("judge()", () => {
  const ended = handover({ doubt: "turn", ended: true });
  const resumed = (more: Partial<Handover> = {}): Handover =>
    handover({ doubt: "resume", ...more });

  test("judge() takes a nonce in the record of an ended turn for surfaced", () => {
    expect(judge(ended, "there", nowMs)).toMatchObject({
      ...{ state: "surfaced", settled_ms: nowMs, doubt: null },
    });
    // A prompt alone shows that the client has it, not that its model answered.
    expect(judge(handover({ doubt: "turn" }), "there", nowMs)).toMatchObject({
      ...{ state: "handed", settled_ms: null, doubt: null },
    });
  });

  test("judge() loses what is not in the record, or cannot be shown by it", () => {
    for (const verdict of ["not_there", "unreadable"] as const) {
      for (const doubtful of [ended, resumed(), resumed({ state: "handed" })]) {
        expect(judge(doubtful, verdict, nowMs)).toMatchObject({ state: "lost", doubt: null });
      }
    }
  });

  test("judge() loses what had surfaced only when the record contradicts it", () => {
    const surfaced = resumed({ state: "surfaced", settled_ms: 5 });
    expect(judge(surfaced, "not_there", nowMs)).toMatchObject({ state: "lost" });
    for (const verdict of ["there", "unreadable"] as const) {
      expect(judge(surfaced, verdict, nowMs)).toEqual({ ...surfaced, doubt: null });
    }
  });

  test("judge() asks again while no keeper answers, and then proves nothing", () => {
    let asked = ended;
    for (let tried = 1; tried < searchTriesMax; tried += 1) {
      asked = judge(asked, "unanswered", nowMs);
      expect(asked).toEqual({ ...ended, tries: tried });
    }
    expect(judge(asked, "unanswered", nowMs)).toMatchObject({ state: "lost" });
  });

  test("judge() of no doubt changes nothing", () => {
    for (const state of ["given", "handed", "surfaced", "lost"] as const) {
      const settled = handover({ state });
      expect(judge(settled, "not_there", nowMs)).toBe(settled);
    }
  });
});
