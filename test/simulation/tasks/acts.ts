/** The events of a run of tasks: people who ask, look, approve, stop and withdraw, and faults. */

import type { RunInput } from "../../../src/contract/tasks/local.ts";
import { TaskDecision } from "../../../src/contract/tasks/task.ts";
import type { Machine } from "../machine.ts";
import { attempt, open } from "../pairing.ts";
import { nameOf } from "../who.ts";
import type { TaskVariant } from "./variant.ts";
import type { Hosted, TaskWorld } from "./world.ts";

type Act = (world: TaskWorld, machine: Machine) => void;

/** The possible next events, each as often as it stands here. */
const actsOf = {
  run: [6, run],
  say: [10, say],
  approve: [14, approve],
  refuse: [2, refuse],
  stop: [3, stop],
  discard: [2, discard],
  policy: [3, changePolicy],
  program: [3, changeProgram],
  mine: [2, changeMine],
  pause: [1, pause],
  unpair: [1, unpair],
  crash: [2, (world, machine) => world.crash(machine)],
  "crash at a commit": [3, crashAtCommit],
  keeper: [3, (world, { index }) => world.hosted[index]?.keeper.die()],
  supervisor: [2, killSupervisor],
  sleep: [1, sleep],
  clock: [1, (world, machine) => machine.setWall((world.schedule.draw.below(3) - 1) * 86_400_000)],
  full: [1, fill],
  cut: [2, (world) => world.network.cut(0, 1, world.schedule.draw.below(60_000))],
} as const satisfies Readonly<Record<string, readonly [times: number, act: Act]>>;

const bag: readonly Act[] = Object.values(actsOf).flatMap(([times, act]) =>
  new Array<Act>(times).fill(act),
);

/** Begins everything that goes on in a run. */
export function acts(world: TaskWorld, often: TaskVariant["often"]): void {
  const { schedule, machines, everyone } = world;
  const { draw } = schedule;
  // In half of the runs nobody parts: every end must be known on both machines.
  world.mayPart = draw.oneIn(2) || often === "unpair";
  const more = often === undefined ? null : actsOf[often][1];
  for (const machine of machines) {
    if (!draw.oneIn(4)) changeMine(world, machine, true);
    const next = (): void => {
      if (world.isQuiet) return;
      schedule.after(draw.below(4_000), everyone, next);
      if (machine.daemon.isOver || machine.isAsleep) return;
      const act = more !== null && draw.oneIn(4) ? more : draw.pick(bag);
      act(world, machine);
    };
    next();
  }
  sweeps(world);
}

/** Lets the daemons sweep until the world says otherwise. */
export function sweeps(world: TaskWorld): void {
  const { schedule, machines, everyone } = world;
  const { draw } = schedule;
  world.isSwept = true;
  for (const machine of machines) {
    const sweep = (): void => {
      if (!world.isSwept) return;
      schedule.after(draw.oneIn(5) ? 1_000 : draw.between(1_000, 10_000), everyone, sweep);
      if (machine.daemon.isOver || machine.isAsleep) return;
      world.quietly(`sweep ${machine.index}`, machine.daemon.sweep());
    };
    sweep();
  }
}

const person = { by: "person" } as const;

/** A person hands a task over; at times the same call is repeated. */
function run(world: TaskWorld, machine: Machine): void {
  const { schedule, judge } = world;
  const { draw } = schedule;
  const task_id = machine.effects.random.uuid();
  const input: RunInput = {
    ...{ machine: nameOf(world.other(machine).index), repository: "hydrate", prompt: "Port it" },
    ...{ profile: draw.oneIn(2) ? "query" : "edit", runner: "claude-code", task_id },
    ...{ folder: "/home/a/hydrate", at: null, wip: false, send: draw.oneIn(4), name: null },
    ...{ wall_ms: null, usd: null, from: person },
  };
  const once = (): void => {
    if (machine.daemon.isOver || machine.isAsleep) return;
    judge.counts.submitted += 1;
    const handed = machine.daemon.local["tasks/run"](input, { now: machine.now() });
    world.quietly(`run ${machine.index}`, Promise.resolve(handed));
  };
  once();
  for (let times = draw.below(3); times > 0; times -= 1) {
    schedule.after(draw.below(20_000), world.everyone, once);
  }
}

