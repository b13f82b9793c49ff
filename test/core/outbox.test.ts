/** The outbox: the entry that leaves next, the fate by its reply, and the bounds. */

import { describe, expect, test } from "bun:test";
import { type ErrorCode, errorTable } from "../../src/contract/errors.ts";
import {
  outboxBytesMax,
  outboxControlBytesMax,
  outboxControlMax,
  outboxEntryBytesMax,
  outboxFailuresMax,
  outboxLifeMs,
  outboxPeerBytesMax,
  outboxSessionMax,
  outboxStuckMs,
  outboxTextMax,
} from "../../src/contract/reach/limits.ts";
import {
  afterFailure,
  type EntryHead,
  fateOf,
  leaving,
  leftMs,
  pauseMs,
  type Queued,
  restMs,
  room,
} from "../../src/core/outbox.ts";
import { histories, historiesMs } from "../support/histories.ts";

const entry = (id: string, more: Partial<EntryHead> = {}): EntryHead => ({
  id,
  fingerprint: "sha256:a",
  kind: "reached",
  lane: "control",
  rank: 1,
  subject_id: "subject",
  scope: "ask",
  session: null,
  version: 1,
  bytes: 100,
  queued_ms: 0,
  failures: 0,
  first_failure_ms: null,
  stuck: false,
  ...more,
});

const text = (id: string, subject_id: string): EntryHead =>
  entry(id, { lane: "text", rank: 2, subject_id });

const free: Queued = { control: 0, text: 0, textBytes: 0, session: 0, allBytes: 0 };
const quiet = { underWay: new Set<string>(), isPaused: () => false };
const ids = (entries: Iterable<EntryHead>): readonly string[] => [...entries].map(({ id }) => id);

describe("room()", () => {
  const control = { lane: "control", bytes: 100 } as const;
  const texts = { lane: "text", bytes: 100 } as const;
  const codeOf = (queued: Partial<Queued>, of: typeof control | typeof texts) => {
    const outcome = room({ ...free, ...queued }, of);
    return outcome.ok ? "ok" : [outcome.error.code, outcome.error.details?.full].join(" ");
  };

  test("room() gives the last place of each bound and refuses the one after it", () => {
    expect(codeOf({ control: outboxControlMax - 1 }, control)).toBe("ok");
    expect(codeOf({ control: outboxControlMax }, control)).toBe("outbox_full peer");
    expect(codeOf({ text: outboxTextMax - 1 }, texts)).toBe("ok");
    expect(codeOf({ text: outboxTextMax }, texts)).toBe("outbox_full peer");
    expect(codeOf({ textBytes: outboxPeerBytesMax - 100 }, texts)).toBe("ok");
    expect(codeOf({ textBytes: outboxPeerBytesMax - 99 }, texts)).toBe("outbox_full peer");
    expect(codeOf({ session: outboxSessionMax - 1 }, texts)).toBe("ok");
    expect(codeOf({ session: outboxSessionMax }, texts)).toBe("outbox_full session");
    expect(codeOf({ allBytes: outboxBytesMax - 100 }, texts)).toBe("ok");
    expect(codeOf({ allBytes: outboxBytesMax - 99 }, texts)).toBe("outbox_full machine");
  });

  test("room() gives a control entry its place though every text lane is full", () => {
    const full = { text: outboxTextMax, textBytes: outboxPeerBytesMax, session: outboxSessionMax };
    expect(codeOf({ ...full, allBytes: outboxBytesMax }, control)).toBe("ok");
    expect(codeOf({ control: outboxControlMax }, texts)).toBe("ok");
  });

  test("room() refuses an entry that is too large for its lane", () => {
    const large = room(free, { lane: "control", bytes: outboxControlBytesMax + 1 });
    const larger = room(free, { lane: "text", bytes: outboxEntryBytesMax + 1 });
    expect([large, larger].map((each) => !each.ok && each.error.code)).toEqual([
      "body_too_large",
      "body_too_large",
    ]);
    expect(room(free, { lane: "text", bytes: outboxEntryBytesMax }).ok).toBe(true);
  });
});

describe("leaving()", () => {
  test("leaving() lets the first of each subject leave, and those behind it wait", () => {
    const queue = [text("a1", "a"), text("a2", "a"), text("b1", "b"), text("a3", "a")];
    expect(ids(leaving(queue, quiet))).toEqual(["a1", "b1"]);
    expect(ids(leaving(queue, { ...quiet, underWay: new Set(["a1"]) }))).toEqual(["b1"]);
    expect(ids(leaving(queue, { ...quiet, isPaused: ({ id }) => id === "a1" }))).toEqual(["b1"]);
  });

  test("leaving() holds no control entry up behind a text of the same subject", () => {
    const queue = [entry("c", { subject_id: "a" }), text("a1", "a")];
    expect(ids(leaving(queue, { ...quiet, isPaused: ({ id }) => id === "a1" }))).toEqual(["c"]);
  });
});

