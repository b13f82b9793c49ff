/** The events of a run of the outbox: causes, people's acts, faults. */

import type { Draft } from "./sender.ts";
import type { OutboxWorld } from "./world.ts";

type Act = (world: OutboxWorld) => void;

const queueing =
  (make: (world: OutboxWorld) => Omit<Draft, "n">): Act =>
  (world) => {
    const n = world.causes.count++;
    world
      .sender()
      ?.queue({ ...make(world), n })
      .catch(() => {});
  };

const text = queueing(({ time: { draw } }) => ({
  subject: `thread ${draw.below(4)}`,
  ...{ kind: "message", replaces: false },
  scope: draw.oneIn(4) ? null : "ask",
}));

const receipt = queueing(({ time: { draw } }) => ({
  subject: `receipt ${draw.below(3)}`,
  ...{ kind: "receipt", replaces: true, scope: "ask" },
}));

const report = queueing(({ time: { draw } }) => ({
  subject: `wait ${draw.below(1_000)}`,
  ...{ kind: "reached", replaces: false, scope: null },
}));

/** Many texts come while the machines are apart, and then a report. */
function flood(world: OutboxWorld): void {
  const { network, time } = world;
  const ms = time.draw.between(20_000, 60_000);
  network.cut(0, 1, ms);
  for (let count = time.draw.between(10, 40); count > 0; count -= 1) text(world);
  time.after(time.draw.below(ms), world.everyone, () => report(world));
}

function grant(world: OutboxWorld): void {
  const allows = !world.time.draw.oneIn(3);
  // What holds is known by the one who asked for it only once it is told.
  if (allows) world.judge.allowed(true, true);
  world
    .sender()
    ?.grant(allows)
    .catch(() => {});
}

function unpair(world: OutboxWorld): void {
  const { time, everyone } = world;
  world
    .sender()
    ?.unpair()
    .catch(() => {});
  const pair = (): void => {
    const sender = world.sender();
    if (sender === null) time.after(5_000, everyone, pair);
    else sender.pair().catch(() => time.after(5_000, everyone, pair));
  };
  time.after(time.draw.between(1_000, 20_000), everyone, pair);
}

/** The machine boots with a wall clock that is 8 days off, which is set right 2 minutes later. */
function bootOff(world: OutboxWorld): void {
  const days = world.time.draw.oneIn(3) ? -8 : 8;
  world.clocks.wall += days * 86_400_000;
  world.crash(true);
  world.time.after(120_000, world.everyone, () => {
    world.clocks.wall -= days * 86_400_000;
  });
}

function crashAtCommit(world: OutboxWorld): void {
  const end = world.time.draw.pick(["before", "amidst", "after"] as const);
  world.disk.crashAt(end, () => world.crash(false));
}

function fill({ disk, time, everyone }: OutboxWorld): void {
  disk.isFull = true;
  time.after(time.draw.below(20_000), everyone, () => {
    disk.isFull = false;
  });
}

function fail({ peer, time }: OutboxWorld): void {
  peer.failsUntilMs = time.nowMs + time.draw.below(30_000);
}

function slow({ peer, time }: OutboxWorld): void {
  peer.slowUntilMs = time.nowMs + time.draw.below(30_000);
}

const actsOf: readonly (readonly [times: number, act: Act])[] = [
  [16, text],
  [6, receipt],
  [3, report],
  [1, flood],
  [3, grant],
  [1, unpair],
  [2, (world) => world.crash(false)],
  [3, crashAtCommit],
  [2, ({ network, time }) => network.cut(0, 1, time.draw.below(60_000))],
  [1, fill],
  [1, fail],
  [1, slow],
];

/** The possible next events, each as often as it stands here. */
const bag: readonly Act[] = actsOf.flatMap(([times, act]) => new Array<Act>(times).fill(act));

/** Begins everything that goes on in a run. */
export function acts(world: OutboxWorld): void {
  const { time, everyone } = world;
  const { draw } = time;
  const pair = (): void => {
    world
      .sender()
      ?.pair()
      .catch(() => {});
  };
  pair();
  const next = (): void => {
    time.after(draw.below(4_000), everyone, next);
    if (!world.isQuiet && world.sender() !== null) draw.pick(bag)(world);
  };
  time.after(5_000, everyone, next);
  const hello = (): void => {
    time.after(draw.between(24_000, 36_000), everyone, hello);
    world
      .sender()
      ?.greet()
      .catch(() => {});
  };
  hello();
  const sweep = (): void => {
    time.after(draw.between(1_000, 20_000), everyone, sweep);
    world
      .sender()
      ?.sweep()
      .catch(() => {});
  };
  sweep();
  const rare = (act: Act): void => {
    time.after(draw.between(30_000, 200_000), everyone, () => {
      if (!world.isQuiet) act(world);
    });
  };
  if (draw.oneIn(2)) rare(bootOff);
  if (draw.oneIn(4)) rare((of) => of.restore());
}
