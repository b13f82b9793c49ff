/** Waits across a network that is cut, and between machines that both move. */

import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { join } from "node:path";
import { connect } from "../../src/client.ts";
import { timers } from "../../src/platform/clock/timers.ts";
import { figure } from "../faults/measure.ts";
import { type Called, committed, event, outcomesOf } from "../faults/waiting.ts";
import { pairTwo } from "../scenario/pairing.ts";
import { faultsWanted, longWanted, skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { type Machine, machine } from "./hosts.ts";
import { canLab, type Lab, lab, noLab } from "./lab.ts";

const test = skipUnless(canLab, noLab);
const cutS = faultsWanted || longWanted ? 60 : 2;
/** Waits beside each other: each is a subject of its own. */
const waits = 4;
setDefaultTimeout((cutS + 240) * 1_000);

let hosts: Lab;
let mini: Machine;
let laptop: Machine;
let on: { readonly mini: Called; readonly laptop: Called };
let commits = 1;

const called = ({ folder }: Machine): Called => connect(join(folder, "control.sock"), { timers });

beforeAll(async () => {
  if (!canLab) return;
  hosts = lab();
  mini = await machine(hosts, { host: "a", name: "mini", address: "lan" });
  laptop = await machine(hosts, { host: "b", name: "laptop", address: "lan" });
  on = { mini: called(mini), laptop: called(laptop) };
  await pairTwo(mini, laptop, hosts.address("a"));
});

afterAll(async () => {
  if (!canLab) return;
  await mini[Symbol.asyncDispose]();
  await laptop[Symbol.asyncDispose]();
  hosts[Symbol.dispose]();
});

/** Begins waits for the next commit; returns their ids once the machine waited on has them. */
async function begun(): Promise<readonly string[]> {
  await committed(on.mini, commits);
  const ids: string[] = [];
  for (let number = 0; number < waits; number += 1) {
    const { wait_id } = await event(on.laptop, { wait_id: Bun.randomUUIDv7() }, "waiting");
    ids.push(wait_id);
  }
  return ids;
}

/** Reads waits to their ends; the milliseconds that took, and what is wrong with any of them. */
async function ended(ids: readonly string[]) {
  const startedMs = performance.now();
  const ends = await Promise.all(ids.map((wait_id) => event(on.laptop, { wait_id }, "ended")));
  const tookMs = performance.now() - startedMs;
  const outcomes = await outcomesOf(on.laptop);
  const lost = ends.filter((end) => end.event !== "ended" || end.outcome !== "reached");
  const notOnce = ids.filter((id) => outcomes.get(id)?.join() !== "reached");
  await until("nothing is left", async () => (await on.mini.calls.outbox({})).entries.length === 0);
  return { tookMs, wrong: { lost, notOnce } };
}

const nothing = { lost: [], notOnce: [] };

test(`each wait is reached once when its commit came in a cut of ${cutS} s`, async () => {
  const ids = await begun();
  hosts.cut("a", "b");
  try {
    await committed(on.mini, ++commits);
    // Waits are judged after the commit of the lease; while the cut lasts, no entry can leave.
    const subjects = async () =>
      (await on.mini.calls.outbox({})).entries.map(({ subject_id }) => subject_id).sort();
    await until("every wait is queued", async () => (await subjects()).length === ids.length);
    expect(await subjects()).toEqual([...ids].sort());
    await Bun.sleep(cutS * 1_000);
  } finally {
    hosts.heal();
  }
  const { tookMs, wrong } = await ended(ids);
  figure("R11n", { cut_s: cutS, waits, lost: wrong.lost.length, after_heal_ms: tookMs });
  expect(wrong).toEqual(nothing);
});

test("each wait is reached once though both machines moved meanwhile", async () => {
  const ids = await begun();
  hosts.readdress("a", "10.77.0.71");
  hosts.readdress("b", "10.77.0.72");
  await committed(on.mini, ++commits);
  const { tookMs, wrong } = await ended(ids);
  figure("R11n", { both_moved: 1, waits, lost: wrong.lost.length, after_move_ms: tookMs });
  expect(wrong).toEqual(nothing);
});
