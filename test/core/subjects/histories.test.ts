/**
 * Two trails are compared after random honest lives, and after one record of an honest life was
 * changed or taken away: no honest machine is accused, and each change is named by both machines.
 */

import { expect, test } from "bun:test";
import type { AuditRecord } from "../../../src/contract/audit.ts";
import { wasInterrupted } from "../../../src/core/subjects/interruptions.ts";
import { accuses } from "../../../src/core/subjects/judge.ts";
import type { Verdict } from "../../../src/core/subjects/sides.ts";
import { type Draw, histories, historiesMs } from "../../support/histories.ts";
import { verdictsOf } from "../../support/trails.ts";
import { type Life, live, newWorld, toldBy, trailOf, type World } from "./lives.ts";

/** The verdicts of a machine. */
function seenBy(here: Life, there: Life): ReadonlyMap<string, Verdict> {
  const records = { here: toldBy(here), there: toldBy(there) };
  return verdictsOf({ ...records, trails: { here: trailOf(here), there: trailOf(there) } });
}

const accusedBy = (here: Life, there: Life): readonly string[] =>
  [...seenBy(here, there)].flatMap(([id, verdict]) => (accuses(verdict) ? [id] : []));

const promise =
  "P69: A result that a machine edits or leaves out of its trail is named by the comparison with " +
  "its peer's, and no honest trail is accused, whatever crashed or was lost between the two " +
  "records.";

test(
  `${promise} judge() accuses no honest machine in 1,000 lives with crashes and lost replies`,
  async () => {
    const words = new Map<string, number>();
    await histories(1_000, (draw) => {
      const world = newWorld(draw);
      live(world, draw.between(5, 60));
      const [one, other] = world.lives;
      for (const [id, verdict] of seenBy(one, other)) {
        expect([id, accuses(verdict) ? verdict : null]).toEqual([id, null]);
        const word = "why" in verdict ? `${verdict.verdict} ${verdict.why}` : verdict.verdict;
        words.set(word, (words.get(word) ?? 0) + 1);
      }
      expect(accusedBy(other, one)).toEqual([]);
    });
    // Lives that say something about each rule.
    const rare = ["unanswered", "answer_lost", "interrupted", "no_end_yet", "queued"];
    for (const word of [
      "agrees",
      "incomparable archived",
      ...rare.map((why) => `explained ${why}`),
    ])
      expect([word, (words.get(word) ?? 0) > 30]).toEqual([word, true]);
    expect(words.get("agrees")).toBeGreaterThan(8_000);
  },
  historiesMs,
);

/** A change of a trail: the subjects that it may be made on, and the change. */
interface Plant {
  readonly name: string;
  readonly fits: (subject: Agreed) => boolean;
  readonly make: (subject: Agreed, draw: Draw) => void;
}

/** A subject on which both machines agree. */
interface Agreed {
  readonly id: string;
  readonly verb: string;
  readonly asker: Life;
  readonly answerer: Life;
  readonly world: World;
}

const of = (life: Life, id: string): readonly AuditRecord[] =>
  life.records.filter(({ subject_id }) => subject_id === id);
const drop = (life: Life, dropped: (record: AuditRecord) => boolean): void => {
  const kept = life.records.filter((record) => !dropped(record));
  life.records.splice(0, life.records.length, ...kept);
};
const change = (life: Life, id: string, fields: (record: AuditRecord) => object | null): void => {
  for (const [index, record] of life.records.entries()) {
    const changed = record.subject_id === id ? fields(record) : null;
    if (changed !== null) life.records[index] = { ...record, ...changed };
  }
};
const either = (draw: Draw, { asker, answerer }: Agreed): Life => draw.pick([asker, answerer]);
const hasResult = ({ asker, id }: Agreed): boolean =>
  of(asker, id).some(({ outcome }) =>
    /^(ok|stored|held|reached|completed|failed|timed_out)$/.test(outcome),
  );
const results = /^(ok|stored|held|reached|completed|failed|timed_out)$/;

