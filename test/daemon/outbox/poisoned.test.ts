/** Entries that this machine cannot read, its own full disk, and a full outbox. */

import { expect, test } from "bun:test";
import { PeernetError } from "../../../src/contract/errors.ts";
import {
  outboxControlMax,
  outboxFailuresMax,
  outboxSessionMax,
  outboxStuckMs,
  outboxTextMax,
} from "../../../src/contract/reach/limits.ts";
import { seal } from "../../../src/core/audit-chain.ts";
import { createContext } from "../../../src/daemon/context/context.ts";
import { markElapsed } from "../../../src/daemon/context/elapsed.ts";
import { Delivery } from "../../../src/daemon/outbox/delivery.ts";
import { type Draft, enqueue } from "../../../src/daemon/outbox/enqueue.ts";
import type { Kind } from "../../../src/daemon/outbox/kinds.ts";
import { newPeer } from "../../../src/daemon/peers/grants.ts";
import { PeerMemories } from "../../../src/daemon/peers/memories.ts";
import { instantOf } from "../../../src/platform/effects.ts";
import { sha256 } from "../../../src/platform/real.ts";
import { openStore } from "../../../src/store/database.ts";
import { identityOf } from "../../simulation/who.ts";
import { fakeEffects } from "../../support/effects.ts";
import { everyKind } from "../../support/entries.ts";
import { holding } from "../../support/grants.ts";

const { fingerprint, certificate } = identityOf(1);
const row = { ...newPeer, fingerprint, certificate, name: "m1", paired_at_ms: 0 };
const paired = { acknowledged: true, exchanged: true, refused: false, grants: holding("ask") };

/** A delivery by clocks that a test moves, whose entries are read as JSON. */
async function delivering() {
  const effects = fakeEffects();
  const told: unknown[] = [];
  let isFull = false;
  const store = openStore({
    path: ":memory:",
    seal: (previous, draft) => seal(previous, draft, sha256),
    defer: (commit) => queueMicrotask(commit),
  });
  const transact: typeof store.transact = (decide) =>
    isFull ? Promise.reject(new PeernetError("storage_full")) : store.transact(decide);
  const context = createContext({
    ...{ effects, identity: identityOf(0), version: "0", run: { id: "run", started_boot_ms: 0 } },
    // No part of a delivery reads it.
    config: {} as never,
    store: { ...store, transact },
  });
  const kind: Kind = {
    compose: ({ entry }) => {
      const content = JSON.parse(entry.body);
      return async () => told.push(content);
    },
    ended: () => {},
  };
  const memories = new PeerMemories(context);
  const kinds = everyKind(kind);
  const call = () => () => Promise.resolve({ output: {} });
  const delivery = new Delivery({ context, memories, kinds, call, greet: async () => {} });
  const now = () => instantOf(effects.clock);
  await context.transact(now(), (work) => ({ value: markElapsed(context, work, now()) }));
  type Queued = Pick<Draft, "kind" | "subject_id" | "body"> & { readonly session?: string | null };
  const queue = ({ session = null, ...more }: Partial<Queued>) =>
    context.transact(now(), (work) => {
      work.tables.peers.put({ ...row, ...paired });
      const given = { kind: "message", subject_id: "text", body: '"text"', ...more } as const;
      const draft = { ...given, fingerprint, scope: null, session };
      const outcome = enqueue(context, work, { draft, now: now() });
      return { value: outcome.ok ? "ok" : outcome.error.code };
    });
  const fill = (full: boolean): void => {
    isFull = full;
  };
  return { effects, delivery, queue, told, fill, outbox: context.tables.outbox };
}

test("an entry that cannot be read holds up no other, and is set aside in the end", async () => {
  const { effects, delivery, queue, told, outbox } = await delivering();
  await queue({ subject_id: "poisoned", body: "{" });
  await queue({ subject_id: "poisoned", body: '"behind it"' });
  await queue({ subject_id: "other", body: '"other"' });
  delivery.wake(fingerprint);
  await effects.timers.advance(1);
  expect(told).toEqual(["other"]);
  expect(outbox.all(9)).toMatchObject([{ failures: 1, stuck: false }, { failures: 0 }]);
  await effects.timers.advance(outboxStuckMs + 60_000);
  expect(outbox.all(9)[0]).toMatchObject({ stuck: true });
  expect(outbox.all(9)[0]?.failures).toBeGreaterThanOrEqual(outboxFailuresMax);
  expect(outbox.peers()).toMatchObject([{ entries: 2, stuck: 1 }]);
  expect(effects.log.entries.every(({ event }) => event === "detached_failed")).toBe(true);
});

test("no entry overtakes another because this machine's own disk was full", async () => {
  const { effects, delivery, queue, told, fill } = await delivering();
  await queue({ kind: "reached", subject_id: "report", body: '"report"' });
  fill(true);
  delivery.wake(fingerprint);
  await effects.timers.advance(1);
  fill(false);
  await queue({});
  delivery.wake(fingerprint);
  await effects.timers.advance(1);
  expect(told).toEqual([]);
  await effects.timers.advance(5_000);
  expect(told).toEqual(["report", "text"]);
});

test("a full outbox queues nothing more, and keeps places for what must not wait", async () => {
  const { queue, outbox } = await delivering();
  for (let number = 0; number < outboxTextMax; number += 1) {
    const session = `session ${Math.floor(number / outboxSessionMax)}`;
    expect(await queue({ session })).toBe("ok");
  }
  expect(await queue({})).toBe("outbox_full");
  expect(await queue({ session: "session 0" })).toBe("outbox_full");
  for (let number = 0; number < outboxControlMax; number += 1) {
    expect(await queue({ kind: "reached", subject_id: `wait ${number}` })).toBe("ok");
  }
  expect(await queue({ kind: "reached", subject_id: "one more" })).toBe("outbox_full");
  expect(outbox.peers()).toMatchObject([{ entries: outboxTextMax + outboxControlMax }]);
});
