/** The events of a run: sessions, their keeper, people who ask and revoke, faults. */

import { leaseLifeMs, linkLifeMs } from "../../src/contract/limits.ts";
import { Scope } from "../../src/contract/terms.ts";
import { checkpointsName } from "../../src/daemon/audit/checkpoints.ts";
import type { Machine } from "./machine.ts";
import { decide, read, topical, write } from "./mail.ts";
import type { Arrived } from "./network.ts";
import { attempt, open } from "./pairing.ts";
import { resume, type Session, sessionActs, sessionsOf } from "./sessions.ts";
import { wait } from "./waits.ts";
import { identityOf, nameOf } from "./who.ts";
import type { World } from "./world.ts";

type Act = (world: World, machine: Machine, sessions: readonly Session[]) => void;

/** The possible next events, each as often as it stands here. */
const actsOf: Readonly<Record<string, readonly [times: number, act: Act]>> = {
  ask: [12, ask],
  boundary: [8, askAtBoundary],
  again: [10, askTwice],
  session: [10, sessionActs],
  wait: [12, wait],
  write: [10, write],
  topic: [6, writeToTopic],
  read: [8, read],
  decide: [3, decide],
  open: [2, (world, machine) => open(world, machine)],
  attempt: [6, (world, machine) => attempt(world, machine, world.schedule.draw.oneIn(4))],
  grant: [3, (world, machine) => grant(world, machine)],
  unpair: [1, unpair],
  crash: [1, (world, machine) => world.crash(machine)],
  "crash at a commit": [1, crashAtCommit],
  sleep: [1, sleep],
  clock: [1, (world, machine) => machine.setWall((world.schedule.draw.below(3) - 1) * 86_400_000)],
  full: [1, fill],
  cut: [1, (world) => world.network.cut(0, 1, world.schedule.draw.below(90_000))],
  inspect: [1, (world, machine) => void world.judge.inspect(machine, world.machines)],
};

const bag: readonly Act[] = Object.values(actsOf).flatMap(([times, act]) =>
  new Array<Act>(times).fill(act),
);

/** Begins everything that goes on in a run. */
export function acts(world: World): void {
  const { schedule, machines, everyone } = world;
  const { draw } = schedule;
  for (const machine of machines) {
    const sessions = sessionsOf(world, machine);
    const next = (): void => {
      schedule.after(draw.below(5_000), everyone, next);
      const isAble = !machine.daemon.isOver && !machine.isAsleep && !world.isQuiet;
      if (isAble) draw.pick(bag)(world, machine, sessions);
    };
    next();
    const sweep = (): void => {
      // A sweep may be late: nothing is decided by it.
      schedule.after(draw.oneIn(5) ? 1_000 : draw.between(1_000, 20_000), everyone, sweep);
      if (machine.daemon.isOver || machine.isAsleep) return;
      world.quietly(`sweep ${machine.index}`, machine.daemon.sweep());
    };
    sweep();
  }
  linkEnds(world);
}

/** Looks at the links in the very millisecond in which they end. */
function linkEnds({ schedule, machines, everyone, judge }: World): void {
  const [one, two] = machines;
  if (one === undefined || two === undefined) return;
  const lookAt = (endsMs: number): void => {
    schedule.after(endsMs - schedule.nowMs, everyone, () => {
      const nowEndsMs = judge.linkEndsMs(one.index, two.index);
      if (nowEndsMs > schedule.nowMs) return lookAt(nowEndsMs);
      for (const machine of machines) judge.links(machine);
      lookAt(schedule.nowMs + linkLifeMs);
    });
  };
  lookAt(judge.linkEndsMs(one.index, two.index));
}

const names = ["hydrate", "hydrate", "sync", "sync", "hydrate-2", "shell", "missing"];

function ask(world: World, machine: Machine): void {
  const { draw } = world.schedule;
  const peer = world.other(machine);
  const own = draw.oneIn(5) ? machine : peer;
  const thread = machine.effects.random.uuid();
  const input = {
    handle: `${nameOf(own.index)}/${draw.pick(names)}`,
    question: draw.oneIn(2) ? "why" : null,
    thread_id: thread,
    timeout_ms: 5_000,
  };
  world.judge.counts.asks += 1;
  const asked = machine.daemon.local.ask(input, { now: machine.now() });
  world.quietly(`ask ${machine.index}`, asked, () => {
    if (own === peer) world.judge.told(machine, peer, thread);
  });
}

/** An ask by hand, whose reply is judged. */
function serve(world: World, machine: Machine, arrived: Arrived): void {
  if (machine.isAsleep) return;
  world.judge.counts.asks += 1;
  void machine.serve(arrived);
}

/** An ask of the machine by the other one; null while that has no token. */
function askOf(world: World, machine: Machine, handle: string): Arrived | null {
  const peer = world.other(machine);
  const row = peer.disk.tables.peers.get(identityOf(machine.index).fingerprint);
  if (row === null || row.bearer === null) return null;
  const { uuid } = peer.effects.random;
  const body = { ask_id: uuid(), thread_id: uuid(), handle, question: null };
  world.judge.byHand.add(body.ask_id);
  return { from: peer.index, path: "ask", token: row.bearer, body: JSON.stringify(body) };
}

