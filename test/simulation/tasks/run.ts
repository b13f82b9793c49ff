/** One run of tasks: two machines for some minutes, then as long as rows are kept. */

import { heldTaskMs, taskKeptMs } from "../../../src/contract/tasks/limits.ts";
import { drawFrom } from "../../support/histories.ts";
import { enrolBoth } from "../pairing.ts";
import { schedule } from "../schedule.ts";
import { identityOf } from "../who.ts";
import { acts, heal, sweeps } from "./acts.ts";
import type { TaskJudge } from "./judge.ts";
import type { TaskVariant } from "./variant.ts";
import { type TaskWorld, taskWorld } from "./world.ts";

/** The result of a run. */
export interface TaskOutcome {
  readonly violations: readonly string[];
  readonly history: string;
  readonly counts: TaskJudge["counts"];
}

/** The time within which every end is known on both machines, once nothing is in the way. */
const settleMs = 180_000;

/** Lives one run. Equal seeds and variants give equal outcomes. */
export async function simulateTasks(seed: number, variant: TaskVariant = {}): Promise<TaskOutcome> {
  const draw = drawFrom(seed);
  const time = schedule(draw);
  const world = taskWorld(time, variant, () => ":memory:");
  const { machines, judge } = world;
  try {
    await enrolBoth(world.pairing);
    acts(world, variant.often);
    await time.run(60_000 * draw.between(2, 4));
    await comeToRest(world);
    judge.rested(machines, !world.isDisturbed);
    await age(world).catch((error: Error) => judge.say(error.message));
    const { violations, counts } = judge;
    return { violations, history: world.history(), counts };
  } finally {
    for (const { daemon } of machines) daemon.isOver = true;
    for (const { disk } of machines) disk.close();
  }
}

const arePaired = ({ machines }: TaskWorld): boolean =>
  machines.every(({ index, disk }) => {
    const row = disk.tables.peers.get(identityOf(1 - index).fingerprint);
    return row?.bearer != null && !row.refused;
  });

/** Nothing new happens, and whatever goes on comes to its end. */
async function comeToRest(world: TaskWorld): Promise<void> {
  const { schedule: time, machines, network } = world;
  world.isQuiet = true;
  network.heal();
  for (const { disk } of machines) disk.isFull = false;
  for (let round = 0; round < 12 && !machines.every(isUp); round += 1) {
    await time.run(time.nowMs + 10_000);
  }
  if (!arePaired(world) && time.draw.oneIn(2)) heal(world);
  await time.run(time.nowMs + settleMs);
}

const isUp = ({ daemon, isAsleep }: TaskWorld["machines"][number]): boolean =>
  !daemon.isOver && !isAsleep;

/** Lets as much time pass as rows are kept. */
async function age(world: TaskWorld): Promise<void> {
  for (const ms of [heldTaskMs, taskKeptMs, taskKeptMs]) await jump(world, ms);
  for (const machine of world.machines) world.judge.aged(machine);
}

/** Lets a long time pass in which nobody is there. */
async function jump(world: TaskWorld, ms: number): Promise<void> {
  const { schedule: time, machines } = world;
  world.isSwept = false;
  await time.run(time.nowMs + 20_000);
  for (const machine of machines) machine.suspend(ms);
  await time.run(time.nowMs + ms);
  sweeps(world);
  await time.run(time.nowMs + 120_000);
}
