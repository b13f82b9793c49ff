/** `peernet send`, `reply` and `receipts`: what they call, print, and end with. */

import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PeernetError } from "../../../src/contract/errors.ts";
import type { ProvenStage, Sent, StageEvent } from "../../../src/contract/messages/sending.ts";
import { run, text } from "../support.ts";

const id = "01935fd2-61f1-7c6a-9d2e-3b1c5a7e7f3a";
const sent: Sent = {
  message_id: id,
  thread_id: "01935fd2-61f1-7c6a-9d2e-3b1c5a7e9f01",
  to: "mini/hydrate",
  stage: "stored",
  reason: null,
  next: "wake",
  took_ms: 9,
  away: null,
};
const sends =
  (...all: readonly Partial<Sent>[]) =>
  async () => ({
    sent: all.map((more) => ({ ...sent, ...more })),
    refused: [],
  });

describe("send", () => {
  test("sends words, and says what is proven and what comes next", async () => {
    const done = await run("send mini/hydrate Auth is ready", { answers: { send: sends({}) } });
    expect([done.exit, done.out]).toEqual([
      0,
      text("stored on mini, 9 ms · its session is idle and will be woken   7f3a"),
    ]);
    expect(done.calls).toEqual([
      [
        "send",
        {
          ...{ to: "mini/hydrate", text: "Auth is ready", reply_to: null },
          ...{ from: { by: "person" }, agreed: false },
        },
      ],
    ]);
  });

  test("refuses a text with a NUL character, in words about the text", async () => {
    const done = await run("send mini/hydrate -", { lines: ["a\0b"], answers: {} });
    expect([done.exit, done.err]).toEqual([
      2,
      text(
        "peernet: error: a message is text, and this has a NUL character",
        "peernet: hint: put it into a file of the repository, and name the file",
      ),
    ]);
  });

  test("reads the text from standard input, a file, or the terminal", async () => {
    using folder = { path: mkdtempSync(join(tmpdir(), "send-")), [Symbol.dispose]: () => {} };
    const file = join(folder.path, "text");
    writeFileSync(file, "one\n\ttwo\n");
    const lines = ["first", "", "third"];
    for (const [line, scene, wanted] of [
      ["send mini/hydrate -", { lines }, "first\n\nthird"],
      ["send mini/hydrate", { lines, terminal: { stdin: true } }, "first\n\nthird"],
      [`send mini/hydrate --file ${file}`, {}, "one\n\ttwo\n"],
    ] as const) {
      const done = await run(line, { ...scene, answers: { send: sends({}) } });
      expect([done.exit, done.calls[0]?.[1]]).toMatchObject([0, { text: wanted }]);
    }
    rmSync(folder.path, { recursive: true });
  });

  test("refuses no text, too much of it, and two places of it", async () => {
    for (const [line, scene, wanted] of [
      ["send mini/hydrate", {}, "there is no text"],
      ["send mini/hydrate -", { lines: ["", " "] }, "the text is empty"],
      ["send mini/hydrate -", { lines: ["x".repeat(8_193)] }, "a message is at most 8 KiB"],
      ["send mini/hydrate hi --file /x", {}, "the text is given twice"],
      ["send mini/hydrate --file /nonexistent/x", {}, "the file cannot be read"],
      ["send Mini_1 hi", {}, "this is no handle: mini_1"],
      ["send mini/hydrate hi --wait=read", {}, "no stage is called read"],
      ["send mini/hydrate hi --wait --deadline 25h", {}, "--deadline is 1s to 24h"],
    ] as const) {
      const done = await run(line, { ...scene, answers: {} });
      expect([line, done.exit, done.calls]).toEqual([line, 2, []]);
      expect(done.err).toContain(wanted);
    }
  });

  test("says what a message waits for, and ends with 0: it is durable here", async () => {
    const away = { peer: "server", last_seen_age_ms: 3 * 3_600_000 };
    const queued = sends({ to: "server/api", stage: "queued", next: null, away });
    const done = await run("send server/api hi", { answers: { send: queued } });
    expect([done.exit, done.out]).toEqual([
      0,
      text(
        "queued: server is down, last heard 3 h ago; it is sent when it is back (7 days)   7f3a",
      ),
    ]);
  });

  test("a refusal ends with 4 and its reason", async () => {
    const refused = sends({ stage: "refused", reason: "unknown", next: null });
    const done = await run("send mini/hydrate hi", { answers: { send: refused } });
    expect([done.exit, done.out]).toEqual([4, ""]);
    expect(done.err).toBe(
      text(
        "peernet: error: mini/hydrate: refused by mini: " +
          "it has no such handle that this machine may write to",
        "peernet: hint: peernet ask mini",
      ),
    );
  });

  test("below a coding agent it is the session's message, never a person's", async () => {
    const requirePerson = async () => {
      throw new PeernetError("not_a_person");
    };
    const session = { session_id: "s" };
    const scene = { requirePerson, session, answers: { send: sends({}) } };
    const done = await run("send mini/hydrate hi", scene);
    expect(done.calls[0]?.[1]).toMatchObject({ from: { session, by: "session" } });
  });

  test("asks before it reaches machines of others, and sends only after y", async () => {
    const asked: boolean[] = [];
    const send = async ({ agreed = false }: { readonly agreed?: boolean | undefined }) => {
      asked.push(agreed);
      if (agreed) return sends({ to: "mini/api" }, { to: "mini/web" })();
      throw new PeernetError("outbound_refused", { details: { machines: ["mini"] } });
    };
    const scene = { answers: { send }, terminal: { stdin: true, stderr: true } };
    const no = await run("send mini/ hi", { ...scene, lines: ["n"] });
    expect([no.exit, no.err.split("\n")[0]]).toEqual([
      4,
      "It reaches mini. Send it? [y/N] peernet: error: a model may not write to that machine",
    ]);
    const yes = await run("send mini/ hi", { ...scene, lines: ["y"] });
    expect([yes.exit, asked]).toEqual([0, [false, false, true]]);
    expect(yes.out.split("\n").map((line) => line.split("  ")[0])).toEqual([
      "mini/api",
      "mini/web",
      "",
    ]);
  });
});