describe("fateOf()", () => {
  const fates: Readonly<Record<string, readonly ErrorCode[]>> = {
    credential: ["peer_refused", "unauthenticated"],
    slower: ["rate_limited"],
    unreached: ["peer_unreachable", "peer_timeout", "fingerprint_mismatch"],
    failed: ["internal", "storage_full", "daemon_not_running", "version_unsupported"],
    refused: ["bad_request", "body_too_large", "id_unknown", "id_conflict", "scope_denied"],
  };

  for (const [fate, codes] of Object.entries(fates)) {
    test(`fateOf() is ${fate} where ${codes.join(", ")} came back`, () => {
      expect(codes.map(fateOf)).toEqual(codes.map(() => fate as ReturnType<typeof fateOf>));
    });
  }

  test("fateOf() is done without a code, and ends no entry by a status over 499", () => {
    expect(fateOf(null)).toBe("done");
    for (const [code, { status }] of Object.entries(errorTable)) {
      if ((status ?? 500) < 500) continue;
      expect(["failed", "unreached"]).toContain(fateOf(code as ErrorCode));
    }
  });
});

describe("afterFailure()", () => {
  const failing = (times: number, everyMs: number): EntryHead => {
    let now = entry("a");
    for (let time = 0; time < times; time += 1) now = afterFailure(now, time * everyMs);
    return now;
  };

  test("afterFailure() sets an entry aside after so many failures that took so long", () => {
    const every = outboxStuckMs / (outboxFailuresMax - 1);
    expect(failing(outboxFailuresMax, every).stuck).toBe(true);
    expect(failing(outboxFailuresMax, every - 1).stuck).toBe(false);
    expect(failing(outboxFailuresMax - 1, outboxStuckMs).stuck).toBe(false);
  });

  test("restMs() is the pause until an entry is set aside, and an hour from then on", () => {
    expect([1, 2, 3, 4, 5, 6, 7, 40].map(pauseMs)).toEqual([
      ...[1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000],
    ]);
    expect(restMs(entry("a", { failures: 3 }))).toBe(4_000);
    expect(restMs(entry("a", { failures: 9, stuck: true }))).toBe(outboxStuckMs);
  });
});

test("leftMs() gives an entry its last millisecond and none after it", () => {
  expect(leftMs({ queued_ms: 50 }, 50 + outboxLifeMs - 1)).toBe(1);
  expect(leftMs({ queued_ms: 50 }, 50 + outboxLifeMs)).toBe(0);
});

test(
  "leaving() lets every entry leave once and in order of its subject, whatever comes back",
  () =>
    histories(200, (draw) => {
      const queue: EntryHead[] = [];
      const arrived: { readonly id: string; readonly subject_id: string }[] = [];
      const seen = new Set<string>();
      const underWay = new Set<string>();
      let queued = 0;
      let restMsLeft = 0;
      const settled = (of: EntryHead): void => {
        queue.splice(queue.indexOf(of), 1);
      };
      for (let step = 0; step < 400; step += 1) {
        const isOver = step > 200;
        if (!isOver && draw.oneIn(2)) {
          const subject_id = `s${draw.below(4)}`;
          const control = draw.oneIn(3);
          const id = `${queued++}`;
          const made = control
            ? entry(id, { subject_id: `c${subject_id}`, rank: draw.below(2) })
            : text(id, subject_id);
          const behind = queue.findIndex(({ rank }) => rank > made.rank);
          queue.splice(behind < 0 ? queue.length : behind, 0, made);
        }
        const able = leaving([...queue], { underWay, isPaused: () => restMsLeft-- > 0 });
        const [first] = able;
        if (first === undefined) continue;
        const earlier = queue.find(
          (other) => other.subject_id === first.subject_id && other.lane === first.lane,
        );
        expect(earlier?.id).toBe(first.id);
        const outcome = draw.below(isOver ? 2 : 5);
        // Stored there; in one case of two the reply is lost, and it leaves again.
        if (outcome <= 1 && !seen.has(first.id)) {
          seen.add(first.id);
          arrived.push(first);
        }
        if (outcome === 0) settled(first);
        if (outcome === 3) restMsLeft = draw.below(6);
      }
      for (const left of [...queue]) if (!seen.has(left.id)) arrived.push(left);
      expect(new Set(arrived.map(({ id }) => id)).size).toBe(queued);
      for (const [subject, of] of Map.groupBy(arrived, (each) => each.subject_id)) {
        const order = of.map(({ id }) => Number(id));
        // A subject of the control lane may have entries of two ranks here.
        if (subject.startsWith("c")) continue;
        expect(order).toEqual(order.toSorted((one, other) => one - other));
      }
    }),
  historiesMs,
);
