/** The sessions of a machine in a run, and the keeper that renews their leases. */

import { heartbeatMs } from "../../src/contract/limits.ts";
import type { Machine } from "./machine.ts";
import type { World } from "./world.ts";

/** A session. */
export interface Session {
  /** Of a session that nobody gave one there are no hooks. */
  readonly id: string | null;
  readonly pid: number;
  /** The sessions with an id in the process of one that has none. */
  readonly beside: readonly Session[];
  /** It is alone in its process. */
  readonly isSole: boolean;
  name: string | null;
  generation: number;
  /** Its user released it, and has not activated it since. */
  hasLeft: boolean;
}

const names = ["hydrate", "sync", "hydrate-2"];
const states = ["working", "working", "idle", "waiting"] as const;

/** Four sessions, one of them without an id, at times in the process of another. */
function newSessions(isShared: boolean): readonly Session[] {
  const state = { name: null, generation: 0, hasLeft: false };
  const named = [1, 2, 3].map((number): Session => {
    const isSole = number !== 1 || !isShared;
    return { id: `session-${number}`, pid: 100 + number, beside: [], isSole, ...state };
  });
  const beside = isShared ? named.slice(0, 1) : [];
  const pid = beside[0]?.pid ?? 104;
  return [...named, { id: null, pid, beside, isSole: !isShared, ...state }];
}

/** The sessions of a machine, with their keeper at work. */
export function sessionsOf(world: World, machine: Machine): readonly Session[] {
  const { schedule, everyone } = world;
  const { draw } = schedule;
  const sessions = newSessions(draw.oneIn(2));
  for (const session of sessions) activate(world, machine, session);
  const beat = (): void => {
    // A beat may be lost, and a keeper may be silent for longer than a lease lives.
    const isSilent = draw.oneIn(8);
    schedule.after(isSilent ? draw.between(75_000, 120_000) : heartbeatMs, everyone, beat);
    if (!draw.oneIn(8)) keep(world, machine, sessions);
  };
  beat();
  return sessions;
}

/** The possible acts of a session, and on it. */
export function sessionActs(world: World, machine: Machine, sessions: readonly Session[]): void {
  const { draw } = world.schedule;
  const session = draw.pick(sessions);
  const act = draw.pick([activate, hook, hook, hook, hook, hook, release, release, summarise]);
  act(world, machine, session);
}

/** When something arrives, and at which daemon. */
const arrival = (machine: Machine) => {
  const now = machine.now();
  return { now, by: { bootMs: now.bootMs, run: machine.daemon.run } };
};

const nameIn = (handle: string): string => handle.slice(handle.indexOf("/") + 1);

function activate(world: World, machine: Machine, session: Session): void {
  const { now, by } = arrival(machine);
  const { draw } = world.schedule;
  // One without an id has a name that nobody else takes, at times.
  const name = session.id === null && draw.oneIn(2) ? "shell" : draw.pick(names);
  const input = {
    harness: "claude-code",
    session_id: session.id,
    process: { pid: session.pid, start_time: "1" },
    cwd: "/src/hydrate",
    project: "hydrate",
    git: null,
    name,
  };
  const activated = machine.daemon.local.activate(input, { now });
  world.quietly(`activate ${machine.index} ${name}`, Promise.resolve(activated), (output) => {
    if (output.renamed_from !== null)
      world.judge.released(machine, output.renamed_from, world.schedule.happened);
    session.name = name;
    session.generation = output.generation;
    session.hasLeft = false;
    // Who names no session means whichever is in the process.
    for (const other of session.beside) other.hasLeft = false;
    world.judge.renewed(machine, name, by);
  });
}

function hook(world: World, machine: Machine, session: Session): void {
  const event = world.schedule.draw.pick([
    "start",
    "start",
    "start",
    "state",
    "state",
    "end",
  ] as const);
  tell(world, machine, { session, event });
}

interface Told {
  readonly session: Session;
  readonly event: "start" | "state" | "end";
}