describe("send --wait", () => {
  const event = (stage: StageEvent["stage"], more: Partial<StageEvent> = {}): StageEvent => ({
    ...{ stage, reason: null, at_ms: 0, evidence: "", message_id: id, next: null, answer: null },
    ...more,
  });
  const follows = (events: readonly StageEvent[]) =>
    async function* () {
      yield* events;
    };
  const answers = (...events: readonly StageEvent[]) => ({
    send: sends({}),
    "receipts/follow": follows(events),
  });

  test("prints each proven stage, and the answer; ends with 0", async () => {
    const from = "mini/hydrate";
    const answer = { message_id: id, from, by: "session", text: "Yes,\nsince 91c0d7e." } as const;
    const all = [event("queued"), event("stored"), event("surfaced")];
    const scene = { answers: answers(...all, event("answered", { answer })) };
    const done = await run("send mini/hydrate final? --wait", scene);
    expect(done.exit).toBe(0);
    expect(done.out.replace(/^\d\d:\d\d:\d\d/gm, "00:00:00")).toBe(
      text(
        "00:00:00  queued here",
        "00:00:00  stored on mini",
        "00:00:00  in the model's context",
        "00:00:00  answered by mini/hydrate",
        "Yes,",
        "since 91c0d7e.",
      ),
    );
  });

  test("ends at a stage or beyond it, with 4 where it is held or refused", async () => {
    for (const [wanted, events, exit] of [
      ["stored", [event("stored")], 0],
      ["stored", [event("surfaced")], 0],
      ["stored", [event("held")], 0],
      ["queued", [], 0],
      ["surfaced", [event("held")], 4],
      ["held", [event("held")], 0],
      ["answered", [event("stored"), event("refused", { reason: "person" })], 4],
      ["answered", [event("stored"), event("expired", { reason: "unread" })], 4],
      ["answered", [event("stored")], 5],
    ] as const) {
      const scene = { answers: answers(event("queued"), ...events) };
      const done = await run(`send mini/hydrate hi --wait=${wanted}`, scene);
      expect([wanted, done.exit]).toEqual([wanted, exit]);
      if (exit === 5) expect(done.err).toContain("not answered within 2 min");
    }
  });
});