/** Asks in the last millisecond of a lease, the first after it, or the next. */
function askAtBoundary(world: World, machine: Machine): void {
  const { schedule, everyone } = world;
  const leases = machine.disk.tables.leases.all();
  if (leases.length === 0) return;
  const { name, renewed_boot_ms } = schedule.draw.pick(leases);
  const atMs = renewed_boot_ms + leaseLifeMs + schedule.draw.between(-1, 1);
  const arrived = askOf(world, machine, name);
  if (arrived === null) return;
  schedule.after(atMs - machine.now().bootMs, everyone, () => serve(world, machine, arrived));
}

/** Asks, and asks the same again within the time in which that is remembered, or after it. */
function askTwice(world: World, machine: Machine): void {
  const { schedule, everyone } = world;
  const arrived = askOf(world, machine, schedule.draw.pick(names));
  if (arrived === null) return;
  serve(world, machine, arrived);
  for (let times = schedule.draw.between(1, 3); times > 0; times -= 1) {
    const ms = schedule.draw.oneIn(8) ? schedule.draw.below(70_000) : schedule.draw.below(5_000);
    schedule.after(ms, everyone, () => serve(world, machine, arrived));
  }
}

/** A topic's message is written; often the other machine has just allowed that. */
function writeToTopic(world: World, machine: Machine): void {
  if (world.schedule.draw.oneIn(3)) grant(world, world.other(machine), true);
  topical(world, machine);
}

/** A person lets the other machine ask, or no longer. */
export function grant(
  world: World,
  machine: Machine,
  allows: boolean = !world.schedule.draw.oneIn(3),
): void {
  const { judge, schedule } = world;
  const peer = world.other(machine).index;
  if (allows) judge.granted(machine, peer);
  const { local } = machine.daemon;
  const [name, caller] = [nameOf(peer), { now: machine.now() }];
  // Its messages are held at times.
  const limits = { hide: [], for_ms: null, mine: false, hold: schedule.draw.oneIn(3) };
  // At times the peer may write to a topic, and then to these handles alone.
  const topical = schedule.draw.oneIn(2) ? ["hydrate", "sync", "@deploys"] : null;
  // Only a machine of one's own compares the files of every repository.
  const names = { ask: null, overlap: ["hydrate"], message: topical, wake: null };
  const entries = Scope.options.map((scope) => ({ scope, names: names[scope] }));
  const granted = allows
    ? local["peers/grant"]({ name, entries, ...limits }, caller)
    : local["peers/revoke"]({ name, scopes: null }, caller);
  world.quietly(`grant ${machine.index} ${allows}`, Promise.resolve(granted), () => {
    // Of two in one commit the last holds, and is told last.
    if (allows) judge.granted(machine, peer);
    else judge.revoked(machine, peer, schedule.happened);
  });
}

function unpair(world: World, machine: Machine): void {
  const peer = world.other(machine).index;
  const ended = machine.daemon.local.unpair({ name: nameOf(peer) }, { now: machine.now() });
  const { run } = machine.daemon;
  world.schedule.after(world.schedule.draw.below(20_000), world.everyone, () => heal(world));
  world.quietly(`unpair ${machine.index}`, Promise.resolve(ended), () => {
    // It waits for the peer to be told: they may be paired again by now.
    const row = machine.disk.tables.peers.get(identityOf(peer).fingerprint);
    if (row === null && machine.daemon.run === run) {
      world.judge.revoked(machine, peer, world.schedule.happened);
    }
  });
}

/** People who are not paired pair again. */
function heal(world: World): void {
  const [one, two] = world.schedule.draw.oneIn(2) ? world.machines : world.machines.toReversed();
  if (one === undefined || two === undefined || one.daemon.isOver || one.isAsleep) return;
  open(world, one);
  world.schedule.after(3_000, world.everyone, () => {
    if (!one.daemon.isOver && !one.isAsleep) attempt(world, one, true);
  });
}

function crashAtCommit(world: World, machine: Machine): void {
  const end = world.schedule.draw.pick(["before", "amidst", "after"] as const);
  world.note(`crash ${machine.index} ${end} a commit`);
  machine.disk.crashAt(end, () => {
    // A line that was being written is torn.
    if (world.schedule.draw.oneIn(2)) machine.effects.files.append(checkpointsName, '{"seq":');
    world.crash(machine);
  });
}

function sleep(world: World, machine: Machine, sessions: readonly Session[]): void {
  const ms = world.schedule.draw.oneIn(2) ? world.schedule.draw.below(5_000) : 80_000;
  world.note(`sleep ${machine.index} ${ms}`);
  machine.suspend(ms);
  world.schedule.after(ms, world.everyone, () => {
    if (machine.daemon.isOver || machine.isAsleep) return;
    resume(world, machine, sessions);
  });
}

function fill(world: World, machine: Machine): void {
  machine.disk.isFull = true;
  world.schedule.after(world.schedule.draw.below(20_000), world.everyone, () => {
    machine.disk.isFull = false;
  });
}
