/** The end of a run: nothing new happens, every handle ends, and so must every wait for it. */

import { grant } from "./acts.ts";
import type { Machine } from "./machine.ts";
import { unsentOf } from "./mail.ts";
import { openWaits } from "./waits.ts";
import { digest, identityOf } from "./who.ts";
import type { World } from "./world.ts";

/**
 * The time in which every wait comes to its end once nothing keeps it from that: a hello tells of
 * the right, a wait is repeated within two minutes, and a sweep may be late by twenty seconds.
 */
const restMs = 240_000;

/** Rounds in which the handles of both machines end: one may be taken again, or a daemon crash. */
const roundsMax = 30;

/** Ends every handle where a wait is open, and judges whether every wait ends by it. */
export async function comeToRest(world: World): Promise<void> {
  const { schedule, machines, network, judge } = world;
  const isDone = (machine: Machine): boolean =>
    openWaits(machine).length === 0 && unsentOf(machine).length === 0;
  if (machines.every(isDone)) return;
  world.isQuiet = true;
  network.heal();
  for (const { disk } of machines) disk.isFull = false;
  for (let round = 0; round < roundsMax && !isQuiet(world); round += 1) {
    await schedule.run(schedule.nowMs + 10_000);
    for (const machine of machines) if (isUp(machine)) endHandles(world, machine);
  }
  if (!areLinked(world)) return;
  for (const machine of machines) grant(world, machine, true);
  const open = machines.map(openWaits);
  await schedule.run(schedule.nowMs + restMs);
  if (!areLinked(world) || !isQuiet(world)) return;
  for (const machine of machines) judge.mail.unsent(machine, unsentOf(machine));
  for (const [index, machine] of machines.entries()) {
    const left = new Set(openWaits(machine));
    for (const id of open[index] ?? []) if (left.has(id)) judge.waits.lost(machine, id);
  }
}

const isUp = ({ daemon, isAsleep }: Machine): boolean => !daemon.isOver && !isAsleep;

/** True once both machines are up, and nobody holds a handle. */
const isQuiet = ({ machines }: World): boolean =>
  machines.every((machine) => isUp(machine) && machine.disk.tables.leases.all().length === 0);

function endHandles(world: World, machine: Machine): void {
  for (const { name, generation } of machine.disk.tables.leases.all()) {
    const { local } = machine.daemon;
    const ended = local.deactivate({ name, generation }, { now: machine.now() });
    world.quietly(`end ${machine.index}`, Promise.resolve(ended));
  }
}

/** True while each machine has a credential that the other one takes. */
const areLinked = ({ machines, other }: World): boolean =>
  machines.every((machine) => {
    const there = other(machine);
    const row = machine.disk.tables.peers.get(identityOf(there.index).fingerprint);
    const tokens = there.disk.tables.peers.tokens(identityOf(machine.index).fingerprint);
    const bearer = row?.bearer ?? null;
    if (bearer === null || row?.refused === true) return false;
    return tokens.some(({ sha256 }) => sha256 === digest(bearer));
  });
