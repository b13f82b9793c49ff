/** The daemon's end of errands: bounds, deadlines, keepers that come, go and are replaced. */

import { expect, test } from "bun:test";
import { type ErrandsEvent, errandKinds } from "../../../src/contract/errands/errands.ts";
import { errandsAtOnceMax, errandsOpenMax } from "../../../src/contract/errands/limits.ts";
import { keeperPatienceMs } from "../../../src/contract/limits.ts";
import { PendingErrands } from "../../../src/daemon/errands/pending.ts";
import { readConfig } from "../../../src/platform/config.ts";
import { fakeEffects } from "../../support/effects.ts";

const input = { summary: "peernet: 1 session waits", body: "1 here" };
const notify = { kind: "notify", input } as const;
const { deadlineMs } = errandKinds.notify;
const id = "01a22ca9-460c-7014-a786-101c0b7184a3";

interface Given {
  readonly repeatable?: boolean;
  readonly notifies?: boolean;
}

function daemon({ repeatable = true, notifies = false }: Given = {}) {
  const effects = fakeEffects();
  const text = `machine.name = "mini"\nnotify.desktop = ${notifies}`;
  const config = readConfig({ text, environment: {} });
  const kinds = { ...errandKinds, notify: { ...errandKinds.notify, repeatable } };
  const pending = new PendingErrands({ effects, config, version: "1.0.0" }, kinds);
  const ends: string[] = [];
  const run = (more: { readonly id?: string } = {}): void => {
    void pending
      .run({ ...notify, ...more })
      .then((ended) => ends.push(ended.done ? "done" : ended.why));
  };
  return { pending, ends, run, ...effects };
}

/** A keeper that reads: each event that came, and its end. */
function keeper(pending: PendingErrands, more: { version?: string; kinds?: string[] } = {}) {
  const events = pending.open({ version: "1.0.0", kinds: ["notify"], ...more });
  const read: ErrandsEvent[] = [];
  const seen = { read, hasEnded: false, die: () => void events.return?.() };
  void (async () => {
    for await (const event of events) read.push(event);
    seen.hasEnded = true;
  })();
  return seen;
}

const idsOf = (read: readonly ErrandsEvent[]): readonly string[] =>
  read.map((event) => (event.event === "errand" ? event.errand.id : event.event));

test("run() hands an errand to the keeper, and tells what came of it", async () => {
  const { pending, run, ends, timers } = daemon();
  const { read } = keeper(pending);
  run({ id });
  await timers.advance(1_000);
  expect(read).toEqual([{ event: "errand", errand: { id, ...notify, deadline_ms: deadlineMs } }]);
  expect(pending.isWanted()).toBe(true);
  expect(pending.finish(id, { kind: "notify", output: {} })).toBe(true);
  await timers.advance(0);
  expect([ends, pending.isWanted(), timers.pending()]).toEqual([["done"], false, 0]);
  expect(pending.finish(id, { kind: "notify", output: {} })).toBe(false);
});

test("run() tells why the keeper did not do it", async () => {
  const { pending, run, ends, timers } = daemon();
  keeper(pending);
  for (const reason of ["unsupported", "failed", "deadline"] as const) {
    run({ id });
    await timers.advance(0);
    pending.finish(id, { kind: "failed", reason });
    await timers.advance(0);
  }
  expect(ends).toEqual(["unsupported", "failed", "deadline"]);
});

test("run() ends at the deadline though the keeper hangs, and others follow", async () => {
  const { pending, run, ends, timers } = daemon();
  const { read } = keeper(pending);
  run();
  await timers.advance(deadlineMs - 1);
  expect(ends).toEqual([]);
  await timers.advance(1);
  expect(ends).toEqual(["deadline"]);
  for (let count = 0; count <= errandsAtOnceMax; count += 1) run();
  await timers.advance(deadlineMs - 1);
  // One waits for a place, and its time passes as well.
  expect(read.length).toBe(1 + errandsAtOnceMax);
  await timers.advance(1);
  expect([ends.length, timers.pending()]).toEqual([2 + errandsAtOnceMax, 0]);
});

test("run() takes on so many and refuses more, until one has ended", async () => {
  const { pending, run, ends, timers } = daemon();
  const { read } = keeper(pending);
  for (let count = 0; count < 1_000; count += 1) run();
  await timers.advance(0);
  expect(ends).toEqual(Array(1_000 - errandsOpenMax).fill("full"));
  expect(read.length).toBe(errandsAtOnceMax);
  for (let done = 0; done < errandsOpenMax; done += 1) {
    pending.finish(idsOf(read)[done] ?? "", { kind: "notify", output: {} });
    await timers.advance(0);
  }
  expect(ends.slice(1_000 - errandsOpenMax)).toEqual(Array(errandsOpenMax).fill("done"));
  run();
  await timers.advance(0);
  expect([ends.length, read.length]).toEqual([1_000, errandsOpenMax + 1]);
});

