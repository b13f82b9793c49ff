/** `peernet audit verify --with PEER`: its words, its JSON and its exit codes. */

import { expect, test } from "bun:test";
import type { CompareEvent, FoundSubject } from "../../../src/contract/subjects/subjects.ts";
import { run, text } from "../support.ts";

const verified = {
  ...{ ok: true as const, records: 13, head: "a".repeat(64), checkpoint_seq: 13 },
  ...{ archived: 0, witnesses: 1 },
};
const none = { agree: 0, differ: 0, only_here: 0, only_there: 0, explained: 0, incomparable: 0 };
const subject = (last: string, verb = "ask") => ({
  ...{ subject_id: `01a3185c-7710-7b29-89df-85c3d278${last}`, verb, age_ms: 7_200_000 },
});
const fingerprint = `sha256:${"A".repeat(43)}`;

const answering = (counts: Partial<typeof none>, found: readonly FoundSubject[]) => ({
  "audit/verify": async () => verified,
  "audit/compare": async function* (): AsyncGenerator<CompareEvent> {
    yield { event: "progress", subjects: 500 };
    for (const each of found) yield { event: "subject", found: each };
    const all = { ...none, ...counts };
    yield { event: "compared", peer: "mini", fingerprint, counts: all, unlisted: 0 };
  },
});

test("audit verify --with tells what agrees, and counts each honest difference", async () => {
  const found: FoundSubject[] = [
    { verdict: "explained", ...subject("0001"), why: "answer_lost", side: "here" },
    { verdict: "explained", ...subject("0002"), why: "answer_lost", side: "here" },
    { verdict: "explained", ...subject("0003", "message"), why: "queued", side: "there" },
    { verdict: "incomparable", ...subject("0004"), why: "archived", side: "there" },
  ];
  const counts = { agree: 1_200, explained: 3, incomparable: 1 };
  const { exit, out } = await run("audit verify --with mini", {
    answers: answering(counts, found),
  });
  expect(exit).toBe(0);
  expect(out).toEndWith(
    text(
      "compared with mini: 1,204 subjects, 1,200 agree",
      "2 ask: told in full, and not received by this machine",
      "1 message: queued, and not yet with mini",
      "1 cannot be compared: older than the archive on mini",
    ),
  );
});

test("audit verify --with names each subject that does not agree, and exits 1", async () => {
  const found: FoundSubject[] = [
    { verdict: "differs", ...subject("7f3a"), field: "content" },
    { verdict: "only_here", ...subject("00aa", "message") },
    { verdict: "only_there", ...subject("00bb") },
  ];
  const counts = { agree: 1, differ: 1, only_here: 1, only_there: 1 };
  const { exit, out } = await run("audit verify --with mini", {
    answers: answering(counts, found),
  });
  expect(exit).toBe(1);
  expect(out).toEndWith(
    text(
      "compared with mini: 4 subjects, 1 agree",
      "ask      7f3a  2 h  differs in its content",
      "message  00aa  2 h  only here: mini has no record of it",
      "ask      00bb  2 h  only on mini: this machine has no record of it",
      "3 subjects do not agree: peernet show ID, here and on mini",
    ),
  );
});

test("audit verify --with prints one object as JSON, and compares no broken trail", async () => {
  const found: FoundSubject[] = [{ verdict: "only_here", ...subject("7f3a") }];
  const answers = answering({ only_here: 1 }, found);
  const { exit, out } = await run("audit verify --with mini --json", { answers });
  expect(exit).toBe(1);
  const counts = { ...none, only_here: 1 };
  expect(JSON.parse(out)).toEqual({
    verified,
    compared: { peer: "mini", fingerprint, counts, unlisted: 0, found },
  });
  const broken = { ok: false as const, first_bad_seq: 3, reason: "a record is missing" };
  const set = { ...answers, "audit/verify": async () => broken };
  const second = await run("audit verify --with mini", { answers: set });
  expect(second.exit).toBe(1);
  expect(second.calls.map(([path]) => path)).toEqual(["audit/verify"]);
});