describe("send --wait, where a person decides first,", () => {
  const at = { reason: null, at_ms: 0, evidence: "", message_id: id, next: null } as const;
  const held: StageEvent = { ...at, stage: "held", answer: null };
  const answer = { message_id: id, from: "mini", by: "person", text: "Yes" } as const;
  const answered: StageEvent = { ...at, stage: "answered", answer };
  const answers = (...events: readonly StageEvent[]) => ({
    send: sends({}),
    "receipts/follow": async function* () {
      yield* events;
    },
  });

  test("ends with 4, and says that the person decides", async () => {
    const done = await run("send mini/hydrate hi --wait", { answers: answers(held, answered) });
    expect([done.exit, done.err]).toEqual([
      4,
      text(
        "peernet: error: not answered: its person decides about it first",
        "peernet: hint: peernet receipts 7f3a; to wait for that person: --deadline 1h",
      ),
    ]);
  });

  test("goes on to a deadline that was given, and names the person who answers", async () => {
    const line = "send mini/hydrate hi --wait --deadline 1h";
    const done = await run(line, { answers: answers(held, answered) });
    expect([done.exit, done.err]).toEqual([0, ""]);
    expect(done.out).toContain("held for the person at mini\n");
    expect(done.out).toContain("answered by the person at mini\nYes\n");
  });
});

test("send says once a day who can read words of a command, and how to keep them out", async () => {
  const scene = { answers: { send: sends({}) }, isTypedDue: true, lines: ["hi"] };
  const typed = await run("send mini/hydrate hi", scene);
  expect([typed.exit, typed.err]).toEqual([
    0,
    text(
      "other users here can read a command's words while it runs; to keep them out: " +
        "peernet send mini/hydrate",
    ),
  ]);
  expect((await run("send mini/hydrate -", scene)).err).toBe("");
  // A text that is refused was readable, too; without a text there is nothing to tell.
  const long = await run(["send", "mini/hydrate", "x".repeat(9_000)], scene);
  expect([long.exit, long.err.split("\n").length]).toEqual([2, 4]);
  expect(long.err).toStartWith("other users here can read");
  const twice = await run(["send", "mini/hydrate", "hi", "--file", "a"], scene);
  expect(twice.err).toStartWith("other users here can read");
  expect((await run(["send", "mini/hydrate", " "], scene)).err).toStartWith("peernet: error");
});

describe("receipts prints the proven stages,", () => {
  const at = { at_ms: 0, reason: null, evidence: "reply" } as const;
  const told = {
    ...{ message_id: id, thread_id: id, from: "laptop", to: "mini/hydrate", next: null },
    ...{ answer_id: null, away: { peer: "mini", last_seen_age_ms: 180_000 } },
  };
  const shown = async (...stages: readonly ProvenStage[]) => {
    const receipts = async () => ({ ...told, stages: [...stages] });
    const done = await run("receipts 7f3a", { answers: { receipts } });
    return { ...done, out: done.out.replace(/^\d\d:\d\d:\d\d/gm, "00:00:00") };
  };

  test("and of a machine that is down the last one known, which is no error", async () => {
    const done = await shown({ ...at, stage: "stored" });
    expect([done.exit, done.out, done.err]).toEqual([
      0,
      text("00:00:00  stored on mini"),
      text(
        "mini is down, last heard 3 min ago: the last stage known is stored on mini, 20833 d ago",
      ),
    ]);
  });

  test("and nothing about a machine that is down once a message has ended", async () => {
    const ended = { ...at, stage: "refused", reason: "person" } as const;
    const done = await shown({ ...at, stage: "stored" }, ended);
    expect([done.exit, done.out, done.err]).toEqual([
      0,
      text("00:00:00  stored on mini", "00:00:00  refused by mini: its person refused it"),
      "",
    ]);
  });

  test("and calls a message that a person here dropped refused by nobody", async () => {
    const done = await shown({ ...at, stage: "refused", reason: "dropped" });
    expect(done.out).toBe(text("00:00:00  dropped from the outbox here"));
  });
});

test("reply answers by the end of an id", async () => {
  const done = await run("reply 7f3a Reviewed, two comments", { answers: { reply: sends({}) } });
  expect(done.calls).toEqual([
    ["reply", { id: "7f3a", text: "Reviewed, two comments", from: { by: "person" } }],
  ]);
});
