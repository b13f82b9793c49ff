/** When a session is told of mail, when a turn is started for it, and why none is. */

import { describe, expect, test } from "bun:test";
import { wakeRetryMs, wakeTriesMax } from "../../../src/contract/delivery/limits.ts";
import type { Turn } from "../../../src/contract/delivery/turn.ts";
import {
  obstacleTo,
  type Reader,
  toldAt,
  type Unread,
  type Wake,
  type Wakeable,
  wakeStep,
  wayForPeer,
  wayOf,
} from "../../../src/core/messages/telling.ts";

const nowMs = 1_000_000;
const reader = (more: Partial<Reader> = {}): Reader => ({
  ...{ harness: "claude-code", session_id: "a", process: { pid: 1, start_time: "1" } },
  ...{ record: null, bytes: 0, asks: true, headless: false, heard_ms: nowMs, noticed: null },
  ...{ told: [], told_by: "hook", wake: null },
  ...more,
});
const mail = (more: Partial<Unread> = {}): Unread => ({
  ...{ count: 1, loud: 1, newest: "m1", waking: 1, wakesInMs: 0 },
  ...more,
});
const wake = (more: Partial<Wake> = {}): Wake => ({
  ...{ newest: "m1", tries: 1, at_ms: nowMs, answered: false, failed: null },
  ...more,
});
const turn = (moment: Turn["moment"], more: Partial<Turn> = {}): Turn => ({
  ...{ moment, continued: false, subagent: false, own: false, nonces: [], asks: true },
  record: null,
  ...more,
});
const told = (given: Turn, of: Reader = reader(), unread = mail()) =>
  toldAt(given, { reader: of, mail: unread, mayGoOn: true });

describe("toldAt()", () => {
  test("toldAt() tells at every start and prompt, and never without mail", () => {
    for (const moment of ["startup", "resume", "clear", "compact", "prompt"] as const) {
      expect([moment, told(turn(moment))]).toEqual([moment, "both"]);
      expect(told(turn(moment), reader({ noticed: "m1" }))).toBe("both");
      expect(told(turn(moment), reader(), mail({ count: 0, newest: null }))).toBe("none");
    }
    expect(told(turn("cut"))).toBe("none");
  });

  test("toldAt() tells the person alone in the turn that a wake began", () => {
    expect(told(turn("woken"), reader({ wake: wake() }))).toBe("person");
    // Another task of the client began this turn.
    expect(told(turn("woken"))).toBe("both");
    expect(told(turn("woken"), reader({ wake: wake({ answered: true }) }))).toBe("both");
  });

  test("toldAt() tells after a tool once for each set, and of no quiet mail", () => {
    expect(told(turn("tool"))).toBe("both");
    expect(told(turn("tool"), reader({ noticed: "m1" }))).toBe("none");
    expect(told(turn("tool"), reader({ noticed: "m0" }))).toBe("both");
    expect(told(turn("tool"), reader(), mail({ loud: 0 }))).toBe("none");
    expect(told(turn("tool", { own: true }))).toBe("none");
    for (const moment of ["tool", "prompt", "end"] as const) {
      expect(told(turn(moment, { subagent: true }))).toBe("none");
    }
  });

  test("toldAt() goes on with a turn only by right, within the budgets, once, for news", () => {
    expect(told(turn("end"))).toBe("continue");
    expect(told(turn("end", { continued: true }))).toBe("none");
    const denied = { reader: reader(), mail: mail(), mayGoOn: false };
    expect(toldAt(turn("end"), denied)).toBe("none");
    for (const less of [{ waking: 0 }, { wakesInMs: 1 }, { wakesInMs: null }]) {
      expect([less, told(turn("end"), reader(), mail(less))]).toEqual([less, "none"]);
    }
    expect(told(turn("end"), reader({ noticed: "m1" }))).toBe("none");
    expect(told(turn("end"), reader({ wake: wake({ answered: true }) }))).toBe("none");
    expect(told(turn("end"), reader({ wake: wake({ newest: "m0", answered: true }) }))).toBe(
      "continue",
    );
  });
});

