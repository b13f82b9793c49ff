/** Machines that pair again while the end of their last pairing is still under way. */

import { expect, test } from "bun:test";
import { revokeMs } from "../../../src/contract/limits.ts";
import type { Effects } from "../../../src/platform/effects.ts";
import { machine, pair, session } from "../../support/daemon.ts";
import { askOn, askOnce, endOf } from "../attack/asking.ts";
import { enrol } from "../attack/pairing.ts";

const rounds = 4;

/** A daemon's late acts after a peer ended the pairing, in the test's hand. */
function late() {
  const due: (() => void)[] = [];
  const effects = (real: Effects): Effects => ({
    ...real,
    timers: {
      ...real.timers,
      after: (ms, run) => {
        if (ms === revokeMs / 2) due.push(run);
        return real.timers.after(ms, run);
      },
    },
  });
  const run = (): void => {
    for (const each of due) each();
  };
  return { effects, due, run };
}

/** Does something as often as the event loop turns, until a promise is settled. */
async function during<T>(waited: Promise<T>, act: () => void): Promise<T> {
  let isOver = false;
  const over = (): void => {
    isOver = true;
  };
  waited.then(over, over);
  while (!isOver) {
    act();
    await new Promise((done) => setImmediate(done));
  }
  return waited;
}

test("a machine that unpairs and pairs again at once is paired", async () => {
  const ending = late();
  await using on = await machine("on", ending);
  await using away = await machine("away");
  await on.calls.activate(session());
  await pair(on, away);
  for (let round = 0; round < rounds; round += 1) {
    expect(await away.calls.unpair({ name: "on" })).toMatchObject({ told: true });
    expect(ending.due.length).toBeGreaterThan(round);
    await during(pair(on, away), ending.run);
    const asked = { handle: "on/hydrate", question: null, thread_id: null };
    expect(await during(away.calls.ask(asked), ending.run)).toMatchObject({ status: "ok" });
  }
});

test("a connection of the pairing that ended is closed, one of the next is not", async () => {
  const ending = late();
  await using on = await machine("on", ending);
  await on.calls.activate(session());
  const before = await enrol(on);
  using old = await before.connect();
  expect(endOf(await askOn(old, before))).toBe("200");
  using last = await before.connect();
  expect((await last.post("unpair", {}, { token: before.token }))?.status).toBe(200);
  const after = await enrol(on, { identity: before.identity });
  using kept = await after.connect();
  expect(endOf(await askOn(kept, after))).toBe("200");
  ending.run();
  await old.closed;
  expect(endOf(await askOn(kept, after))).toBe("200");
  expect(await askOnce(before)).toBe("unauthenticated");
});
