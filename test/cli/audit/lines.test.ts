/** A question that left has two records, and one line. */

import { expect, test } from "bun:test";
import { nowMs, peer, record } from "../samples.ts";
import { failed, run } from "../support.ts";

const idOf = (last: number): string => `0190a0a0-0000-7000-8000-00000000000${last}`;
const id = idOf(3);

/** An instant of the day that the fake clock stands in, by local time. */
const at = (hours: number, minutes: number): number => {
  const now = new Date(nowMs);
  return new Date(now.getFullYear(), now.getMonth(), now.getDate(), hours, minutes).getTime();
};

const page = {
  records: [],
  hidden_lease_events: 38,
  total: 41,
  head: "1".repeat(64),
  verified_to: 1_204,
};

test("audit shows a question and its outcome as one line, or that it has no end", async () => {
  const asked = { direction: "out", outcome: "asked", handle: "mini/api" } as const;
  const records = [
    record({ ...asked, seq: 1, at_ms: at(9, 12), subject_id: idOf(2), text: "lost?" }),
    record({ ...asked, seq: 2, at_ms: at(9, 13), subject_id: idOf(1) }),
    record({ ...asked, seq: 3, at_ms: at(9, 13), subject_id: idOf(1), text: null, outcome: "ok" }),
    record({ ...asked, seq: 4, at_ms: nowMs, subject_id: id }),
  ];
  const { out } = await run("audit", { answers: { audit: async () => ({ ...page, records }) } });
  expect(out.split("\n").slice(1, 5)).toEqual([
    '09:12  → mini        ask mini/api      no end   "lost?"',
    '09:13  → mini        ask mini/api      ok       "is retry.ts free?"',
    expect.stringMatching(/ask mini\/api {6}asked {4}"is retry.ts free\?"$/),
    "4 of 41 records (38 records that peernet made by itself: --all) · chain verified to 1,204",
  ]);
});

test("audit --follow waits with a question for its outcome", async () => {
  const asked = record({ direction: "out", outcome: "asked", subject_id: id, at_ms: at(9, 12) });
  const ended = record({ seq: 2, direction: "out", subject_id: id, at_ms: at(9, 12), text: null });
  const follow = async function* () {
    yield asked;
    yield ended;
  };
  const none = async () => ({ ...page, records: [] });
  const answers = { audit: none, "audit/follow": follow };
  const { out } = await run("audit --follow", { answers });
  expect(out.match(/→ mini/g)).toHaveLength(1);
  expect(out).toContain('ok       "is retry.ts free?"');
});

test("audit archive takes a day, and shows where the records are now", async () => {
  const segment = { from_seq: 1, to_seq: 1_234, file: "archive/a-1-1234.jsonl" };
  const known = { form: 2, trail_id: id, hash: "1".repeat(64), sha256: "2".repeat(64) };
  const moved = async () => ({ segments: [{ ...segment, ...known }] });
  const answers = { "audit/archive": moved };
  const ran = await run("audit archive --before 2026-01-31", { answers });
  expect(ran).toMatchObject({
    exit: 0,
    out: "records 1 to 1,234 are in archive/a-1-1234.jsonl now\n",
    calls: [["audit/archive", { before_ms: new Date(2026, 0, 31).getTime() }]],
  });
  const none = { "audit/archive": async () => ({ segments: [] }) };
  expect((await run("audit archive --before 2026-01-31", { answers: none })).out).toBe(
    "nothing to archive: no signed record is older than 2026-01-31\n",
  );
  for (const day of ["2026-02-30", "31.1.2026", "yesterday", "1969-12-01"]) {
    expect(await run(`audit archive --before ${day}`)).toMatchObject({
      exit: 2,
      err: failed(`${day} is no day`, "peernet audit archive --before 2026-01-31"),
      calls: [],
    });
  }
  expect((await run("audit archive")).err).toContain("audit archive needs a day");
});