const plants: readonly Plant[] = [
  {
    name: "the answering machine leaves out all records of a result",
    fits: hasResult,
    make: ({ answerer, id }) => drop(answerer, ({ subject_id }) => subject_id === id),
  },
  {
    name: "the asking machine leaves out all records of a result",
    // After an abrupt end an ask may have none: that is said, and accuses nobody.
    fits: (one) =>
      hasResult(one) &&
      (/message|wait|task/.test(one.verb) ||
        !wasInterrupted(trailOf(one.asker).interruptions, one.id, 15_000)),
    make: ({ asker, id }) => drop(asker, ({ subject_id }) => subject_id === id),
  },
  {
    name: "the digest of an answer, a message or a task's result is changed",
    fits: (one) => hasResult(one) && /ask|message|task/.test(one.verb),
    make: (one, draw) =>
      change(either(draw, one), one.id, ({ outcome, content_sha256 }) =>
        content_sha256 !== null && results.test(outcome)
          ? { content_sha256: "e".repeat(64) }
          : null,
      ),
  },
  {
    name: "the question, or the name that was asked, is changed",
    fits: (one) => hasResult(one) && one.verb === "ask",
    make: (one, draw) => {
      const edited = draw.pick([{ text: "another question" }, { handle: "mini/another" }]);
      change(either(draw, one), one.id, () => edited);
    },
  },
  {
    name: "the receiver, the thread or the size of a message is changed",
    fits: (one) => hasResult(one) && one.verb === "message",
    make: (one, draw) => {
      const bytes = JSON.stringify({ by: "session", bytes: 4_000 });
      const by = JSON.stringify({ by: "person", bytes: 1 });
      const thread_id = "01a3185c-5d05-7c82-a58f-d1489f812b77";
      const edited = draw.pick([
        { handle: "mini/x" },
        { thread_id },
        { details: bytes },
        { details: by },
      ]);
      change(either(draw, one), one.id, () => edited);
    },
  },
  {
    name: "one result of a task is left out where it was made",
    fits: (one) => hasResult(one) && one.verb === "task",
    make: ({ answerer, id }) =>
      drop(answerer, (one) => one.subject_id === id && /^(compl|fail|timed)/.test(one.outcome)),
  },
  {
    name: "the document of a task is changed",
    fits: (one) => hasResult(one) && one.verb === "task",
    make: (one, draw) =>
      change(either(draw, one), one.id, ({ outcome }) =>
        /^(asked|held|accepted|submitted)$/.test(outcome)
          ? { content_sha256: "d".repeat(64) }
          : null,
      ),
  },
  {
    name: "an answer becomes a refusal where it was given",
    fits: (one) => hasResult(one) && !/read|task/.test(one.verb),
    make: ({ answerer, id }) =>
      change(answerer, id, ({ outcome }) =>
        results.test(outcome) ? { outcome: "scope_denied" } : null,
      ),
  },
  {
    name: "the end of a question is taken away",
    fits: (one) => {
      const { asker, id, verb } = one;
      const isSafe = !wasInterrupted(trailOf(asker).interruptions, id, 60_000);
      const [first] = of(asker, id);
      const later = asker.records.some(
        ({ verb: kind, direction, outcome, at_ms }) =>
          kind === "ask" &&
          direction === "out" &&
          outcome === "ok" &&
          at_ms > (first?.at_ms ?? 0) + 130_000,
      );
      return hasResult(one) && verb === "ask" && isSafe && later;
    },
    make: ({ asker, id }) => drop(asker, (one) => one.subject_id === id && one.outcome === "ok"),
  },
  {
    name: "one file of a reading is left out where it was read",
    fits: (one) => one.verb === "read" && files(one.answerer, one.id).length > 0 && hasResult(one),
    make: ({ answerer, id }, draw) => {
      const { seq } = draw.pick(files(answerer, id));
      drop(answerer, (record) => record.seq === seq);
    },
  },
  {
    name: "one file of a reading is left out where it was asked for",
    fits: ({ asker, id, verb }) => {
      const own = of(asker, id);
      const last = own.at(-1)?.seq ?? 0;
      const isCalm = own.every(({ outcome }) => outcome === "ok" || outcome === "closed");
      const isLater = trailOf(asker).interruptions.some(({ seq }) => seq > last);
      return verb === "read" && isCalm && !isLater && files(asker, id).length > 0;
    },
    make: ({ asker, id }, draw) => {
      const { seq } = draw.pick(files(asker, id));
      drop(asker, (record) => record.seq === seq);
    },
  },
  {
    name: "the path or the size of a reading is changed",
    fits: (one) => one.verb === "read" && files(one.answerer, one.id).length > 0 && hasResult(one),
    make: ({ answerer, id }, draw) => {
      const { seq } = draw.pick(files(answerer, id));
      const path = draw.pick([/src\/\d/, /"bytes":\d+/]);
      const by = path.source.startsWith("src") ? "src/secret" : '"bytes":77777';
      change(answerer, id, (one) =>
        one.seq === seq ? { details: (one.details ?? "").replace(path, by) } : null,
      );
    },
  },
];

const files = (life: Life, id: string): readonly AuditRecord[] =>
  of(life, id).filter(({ outcome, details }) => outcome === "ok" && details?.includes('"path"'));

/** The subjects of a world on which both machines agree, outside of all files. */
function agreedIn(world: World): readonly Agreed[] {
  const [one, other] = world.lives;
  return [...seenBy(one, other)].flatMap(([id, { verdict }]) => {
    const isArchived = world.lives.some(({ archived }) => id <= (archived ?? ""));
    const first = of(one, id)[0];
    if (verdict !== "agrees" || isArchived || first === undefined) return [];
    const isOurs = first.direction === "out";
    const [asker, answerer] = isOurs ? [one, other] : [other, one];
    return [{ id, verb: first.verb, asker, answerer, world }];
  });
}

for (const { name, fits, make } of plants) {
  test(
    `${promise} judge() names it, on both machines: ${name}`,
    async () => {
      let found = 0;
      await histories(100, (draw) => {
        for (;;) {
          const world = newWorld(draw);
          live(world, draw.between(20, 60));
          const candidates = agreedIn(world).filter(fits);
          if (candidates.length === 0) continue;
          const planted = draw.pick(candidates);
          make(planted, draw);
          const [one, other] = world.lives;
          expect(accusedBy(one, other)).toEqual([planted.id]);
          expect(accusedBy(other, one)).toEqual([planted.id]);
          found += 1;
          return;
        }
      });
      expect(found).toBeGreaterThanOrEqual(100);
    },
    historiesMs,
  );
}
