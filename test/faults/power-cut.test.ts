/** Power cuts while a machine is asked, and a control run that shows that they do cut. */

import { expect } from "bun:test";
import { isBuilt, notBuilt } from "../support/executable.ts";
import { faultsWanted, skipUnless } from "../support/skip.ts";
import { activated, asking, daemonOf, pairUp, someMoment } from "./daemons.ts";
import { figure } from "./measure.ts";
import { type CutMachine, canCut, cutMachine, noCut, notWaiting } from "./power-cut.ts";
import { missing, threadsOf } from "./records.ts";

const test = isBuilt ? skipUnless(canCut, noCut) : skipUnless(isBuilt, notBuilt);

/** The losses by power cuts. */
interface Taken {
  readonly answered: number;
  readonly lost: number;
  readonly broken: number;
}

/** Cuts the power so many times while a machine is asked. */
async function cutWhileAsked(mini: CutMachine, rounds: number): Promise<Taken> {
  await using laptop = await daemonOf("laptop");
  await activated(mini);
  await pairUp(mini, laptop);
  // The facts that both know of each other are on the disk, however little is synced afterwards.
  await mini.stop();
  await mini.start();
  const taken = { answered: 0, lost: 0, broken: 0 };
  for (let round = 0; round < rounds; round += 1) {
    await activated(mini);
    const asked = asking(laptop, "mini/hydrate");
    await someMoment(asked);
    await mini.cut();
    await Promise.all([asked.end(), mini.start()]);
    taken.answered += asked.answered.length;
    taken.lost += missing(asked.answered, threadsOf(mini.folder, "in"));
    const isLast = round === rounds - 1;
    if (!isLast && round % 25 !== 0) continue;
    if (!(await mini.calls["audit/verify"]({})).ok) taken.broken += 1;
  }
  return taken;
}

const rounds = faultsWanted ? 200 : 4;

test(
  "no answered ask is without its record after a power cut",
  async () => {
    await using mini = await cutMachine("mini");
    const taken = await cutWhileAsked(mini, rounds);
    figure("R1p", {
      power_cut_rounds: rounds,
      answered: taken.answered,
      without_record: taken.lost,
      broken_chains: taken.broken,
    });
    expect(taken).toMatchObject({ lost: 0, broken: 0 });
    expect(taken.answered).toBeGreaterThan(rounds);
  },
  30_000 + rounds * 5_000,
);

test("a daemon that does not wait for the disk loses records at a power cut", async () => {
  using normal = notWaiting();
  await using mini = await cutMachine("mini", normal.command);
  const controls = faultsWanted ? 20 : 2;
  const taken = await cutWhileAsked(mini, controls);
  figure("R1p", { control_rounds: controls, control_without_record: taken.lost });
  expect(taken.lost).toBeGreaterThan(0);
}, 180_000);