function tell(world: World, machine: Machine, { session, event }: Told): void {
  if (session.id === null) return;
  const { now, by } = arrival(machine);
  const { hasLeft } = session;
  const input = {
    harness: "claude-code",
    session_id: session.id,
    process: { pid: session.pid, start_time: "1" },
    sole: session.isSole,
    headless: false,
    cwd: "/src/hydrate",
    root: "/src/hydrate",
    project: "hydrate",
    event,
    state: event === "state" ? world.schedule.draw.pick(states) : null,
  };
  const told = Promise.resolve(machine.daemon.local.hook(input, { now }));
  world.quietly(`hook ${machine.index} ${event}`, told, ({ handle, taken }) => {
    if (taken && hasLeft && session.hasLeft) {
      world.judge.violations.push("a session that its user released took a handle by itself");
    }
    if (handle === null) return;
    session.name = nameIn(handle);
    // Its generation is the keeper's to learn.
    session.generation = generationOf(machine, session.name);
    // An event that is no start renews nothing.
    if (event === "start" || taken) world.judge.renewed(machine, session.name, by);
  });
}

const generationOf = ({ disk }: Machine, name: string): number =>
  disk.tables.leases.all().find((lease) => lease.name === name)?.generation ?? 0;

function release(world: World, machine: Machine, session: Session): void {
  const { name, generation } = session;
  if (name === null) return;
  const { now } = arrival(machine);
  const input = { name, generation };
  const released = Promise.resolve(machine.daemon.local.deactivate(input, { now }));
  world.quietly(`release ${machine.index} ${name}`, released, () => {
    world.judge.released(machine, name, world.schedule.happened);
    if (session.name !== name || session.generation !== generation) return;
    session.name = null;
    session.hasLeft = true;
  });
}

function summarise(world: World, machine: Machine, session: Session): void {
  const { now } = arrival(machine);
  const { id, pid } = session;
  const selector = id === null ? { processes: [{ pid, start_time: "1" }] } : { session_id: id };
  const text = `at ${now.bootMs}`;
  const said = machine.daemon.local.summary({ selector, text }, { now });
  world.quietly(`summary ${machine.index}`, Promise.resolve(said));
}

/** A machine has slept: its keeper asks for what expired meanwhile, and its sessions go on. */
export function resume(world: World, machine: Machine, sessions: readonly Session[]): void {
  for (const session of sessions) wake(world, machine, session);
  world.schedule.after(1_000, world.everyone, () => {
    if (machine.daemon.isOver || machine.isAsleep) return;
    for (const session of sessions) tell(world, machine, { session, event: "start" });
  });
}

/** The keeper asks for what has expired. */
function wake(world: World, machine: Machine, session: Session): void {
  const { name, generation } = session;
  if (name === null) return;
  const { now, by } = arrival(machine);
  const woken = machine.daemon.local["leases/resume"]({ slept: [{ name, generation }] }, { now });
  world.quietly(`wake ${machine.index}`, Promise.resolve(woken), ({ taken }) => {
    for (const each of taken) {
      session.generation = generationOf(machine, each);
      world.judge.renewed(machine, each, by);
    }
  });
}

function keep(world: World, machine: Machine, sessions: readonly Session[]): void {
  if (machine.daemon.isOver || machine.isAsleep) return;
  const { now, by } = arrival(machine);
  const beats = sessions.flatMap(({ name, generation }) =>
    name === null ? [] : [{ name, generation }],
  );
  // The folder of a machine's sessions has another commit, at times.
  const { draw } = world.schedule;
  const sha = String(draw.below(3)).repeat(40);
  const git = draw.oneIn(2) ? { git: { sha, subject: "a", branch: "main", dirty: 0 } } : {};
  const kept = Promise.resolve(machine.daemon.local.renew({ beats, ...git }, { now }));
  world.quietly(`renew ${machine.index}`, kept, ({ renewed, lost }) => {
    for (const name of renewed) world.judge.renewed(machine, name, by);
    if (machine.daemon.isOver) return;
    for (const session of sessions) {
      if (session.name !== null && lost.includes(session.name)) wake(world, machine, session);
    }
  });
}