describe("wakeStep()", () => {
  const step = (
    of: Reader,
    unread = mail(),
    state: "idle" | "working" | "waiting" | null = "idle",
  ) => wakeStep(of, unread, { state, nowMs });

  test("wakeStep() wakes an idle session, and one whose state is unknown", () => {
    for (const state of ["idle", null] as const) {
      expect(step(reader(), mail(), state)).toEqual({ do: "wake", tries: 1 });
    }
    for (const state of ["working", "waiting"] as const) {
      expect(step(reader(), mail(), state)).toEqual({ do: "nothing" });
    }
  });

  test("wakeStep() waits for the budgets, and gives up without a person", () => {
    expect(step(reader(), mail({ wakesInMs: 7 }))).toEqual({ do: "wait", ms: 7 });
    expect(step(reader(), mail({ wakesInMs: null }))).toEqual({ do: "nothing" });
    expect(step(reader(), mail({ waking: 0 }))).toEqual({ do: "nothing" });
  });

  test("wakeStep() tries again after 10 s, three times in all, until an answer", () => {
    const at_ms = nowMs - wakeRetryMs;
    expect(step(reader({ wake: wake({ at_ms: at_ms + 1 }) }))).toEqual({ do: "wait", ms: 1 });
    for (let tries = 1; tries < wakeTriesMax; tries += 1) {
      const next = step(reader({ wake: wake({ at_ms, tries }) }), mail({ wakesInMs: 20_000 }));
      expect(next).toEqual({ do: "wake", tries: tries + 1 });
    }
    expect(step(reader({ wake: wake({ at_ms, tries: wakeTriesMax }) }))).toEqual({ do: "nothing" });
    expect(step(reader({ wake: wake({ at_ms, answered: true }) }))).toEqual({ do: "nothing" });
    // Newer mail is a reason of its own.
    const newer = reader({ wake: wake({ at_ms, answered: true, newest: "m0" }) });
    expect(step(newer)).toEqual({ do: "wake", tries: 1 });
  });
});

describe("obstacleTo()", () => {
  const facts = (more: Partial<Wakeable> = {}): Wakeable => ({
    ...{ reader: reader(), harness: "claude-code", hasWaker: true, setting: "always" },
    unattended: false,
    ...more,
  });

  test("obstacleTo() is null for a session that may be woken", () => {
    expect(obstacleTo(facts())).toBeNull();
    expect(obstacleTo(facts({ harness: "codex", hasWaker: false }))).toBeNull();
    expect(obstacleTo(facts({ reader: reader({ asks: false }), unattended: true }))).toBeNull();
  });

  for (const [why, more] of [
    ["setting", { setting: "never" }],
    ["hooks", { reader: null }],
    ["program", { reader: null, harness: "shell" }],
    ["headless", { reader: reader({ headless: true }) }],
    ["headless", { reader: reader({ headless: true }), unattended: true }],
    ["unattended", { reader: reader({ asks: false }) }],
    ["unattended", { reader: reader({ asks: null }) }],
    ["command", { reader: reader({ wake: wake({ failed: "as an earlier version wrote" }) }) }],
    ["terminal", { reader: reader({ wake: wake({ failed: "terminal" }) }) }],
    ["silent", { reader: reader({ wake: wake({ tries: wakeTriesMax }) }) }],
    ["waker", { hasWaker: false }],
    ["program", { harness: "gemini-cli" }],
  ] as const satisfies readonly (readonly [string, Partial<Wakeable>])[]) {
    test(`obstacleTo() finds: ${why} (${JSON.stringify(Object.keys(more))})`, () => {
      expect(obstacleTo(facts(more))).toBe(why);
    });
  }

  for (const [next, not_wakeable, more, state] of [
    ["wake", null, {}, "idle"],
    ["wake", null, {}, null],
    ["turn", null, {}, "working"],
    ["turn", "waker", { hasWaker: false }, "waiting"],
    ["prompt", "waker", { hasWaker: false }, "idle"],
    ["prompt", "hooks", { reader: null }, "working"],
    ["inbox", "program", { reader: null, harness: "shell" }, null],
    ["call", "program", { reader: null, harness: "cursor" }, null],
  ] as const) {
    test(`wayOf() is ${next} for ${state}, ${not_wakeable}`, () => {
      expect(wayOf(facts(more), state)).toEqual({ next, not_wakeable });
    });
  }

  test("wayForPeer() names the missing right, and no setting or mode of a session here", () => {
    const wakes = { next: "wake", not_wakeable: null } as const;
    expect(wayForPeer(wakes, true)).toEqual(wakes);
    expect(wayForPeer(wakes, false)).toEqual({ next: "prompt", not_wakeable: "right" });
    for (const not_wakeable of ["setting", "headless", "unattended"] as const) {
      const told = wayForPeer({ next: "prompt", not_wakeable }, true);
      expect(told).toEqual({ next: "prompt", not_wakeable: "closed" });
    }
    const shell = { next: "inbox", not_wakeable: "program" } as const;
    expect(wayForPeer(shell, false)).toEqual(shell);
  });
});
