/** Waits whose daemons end by kill -9 or a power cut: each is reached once, and none is lost. */

import { expect } from "bun:test";
import type { WaitEvent, WaitInput } from "../../src/contract/reach/waits.ts";
import { session } from "../support/daemon.ts";
import { isBuilt, notBuilt } from "../support/executable.ts";
import { faultsWanted, skipUnless } from "../support/skip.ts";
import { daemonOf, type Machine, pairUp } from "./daemons.ts";
import { figure } from "./measure.ts";
import { canCut, cutMachine, noCut } from "./power-cut.ts";

const test = skipUnless(isBuilt, notBuilt);
const rounds = faultsWanted ? 500 : 6;

const committed = (on: Machine, number: number) => {
  const sha = number.toString(16).padStart(40, "0");
  const git = { sha, subject: "a", branch: "main", dirty: 0 };
  return on.calls.activate(session({ name: "hydrate", git }));
};

/** Reads a wait up to an event. */
async function event(
  { calls }: Machine,
  input: Partial<WaitInput>,
  kind: WaitEvent["event"],
): Promise<WaitEvent> {
  const asked = { handle: "mini/hydrate", until: "commit", stays: true, ...input } as const;
  for await (const each of calls.wait(asked)) if (each.event === kind) return each;
  throw new Error(`no ${kind} came`);
}

/** The outcomes that a machine has on record, by the wait they are of. */
async function outcomesOf({ calls }: Machine): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  for await (const { verb, outcome, subject_id } of calls["audit/export"]({})) {
    if (verb !== "wait" || outcome === "asked" || subject_id === null) continue;
    found.set(subject_id, [...(found.get(subject_id) ?? []), outcome]);
  }
  return found;
}

/** Ends a daemon again and again while it is waited on; returns what went wrong. */
async function endedWhileWaiting(
  { mini, laptop }: { readonly mini: Machine; readonly laptop: Machine },
  times: number,
  end: (round: number) => Promise<void>,
) {
  const waits: string[] = [];
  const missed: WaitEvent[] = [];
  for (let round = 0; round < times; round += 1) {
    const { wait_id } = await event(laptop, {}, "waiting");
    waits.push(wait_id);
    const reaching = committed(mini, round + 2).catch(() => null);
    await Bun.sleep(Math.random() * 12);
    await end(round);
    await reaching;
    // The session's keeper renews it, and tells the commit again.
    await committed(mini, round + 2);
    const last = await event(laptop, { wait_id }, "ended");
    if (last.event !== "ended" || last.outcome !== "reached") missed.push(last);
  }
  const outcomes = await outcomesOf(laptop);
  const unlike = waits.filter((id) => outcomes.get(id)?.join() !== "reached");
  return { missed, unlike, left: (await mini.calls.outbox({})).entries.length };
}

const none = { missed: [], unlike: [], left: 0 };

test(
  "each wait is reached once, however often a daemon is ended by kill -9",
  async () => {
    await using mini = await daemonOf("mini");
    await using laptop = await daemonOf("laptop");
    await pairUp(mini, laptop);
    await committed(mini, 1);
    const wrong = await endedWhileWaiting({ mini, laptop }, rounds, async (round) => {
      const victim = round % 2 === 0 ? mini : laptop;
      await victim.kill();
      await victim.start();
    });
    const counts = { lost: wrong.missed.length, not_once: wrong.unlike.length, left: wrong.left };
    figure("R12", { kill9_rounds: rounds, ...counts });
    expect(wrong).toEqual(none);
  },
  30_000 + rounds * 8_000,
);

const cuts = faultsWanted ? 200 : 3;
const testCut = isBuilt ? skipUnless(canCut, noCut) : test;

testCut(
  "each wait is reached once after power cuts of the machine that is waited on",
  async () => {
    await using mini = await cutMachine("mini");
    await using laptop = await daemonOf("laptop");
    await pairUp(mini, laptop);
    await mini.stop();
    await mini.start();
    await committed(mini, 1);
    const wrong = await endedWhileWaiting({ mini, laptop }, cuts, async () => {
      await mini.cut();
      await mini.start();
    });
    const counts = { lost: wrong.missed.length, not_once: wrong.unlike.length, left: wrong.left };
    figure("R12p", { power_cut_rounds: cuts, ...counts });
    expect(wrong).toEqual(none);
  },
  30_000 + cuts * 8_000,
);
