/** The mail of a run: people and sessions that write, read, lose what they read, and decide. */

import type { Machine } from "./machine.ts";
import { nameOf } from "./who.ts";
import type { World } from "./world.ts";

const names = ["hydrate", "hydrate", "sync", "sync", "hydrate-2", "shell", "missing"];

/** A session or a person of a machine leaves a message, or answers one. */
export function write(world: World, machine: Machine): void {
  const { draw } = world.schedule;
  const from = writerOf(world, machine);
  // No two texts are the same: each stands for its message wherever it comes.
  const text = `text ${machine.effects.random.uuid()}`;
  const { local } = machine.daemon;
  const came = machine.disk.tables.messages.list({ all: true, limit: 1_000 });
  const answerable = came.filter(({ direction }) => direction === "in");
  const caller = { now: machine.now() };
  if (answerable.length > 0 && draw.oneIn(3)) {
    const id = draw.pick(answerable).message_id;
    const answered = local.reply({ id, text, from }, caller);
    world.quietly(`reply ${machine.index}`, Promise.resolve(answered), ({ sent }) => {
      for (const each of sent) world.judge.mail.written(machine, each.message_id);
    });
    return;
  }
  const on = draw.oneIn(6) ? machine : world.other(machine);
  const held = on.disk.tables.leases.all().map(({ name }) => name);
  const name = draw.pick(held.length > 0 && !draw.oneIn(4) ? held : names);
  const to = draw.oneIn(5) ? nameOf(on.index) : `${nameOf(on.index)}/${name}`;
  const input = { to, topic: null, text, reply_to: null, from, agreed: false };
  const sent = Promise.resolve(local.send(input, caller));
  world.quietly(`send ${machine.index}`, sent, (output) => {
    for (const each of output.sent) world.judge.mail.written(machine, each.message_id);
  });
}

/** Someone subscribes to the one topic, ends that, or writes to all of its subscribers. */
export function topical(world: World, machine: Machine): void {
  const { draw } = world.schedule;
  const from = writerOf(world, machine);
  const text = `text ${machine.effects.random.uuid()}`;
  const { local } = machine.daemon;
  const caller = { now: machine.now() };
  const topic = "deploys";
  if (draw.oneIn(3)) {
    const change = draw.oneIn(5) ? local["topics/unsubscribe"] : local["topics/subscribe"];
    const changed = Promise.resolve(change({ topic, from }, caller));
    world.quietly(`topic ${machine.index}`, changed, () => {});
    return;
  }
  const input = { to: null, topic, text, reply_to: null, from, agreed: true };
  const sent = Promise.resolve(local.send(input, caller));
  world.quietly(`send ${machine.index} to ${topic}`, sent, (output) => {
    for (const each of output.sent) world.judge.mail.written(machine, each.message_id);
  });
}

function writerOf({ schedule: { draw } }: World, machine: Machine) {
  const ids = machine.disk.tables.leases.all().flatMap(({ session_id }) => session_id ?? []);
  if (ids.length === 0 || draw.oneIn(3)) return { by: "person" as const };
  return { session: { session_id: draw.pick(ids) }, by: "session" as const };
}

/** A session reads its mail: the text reaches its model, or is lost on the way. */
export function read(world: World, machine: Machine): void {
  const { schedule, judge } = world;
  const { draw } = schedule;
  const leases = machine.disk.tables.leases.all();
  if (leases.length === 0) return;
  const lease = draw.pick(leases);
  const nonce = `pnr-${machine.effects.random.uuid().replaceAll("-", "").slice(-16)}`;
  const { daemon } = machine;
  const now = machine.now();
  const taken = daemon.context.transact(now, (work) => {
    const { messages } = daemon.mail.take(work, daemon.mail.mailboxOf(lease), { nonce, now });
    return { value: messages };
  });
  world.quietly(`read ${machine.index}`, taken, (messages) => {
    if (messages.length === 0) return;
    const ids = messages.map(({ message_id }) => message_id);
    judge.mail.given(nonce, ids);
    schedule.after(draw.below(4_000), world.everyone, () => ends(world, machine, nonce));
  });
}

/** A handover ends: the text is in the model's context, or a crash took it before. */
function ends(world: World, machine: Machine, nonce: string): void {
  const { schedule, judge } = world;
  const again = (): void => {
    schedule.after(2_000, world.everyone, () => ends(world, machine, nonce));
  };
  if (machine.daemon.isOver || machine.isAsleep) {
    again();
    return;
  }
  const isLost = schedule.draw.oneIn(3);
  const { daemon } = machine;
  const now = machine.now();
  // The client's own record says so before the daemon does.
  if (!isLost) judge.mail.surfaced(nonce);
  const ended = daemon.context.transact(now, (work) => {
    if (isLost) daemon.mail.givenBack(work, nonce, now);
    else {
      daemon.mail.raised(work, nonce, { stage: "handed", now });
      daemon.mail.raised(work, nonce, { stage: "surfaced", now });
    }
    return { value: undefined };
  });
  ended.then(
    () => world.note(`handover ${machine.index} ${isLost ? "lost" : "surfaced"}`),
    // The daemon crashed: what the record says does not change.
    () => (isLost ? again() : surfaces(world, machine, nonce)),
  );
}

/** Tells a daemon after a crash what the client's record says. */
function surfaces(world: World, machine: Machine, nonce: string): void {
  world.schedule.after(2_000, world.everyone, () => {
    if (machine.daemon.isOver || machine.isAsleep) return surfaces(world, machine, nonce);
    const { daemon } = machine;
    const now = machine.now();
    const told = daemon.context.transact(now, (work) => {
      daemon.mail.raised(work, nonce, { stage: "surfaced", now });
      return { value: undefined };
    });
    told.catch(() => surfaces(world, machine, nonce));
  });
}

/** A person decides about a held message, or refuses one that nobody has read. */
export function decide(world: World, machine: Machine): void {
  const { draw } = world.schedule;
  const waits = machine.disk.tables.messages.list({ all: false, limit: 100 });
  if (waits.length === 0) return;
  const { message_id: id } = draw.pick(waits);
  const { local } = machine.daemon;
  const judges = draw.oneIn(3) ? local["inbox/refuse"] : local["inbox/approve"];
  world.judge.mail.decided(id);
  world.quietly(`decide ${machine.index}`, judges({ id }, { now: machine.now() }));
}

/** Messages of a machine that have not left although nothing keeps them. */
export const unsentOf = (machine: Machine): readonly string[] =>
  machine.disk.tables.messages
    .list({ all: true, limit: 10_000 })
    .filter(({ direction, stage }) => direction === "out" && stage === "queued")
    .map(({ message_id }) => message_id);
