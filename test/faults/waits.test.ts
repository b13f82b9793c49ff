/** Waits whose daemons end by kill -9 or a power cut: each is reached once, and none is lost. */

import { expect } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WaitEvent } from "../../src/contract/reach/waits.ts";
import { isBuilt, notBuilt } from "../support/executable.ts";
import { faultsWanted, skipUnless } from "../support/skip.ts";
import { canMount, noDisk, type SmallDisk, smallDisk } from "../support/small-disk.ts";
import { until } from "../support/until.ts";
import { daemonOf, type Machine, pairUp } from "./daemons.ts";
import { figure } from "./measure.ts";
import { canCut, cutMachine, noCut } from "./power-cut.ts";
import { committed, event, outcomesOf } from "./waiting.ts";

const test = skipUnless(isBuilt, notBuilt);
const rounds = faultsWanted ? 500 : 6;

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

test("a machine restored from a backup tells a wait again, and it is reached once", async () => {
  const folder = mkdtempSync(join(tmpdir(), "peernet-mini-"));
  const backup = mkdtempSync(join(tmpdir(), "peernet-backup-"));
  await using mini = await daemonOf("mini", { folder });
  await using laptop = await daemonOf("laptop");
  await pairUp(mini, laptop);
  await committed(mini, 1);
  const { wait_id } = await event(laptop, {}, "waiting");
  await mini.stop();
  cpSync(folder, backup, { recursive: true });
  await mini.start();
  await committed(mini, 2);
  expect(await event(laptop, { wait_id }, "ended")).toMatchObject({ outcome: "reached" });
  await mini.stop();
  rmSync(folder, { recursive: true });
  cpSync(backup, folder, { recursive: true });
  rmSync(backup, { recursive: true });
  await mini.start();
  await committed(mini, 3);
  await until("it was told again, and nothing is left", async () => {
    const told = await reportsOf(mini);
    return told.length > 0 && (await mini.calls.outbox({})).entries.length === 0;
  });
  expect(await outcomesOf(laptop)).toEqual(new Map([[wait_id, ["reached"]]]));
}, 60_000);

/** The outcomes that a machine told of waits for its sessions. */
async function reportsOf({ calls }: Machine): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { verb, direction, outcome } of calls["audit/export"]({})) {
    if (verb === "wait" && direction === "in" && outcome === "reached") found.push(outcome);
  }
  return found;
}

const onDisk = isBuilt ? skipUnless(canMount, noDisk) : test;

onDisk(
  "each wait is reached once after a full disk on either side",
  async () => {
    using disk = smallDisk();
    for (const full of ["mini", "laptop"] as const) {
      await using mini = await daemonOf("mini", folderOf(disk, full === "mini"));
      await using laptop = await daemonOf("laptop", folderOf(disk, full === "laptop"));
      await pairUp(mini, laptop);
      await committed(mini, 1);
      const { wait_id } = await event(laptop, {}, "waiting");
      disk.fill();
      const told = await committed(mini, 2).catch(({ code }) => code);
      // The machine that is waited on takes no commit in; the waiting one takes no report.
      if (full === "mini") expect(told).toBe("storage_full");
      else await until("the report failed", async () => (await failuresOf(mini)) > 0);
      expect(await outcomesOf(laptop)).toEqual(new Map());
      disk.free();
      await committed(mini, 2);
      expect(await event(laptop, { wait_id }, "ended")).toMatchObject({ outcome: "reached" });
      expect(await outcomesOf(laptop)).toEqual(new Map([[wait_id, ["reached"]]]));
      await until(
        "nothing is left",
        async () => (await mini.calls.outbox({})).entries.length === 0,
      );
    }
  },
  120_000,
);

const folderOf = ({ path }: SmallDisk, isOnIt: boolean) => {
  if (!isOnIt) return {};
  const folder = join(path, "home");
  mkdirSync(folder);
  return { folder };
};

const failuresOf = async ({ calls }: Machine): Promise<number> =>
  (await calls.outbox({})).entries[0]?.failures ?? 0;