test("show prints the kind, the short id and the records of what an id is of", async () => {
  const records = [record({ at_ms: at(9, 12), thread_id: id })];
  const show = async () => ({ kind: "thread" as const, id, short: "0003", records });
  const { exit, out, calls } = await run("show 0003", { answers: { show } });
  expect([exit, calls]).toEqual([0, [["show", { id: "0003" }]]]);
  expect(out).toStartWith(`thread 0003 (${id})\ntoday\n09:12  ← mini `);
});

test("show refuses a word that ends no id, and says what shows a peer of that name", async () => {
  for (const [word, hint] of [
    ["mini", "peernet peers show mini"],
    ["7f3", "peernet audit"],
    ["7f3a!", "peernet audit"],
  ] as const) {
    const peers = async () => ({ peers: [peer()] });
    expect(await run(`show ${word}`, { answers: { peers } })).toMatchObject({
      exit: 2,
      err: failed(`${word} is no id, nor the end of one`, hint),
    });
  }
});

for (const [outcome, shown] of [
  ["ok", "ok"],
  ["waiting", "waiting"],
  ["reached", "reached"],
  ["ended", "ended"],
  ["timeout", "timeout"],
  ["a_later_word", "a_later_word"],
  ["disagrees", "disagrees"],
  ["code_rejected", "refused wrong code"],
  ["scope_denied", "refused it may not wait here"],
  ["peer_timeout", "failed the peer did not answer in time"],
] as const) {
  test(`audit shows the outcome ${outcome} as "${shown}", and refused only what was`, async () => {
    const records = [record({ at_ms: at(9, 12), verb: "wait", text: null, outcome })];
    const audit = async () => ({ ...page, records });
    const { out } = await run("audit", { answers: { audit } });
    const [, line = ""] = out.split("\n");
    expect(line.replaceAll(/ +/g, " ")).toContain(` ${shown}`);
    expect(line.includes("refused")).toBe(shown.startsWith("refused"));
  });
}

for (const [verb, direction, outcome, shown] of [
  ["ask", "out", "scope_denied", "this machine may not ask there"],
  ["ask", "in", "scope_denied", "it may not ask here"],
  ["wait", "in", "scope_denied", "it may not wait here"],
  ["overlap", "in", "scope_denied", "it may not compare changed files here"],
  ["message", "out", "scope_denied", "this machine may not leave messages there"],
  ["read", "in", "scope_denied", "it may not read here"],
  ["read", "out", "repository_unknown", "no such repository is readable there"],
  ["read", "in", "not_ready", "it could not be done here then"],
  ["task", "out", "scope_denied", "this machine may not run tasks there"],
  ["task", "in", "scope_denied", "it may not run tasks here"],
  ["task", "out", "repository_unknown", "no task may run in such a repository there"],
  ["task", "in", "policy_refused", "the policy here does not allow it"],
  ["hello", "out", "scope_denied", "this machine may not do that there"],
] as const) {
  test(`audit says of the refusal ${outcome} of a ${verb} (${direction}): ${shown}`, async () => {
    const records = [record({ at_ms: at(9, 12), verb, direction, text: null, outcome })];
    const audit = async () => ({ ...page, records });
    const { out } = await run("audit --all", { answers: { audit } });
    expect(out.replaceAll(/\s+/g, " ")).toContain(shown);
  });
}

test("audit counts a question once when its task has several states", async () => {
  const subject_id = "0190a0a0-0000-7000-8000-000000000001";
  const records = ["asked", "submitted", "running", "completed"].map((outcome, nth) =>
    record({
      ...{ at_ms: at(9, 12), seq: nth + 1, verb: "task", text: null, outcome, subject_id },
      direction: "out",
    }),
  );
  const audit = async () => ({ ...page, records, total: 4 });
  const { out } = await run("audit", { answers: { audit } });
  expect(out).toContain("4 of 4 records");
});