const rowsOf = ({ disk }: Machine, direction: "in" | "out") =>
  disk.tables.tasks.list({ directions: [direction], all: true, limit: 100 });

/** A person says more to a task that has ended. */
function say(world: TaskWorld, machine: Machine): void {
  const { schedule } = world;
  const { draw } = schedule;
  const ended = rowsOf(machine, "out").filter(({ ended_ms, discarded }) => {
    return ended_ms !== null && !discarded;
  });
  if (ended.length === 0) return;
  const { task_id: task, round } = draw.pick(ended);
  const input = { task, prompt: "Now the tests", round: round + 1, from: person };
  for (const ms of draw.oneIn(3) ? [0, draw.below(5_000)] : [0]) {
    schedule.after(ms, world.everyone, () => {
      if (machine.daemon.isOver || machine.isAsleep) return;
      const said = machine.daemon.local["tasks/say"](input, { now: machine.now() });
      world.quietly(`say ${machine.index}`, Promise.resolve(said));
    });
  }
}

/** A person looks at a held task, and approves it some time later as it was shown. */
function approve(world: TaskWorld, machine: Machine): void {
  const { schedule, judge } = world;
  const { draw } = schedule;
  const held = rowsOf(machine, "in").filter(({ state }) => state === "held");
  if (held.length === 0) return;
  const { task_id, round, document_sha256, decision } = draw.pick(held);
  const show = machine.daemon.local["tasks/show"];
  const shown = Promise.resolve(show({ task: task_id }, { now: machine.now() }));
  world.quietly(`show ${machine.index}`, shown, ({ decision_sha256 }) => {
    schedule.after(draw.below(8_000), world.everyone, () => {
      if (machine.daemon.isOver || machine.isAsleep || decision === null) return;
      const read = TaskDecision.parse(JSON.parse(decision));
      judge.approves(machine, { task_id, round, document_sha256, decision: read });
      const input = { task: task_id, document_sha256, decision_sha256: decision_sha256 ?? "" };
      const acted = machine.daemon.local["tasks/approve"](input, { now: machine.now() });
      world.quietly(`approve ${machine.index}`, Promise.resolve(acted));
    });
  });
}

function refuse(world: TaskWorld, machine: Machine): void {
  const open = rowsOf(machine, "in").filter(({ ended_ms }) => ended_ms === null);
  if (open.length === 0) return;
  const { task_id: task, round } = world.schedule.draw.pick(open);
  const input = { task, reason: null };
  const refused = machine.daemon.local["tasks/refuse"](input, { now: machine.now() });
  world.quietly(`refuse ${machine.index}`, Promise.resolve(refused), () => {
    world.judge.withdrawn(task, round);
  });
}

/** A person of either machine stops a task. */
function stop(world: TaskWorld, machine: Machine): void {
  const { draw } = world.schedule;
  const all = [...rowsOf(machine, "in"), ...rowsOf(machine, "out")];
  const open = all.filter(({ ended_ms }) => ended_ms === null);
  if (open.length === 0) return;
  const { task_id, round, direction } = draw.pick(open);
  const stopped = machine.daemon.local["tasks/stop"]({ task: task_id }, { now: machine.now() });
  world.quietly(`stop ${machine.index}`, Promise.resolve(stopped), ({ task }) => {
    const isOver = direction === "in" && task.state === "cancelled";
    if (isOver && task.round === round) world.judge.withdrawn(task_id, round);
  });
}

function discard(world: TaskWorld, machine: Machine): void {
  const { draw } = world.schedule;
  const all = [...rowsOf(machine, "in"), ...rowsOf(machine, "out")];
  const ended = all.filter(({ ended_ms }) => ended_ms !== null);
  if (ended.length === 0) return;
  const { task_id: task } = draw.pick(ended);
  const gone = machine.daemon.local["tasks/discard"]({ task }, { now: machine.now() });
  world.quietly(`discard ${machine.index}`, Promise.resolve(gone));
}