test("run() has one errand of an id, and refuses another under it", async () => {
  const { pending, run, ends, timers } = daemon();
  const { read } = keeper(pending);
  run({ id });
  run({ id });
  const other = await pending.run({ ...notify, input: { ...input, body: "2 here" }, id });
  expect(other).toEqual({ done: false, why: "conflict" });
  await timers.advance(0);
  expect(read.length).toBe(1);
  pending.finish(id, { kind: "notify", output: {} });
  await timers.advance(0);
  expect(ends).toEqual(["done", "done"]);
});

test("run() waits for a keeper that is about to come, and no longer", async () => {
  const { pending, run, ends, timers } = daemon();
  run({ id });
  await timers.advance(keeperPatienceMs - 1);
  expect([ends, pending.awayMs()]).toEqual([[], keeperPatienceMs - 1]);
  const first = keeper(pending);
  await timers.advance(1);
  expect([idsOf(first.read), ends, pending.awayMs()]).toEqual([[id], [], null]);
  pending.finish(id, { kind: "notify", output: {} });
  first.die();
  await timers.advance(1_000);
  run();
  await timers.advance(keeperPatienceMs - 1_001);
  expect(ends).toEqual(["done"]);
  await timers.advance(1);
  expect(ends).toEqual(["done", "no_keeper"]);
  run();
  await timers.advance(0);
  expect(ends).toEqual(["done", "no_keeper", "no_keeper"]);
  expect(timers.pending()).toBe(0);
});

test("an errand of a keeper that died is handed to the next, once more and no sooner", async () => {
  const { pending, run, ends, timers } = daemon();
  const first = keeper(pending);
  run({ id });
  await timers.advance(1_000);
  first.die();
  await timers.advance(1_000);
  const second = keeper(pending);
  await timers.advance(0);
  expect(second.read).toEqual([
    { event: "errand", errand: { id, ...notify, deadline_ms: deadlineMs - 2_000 } },
  ]);
  pending.finish(id, { kind: "notify", output: {} });
  await timers.advance(0);
  expect([ends, first.read.length, second.read.length]).toEqual([["done"], 1, 1]);
});

const promised =
  "P55: An errand is carried out by the one keeper of a home, and once at most where it may not " +
  "be repeated.";

test(`${promised} an errand that is not repeatable is lost with its keeper`, async () => {
  const { pending, run, ends, timers } = daemon({ repeatable: false });
  const first = keeper(pending);
  for (let count = 0; count <= errandsAtOnceMax; count += 1) run();
  await timers.advance(0);
  first.die();
  await timers.advance(0);
  expect(ends).toEqual(Array(errandsAtOnceMax).fill("lost"));
  const second = keeper(pending);
  await timers.advance(0);
  expect(second.read.length).toBe(1);
});

test("open() ends the stream of the keeper before and hands its errands on", async () => {
  const { pending, run, timers } = daemon();
  const first = keeper(pending);
  run({ id });
  await timers.advance(0);
  const second = keeper(pending);
  await timers.advance(0);
  expect([first.hasEnded, second.hasEnded]).toEqual([true, false]);
  expect(idsOf(second.read)).toEqual([id]);
  first.die();
  await timers.advance(0);
  expect([pending.awayMs(), idsOf(second.read)]).toEqual([null, [id]]);
});

test("open() asks an older keeper to end, once for each version, and then serves it", async () => {
  const { pending, run, timers } = daemon();
  const older = { version: "0.9.9" };
  const first = keeper(pending, older);
  await timers.advance(0);
  expect([first.read, first.hasEnded]).toEqual([[{ event: "replace" }], true]);
  expect(pending.awayMs()).toBe(0);
  const again = keeper(pending, older);
  run({ id });
  await timers.advance(0);
  expect([idsOf(again.read), again.hasEnded]).toEqual([[id], false]);
  const newer = keeper(pending, { version: "2.0.0" });
  await timers.advance(0);
  expect([idsOf(newer.read), again.hasEnded]).toEqual([[id], true]);
});

test("open() hands no kind that the keeper does not know", async () => {
  const { pending, run, ends, timers } = daemon();
  run();
  const { read } = keeper(pending, { kinds: ["later"] });
  await timers.advance(0);
  run();
  await timers.advance(0);
  expect([read, ends]).toEqual([[], ["unsupported", "unsupported"]]);
});

test("close() ends the stream and every errand", async () => {
  const { pending, run, ends, timers } = daemon();
  const { read, ...seen } = keeper(pending);
  run();
  await timers.advance(0);
  pending.close();
  await timers.advance(0);
  expect([ends, read.length, timers.pending(), seen.hasEnded]).toEqual([
    ["no_keeper"],
    1,
    0,
    false,
  ]);
});

test("isWanted() holds where notifications are shown", () => {
  expect([false, true].map((notifies) => daemon({ notifies }).pending.isWanted())).toEqual([
    false,
    true,
  ]);
});
