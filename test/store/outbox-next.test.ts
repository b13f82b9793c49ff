/** The next entries of the outbox: the first of each subject, found without those behind it. */

import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { nextEntriesSql, type OutboxRow } from "../../src/store/outbox.ts";
import { migrations } from "../../src/store/schema.ts";
import { insertSql } from "../../src/store/stored.ts";
import { histories, historiesMs } from "../support/histories.ts";
import { folder, open } from "./opened.ts";
import { doing, headsOf, paired, row } from "./outbox-rows.ts";

/** The first of each subject, in the order in which they leave, by looking at every entry. */
function naive(queue: readonly OutboxRow[], fingerprint: string): readonly string[] {
  const own = queue.filter((entry) => entry.fingerprint === fingerprint);
  const inOrder = own.toSorted((one, other) => one.rank - other.rank);
  const begun = new Set<string>();
  return inOrder.flatMap(({ id, lane, subject_id }) => {
    const isFirst = !begun.has(lane + subject_id);
    begun.add(lane + subject_id);
    return isFirst ? [id] : [];
  });
}

describe("heads()", () => {
  test(
    "is the first of each subject, in any history of entries",
    () =>
      histories(40, async (draw) => {
        using of = await paired();
        let queue: OutboxRow[] = [];
        const drop = (isOver: (entry: OutboxRow) => boolean): void => {
          queue = queue.filter((entry) => !isOver(entry));
        };
        for (let step = 0; step < 120; step += 1) {
          await doing(of, ({ outbox }) => {
            if (draw.oneIn(3) && queue.length > 0) {
              const { id, version } = draw.pick(queue);
              outbox.remove(id, version);
              drop((entry) => entry.id === id);
            } else if (draw.oneIn(20)) {
              outbox.removeScopes("a", []);
              drop(({ fingerprint, scope }) => fingerprint === "a" && scope === "ask");
            } else if (draw.oneIn(40)) {
              outbox.removePeer("b");
              drop(({ fingerprint }) => fingerprint === "b");
            } else {
              const made = row(`${step}`, {
                ...{ fingerprint: draw.pick(["a", "a", "b"]), scope: draw.pick(["ask", null]) },
                ...{ lane: draw.pick(["control", "text"]), rank: draw.below(3) },
                subject_id: `s${draw.below(5)}`,
              });
              outbox.add(made);
              queue.push(made);
            }
          });
          for (const peer of ["a", "b"]) expect(headsOf(of, peer)).toEqual(naive(queue, peer));
          const isLeft = queue.some(
            ({ fingerprint, scope }) => fingerprint === "a" && scope !== null,
          );
          expect(of.store.tables.outbox.hasOtherScope("a", [])).toBe(isLeft);
        }
      }),
    historiesMs,
  );

  test("reads one row where 10,000 entries of one subject wait, whatever leaves", async () => {
    using of = await paired();
    const text = { lane: "text", rank: 2, subject_id: "thread" } as const;
    await doing(of, ({ outbox }) => {
      for (let number = 0; number < 10_000; number += 1) outbox.add(row(`${number}`, text));
    });
    for (let number = 0; number < 50; number += 1) {
      expect(headsOf(of)).toEqual([`${number}`]);
      await doing(of, ({ outbox }) => outbox.remove(`${number}`, 1));
    }
    await doing(of, ({ outbox }) => outbox.add(row("other", { ...text, subject_id: "other" })));
    expect(headsOf(of)).toEqual(["50", "other"]);
  });

  test("searches the index of first entries, and sorts nothing", async () => {
    using of = await paired();
    const plan = of.other
      .query<{ detail: string }, [string, number, number, number]>(
        `EXPLAIN QUERY PLAN ${nextEntriesSql}`,
      )
      .all("a", -1, -1, 64)
      .map(({ detail }) => detail);
    // No scan of the table, and no sorting after the search.
    expect(plan).toHaveLength(1);
    expect(plan[0]).toStartWith("SEARCH outbox USING INDEX outbox_leads (fingerprint=? AND rank>");
  });

  test("knows the first entries of a database from before they were marked", async () => {
    using home = folder();
    const old = new Database(home.database, { create: true, readwrite: true, strict: true });
    for (const migration of migrations.slice(0, 7)) for (const sql of migration) old.run(sql);
    old.run(`INSERT INTO peer (fingerprint, name, certificate, their_scopes, acknowledged,
      exchanged, refused, paired_at_ms) VALUES ('a', 'mini', 'c', '[]', 1, 1, 0, 7)`);
    const made = row("made");
    const insert = old.query(insertSql("outbox", Object.keys(made).join(" ")));
    for (const [id, rank, subject_id] of [
      ["late", 2, "one"],
      ["behind", 2, "one"],
      ["first", 1, "one"],
      ["other", 2, "two"],
    ] as const) {
      insert.run({ ...made, id, rank, subject_id, stuck: 0 });
    }
    old.run("PRAGMA user_version = 7");
    old.close();
    const store = open(home.database);
    const heads = [...store.tables.outbox.heads("a")].map(({ id }) => id);
    store.close();
    expect(heads).toEqual(["first", "other"]);
  });
});