const hostedOf = (world: TaskWorld, { index }: Machine): Hosted => {
  const hosted = world.hosted[index];
  if (hosted === undefined) throw new RangeError("no such machine");
  return hosted;
};

/** A person writes another policy; the daemon reads it at its next look. */
function changePolicy(world: TaskWorld, machine: Machine): void {
  const { draw } = world.schedule;
  const hosted = hostedOf(world, machine);
  hosted.policy = draw.oneIn(2) ? 0 : draw.below(7);
  world.note(`policy ${machine.index} ${hosted.policy}`);
  if (draw.oneIn(2)) machine.daemon.tasks.review();
}

/** Another version of the runner is installed. */
function changeProgram(world: TaskWorld, machine: Machine): void {
  const { keeper } = hostedOf(world, machine);
  keeper.program = String(world.schedule.draw.below(3) + 1).repeat(64);
  world.note(`program ${machine.index}`);
}

/** A person says whether the other machine is the person's own. */
function changeMine(
  world: TaskWorld,
  machine: Machine,
  mine = !world.schedule.draw.oneIn(4),
): void {
  const name = nameOf(world.other(machine).index);
  const entries = mine ? [] : [{ scope: "ask" as const, names: null }];
  const limits = { hide: [], for_ms: null, mine, hold: false };
  const granted = machine.daemon.local["peers/grant"](
    { name, entries, ...limits },
    { now: machine.now() },
  );
  world.quietly(`mine ${machine.index} ${mine}`, Promise.resolve(granted));
}

/** A person takes every right from the other machine. */
function pause(world: TaskWorld, machine: Machine): void {
  if (!world.mayPart) return;
  world.isDisturbed = true;
  const name = nameOf(world.other(machine).index);
  const { local } = machine.daemon;
  const revoked = local["peers/revoke"]({ name, scopes: null }, { now: machine.now() });
  world.quietly(`pause ${machine.index}`, Promise.resolve(revoked));
}

function unpair(world: TaskWorld, machine: Machine): void {
  const { schedule, judge } = world;
  if (!world.mayPart) return;
  world.isDisturbed = true;
  const name = nameOf(world.other(machine).index);
  const parted = judge.parting(machine);
  const ended = machine.daemon.local.unpair({ name }, { now: machine.now() });
  schedule.after(schedule.draw.below(20_000), world.everyone, () => heal(world));
  world.quietly(`unpair ${machine.index}`, Promise.resolve(ended), parted);
}

/** People who are not paired pair again. */
export function heal(world: TaskWorld): void {
  const [one, two] = world.schedule.draw.oneIn(2) ? world.machines : world.machines.toReversed();
  if (one === undefined || two === undefined || one.daemon.isOver || one.isAsleep) return;
  open(world.pairing, one);
  world.schedule.after(3_000, world.everyone, () => {
    if (!one.daemon.isOver && !one.isAsleep) attempt(world.pairing, one, true);
  });
}

function crashAtCommit(world: TaskWorld, machine: Machine): void {
  const end = world.schedule.draw.pick(["before", "amidst", "after"] as const);
  world.note(`crash ${machine.index} ${end} a commit`);
  machine.disk.crashAt(end, () => world.crash(machine));
}

/** A supervisor ends at once, in whatever state its round is. */
function killSupervisor(world: TaskWorld, machine: Machine): void {
  const { keeper } = hostedOf(world, machine);
  const live = [...keeper.folders].filter(([, { isLocked }]) => isLocked);
  if (live.length === 0) return;
  const [key] = world.schedule.draw.pick(live);
  world.note(`kill ${machine.index} ${key}`);
  keeper.kill(key);
}

function sleep(world: TaskWorld, machine: Machine): void {
  const ms = world.schedule.draw.oneIn(2) ? world.schedule.draw.below(5_000) : 80_000;
  world.note(`sleep ${machine.index} ${ms}`);
  machine.suspend(ms);
}

function fill(world: TaskWorld, machine: Machine): void {
  machine.disk.isFull = true;
  world.schedule.after(world.schedule.draw.below(20_000), world.everyone, () => {
    machine.disk.isFull = false;
  });
}
