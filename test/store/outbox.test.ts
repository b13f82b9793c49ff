/** The outbox as it is kept: order, versions, counts, and what goes with a peer. */

import { describe, expect, test } from "bun:test";
import type { OutboxRow } from "../../src/store/outbox.ts";
import { histories } from "../support/histories.ts";
import { doing, headsOf, paired, row } from "./outbox-rows.ts";

describe("outboxTable()", () => {
  test("heads() gives lower ranks first, and then what was queued first", async () => {
    using of = await paired();
    await doing(of, ({ outbox }) => {
      for (let number = 0; number < 200; number += 1) {
        outbox.add(row(`t${number}`, { lane: "text", rank: 2 }));
      }
      outbox.add(row("control"));
      outbox.add(row("stop", { rank: 0 }));
      outbox.add(row("other", { fingerprint: "b" }));
    });
    const texts = Array.from({ length: 200 }, (_, number) => `t${number}`);
    expect(headsOf(of)).toEqual(["stop", "control", ...texts]);
  });

  test("replace() keeps the place; a reply to the older version ends nothing", async () => {
    using of = await paired();
    await doing(of, ({ outbox }) => {
      outbox.add(row("one", { subject_id: "s", failures: 4, first_failure_ms: 1, stuck: true }));
      outbox.add(row("two"));
      outbox.replace(row("three", { subject_id: "s", body: '{"stage":2}', bytes: 30 }));
    });
    const { outbox } = of.store.tables;
    expect(headsOf(of)).toEqual(["one", "two"]);
    const later = { version: 2, body: '{"stage":2}', bytes: 30, failures: 0, stuck: false };
    expect(outbox.get("one")).toMatchObject({ ...later, first_failure_ms: null });
    expect(await doing(of, (tables) => tables.outbox.remove("one", 1))).toBe(false);
    expect(await doing(of, (tables) => tables.outbox.remove("one", 2))).toBe(true);
    expect(headsOf(of)).toEqual(["two"]);
  });

  test("removeScopes() takes what needs a scope that ended; what needs none stays", async () => {
    using of = await paired();
    await doing(of, ({ outbox }) => {
      outbox.add(row("ask"));
      outbox.add(row("none", { scope: null }));
      outbox.add(row("other", { fingerprint: "b" }));
      outbox.removeScopes("a", []);
    });
    expect([headsOf(of), headsOf(of, "b")]).toEqual([["none"], ["other"]]);
  });

  test("a peer that is removed takes its entries and its waits with it", async () => {
    using of = await paired();
    await doing(of, ({ outbox, waits, peers }) => {
      outbox.add(row("gone"));
      outbox.add(row("stays", { fingerprint: "b" }));
      const waited = { name: "n", until: "idle", state: null, sha: null, ends_ms: 1 } as const;
      const incoming = { ...waited, wait_id: "w", lease_id: "l", renewed_ms: 1, due: null };
      waits.putIncoming({ ...incoming, fingerprint: "a" });
      const ended = { outcome: null, ended_ms: null };
      const outgoing = { ...ended, stays: false, lease_id: null, from_handle: "me/a" };
      waits.putOutgoing({ ...waited, ...outgoing, wait_id: "w", fingerprint: "a" });
      peers.remove("a");
    });
    const { outbox, waits } = of.store.tables;
    expect(outbox.peers()).toEqual([{ fingerprint: "b", entries: 1, stuck: 0 }]);
    expect([waits.incoming(), waits.outgoing()]).toEqual([[], []]);
  });

  test("queued() counts what is there, in any history of entries", async () => {
    await histories(20, async (draw) => {
      using of = await paired();
      const kept = new Map<string, OutboxRow>();
      for (let step = 0; step < 80; step += 1) {
        await doing(of, ({ outbox }) => {
          const some = [...kept.values()];
          if (draw.oneIn(3) && some.length > 0) {
            const { id, version } = draw.pick(some);
            outbox.remove(id, version);
            kept.delete(id);
          } else if (draw.oneIn(4) && some.length > 0) {
            const before = draw.pick(some);
            const after = { ...before, bytes: draw.below(100), version: before.version + 1 };
            outbox.replace({ ...after, id: "unused" });
            kept.set(before.id, after);
          } else {
            const lane = draw.oneIn(2) ? "text" : "control";
            const session = draw.oneIn(2) ? "session" : null;
            const made = row(`${step}`, { lane, session, bytes: draw.below(100) });
            outbox.add(made);
            kept.set(made.id, made);
          }
        });
        const all = [...kept.values()];
        const texts = all.filter(({ lane }) => lane === "text");
        const bytes = texts.reduce((sum, each) => sum + each.bytes, 0);
        expect(of.store.tables.outbox.queued("a", "session")).toEqual({
          ...{ control: all.length - texts.length, text: texts.length, textBytes: bytes },
          session: all.filter(({ session }) => session === "session").length,
          allBytes: bytes,
        });
      }
    });
  });
});
