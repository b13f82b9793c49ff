/** One run: two machines, their sessions, people and an attacker, for some simulated minutes. */

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drawFrom } from "../support/histories.ts";
import { acts, grant } from "./acts.ts";
import { type Greeted, Judge } from "./judge.ts";
import { type Machine, machine, type Replied } from "./machine.ts";
import { type Observer, SimulatedNetwork } from "./network.ts";
import { enrolBoth } from "./pairing.ts";
import { comeToRest } from "./rest.ts";
import { schedule } from "./schedule.ts";
import { asIs, type Variant } from "./variant.ts";
import { digest } from "./who.ts";
import { type World, type WorldParts, worldOf } from "./world.ts";

/** The result of a run. */
export interface Outcome {
  readonly violations: readonly string[];
  /** SHA-256 over everything that happened, in its order: equal for equal seeds. */
  readonly history: string;
  readonly counts: Judge["counts"] & Judge["waits"]["counts"] & Judge["mail"]["counts"];
  readonly simulatedMs: number;
}

/** A disk in memory, where there is one: what a real disk does is for other tests. */
const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
/** One in so many runs has its databases in files, which each life of a daemon opens again. */
const filesOneIn = 16;

/** A machine sends a hello. */
function greets(world: World, machine: Machine, hello: Pick<Greeted, "to" | "body">): void {
  const { schedule, everyone, judge } = world;
  const { run } = machine.daemon;
  const at = { bootMs: machine.now().bootMs, arrived: schedule.happened, run };
  // What was renewed in the same moment is told a little later.
  schedule.after(0, everyone, () => judge.greeted({ machine, ...hello, ...at }));
}

/** A machine replies. */
function replies({ schedule, everyone, judge, note }: World, replied: Replied): void {
  const { path, reply, machine, from } = replied;
  const isAsk = path === "ask" && reply.status === 200;
  note(`${path} at ${machine.index}: ${reply.status} ${isAsk ? digest(reply.body) : ""}`);
  // Whoever is refused what it asks for was heard as well.
  const isHeard = [200, 403, 404].includes(reply.status) && path !== "pair/confirm";
  if (isHeard) judge.heard(machine.index, from);
  if (isAsk) judge.leaves(replied);
  if (replied.isReverse === true) judge.counts.carried += 1;
  const isWait = path === "wait" && reply.status === 200;
  if (reply.status !== 200) return;
  // What was renewed in the same moment is told a little later.
  schedule.after(0, everyone, () => {
    if (isAsk) judge.answered(replied);
    if (isWait) judge.waits.answered(replied);
    if (path === "hello") judge.greeted({ ...replied, to: from, body: reply.body });
  });
}

/** A machine dials: a person changes a mind in that very time, now and then. */
function dials(world: World, machine: Machine | undefined, dialMs: number): void {
  const { schedule, isQuiet } = world;
  if (machine === undefined || isQuiet || !schedule.draw.oneIn(3)) return;
  schedule.after(schedule.draw.below(dialMs + 1), machine.daemon, () =>
    grant(world, machine, false),
  );
}

/** Lives one run. Equal seeds and variants give equal outcomes. */
export async function simulate(seed: number, variant: Variant = asIs): Promise<Outcome> {
  const draw = drawFrom(seed);
  const time = schedule(draw);
  // In some runs one of the two cannot be dialled.
  const hidden = draw.oneIn(4) ? 1 : null;
  const folder = draw.oneIn(filesOneIn) ? mkdtempSync(join(memory, "peernet-run-")) : null;
  const judged = new Judge({ nowMs: () => time.nowMs, happened: () => time.happened, hidden });
  const observing: Observer = {
    replied: (one, other) => judged.heard(one, other),
    dialling: (from, dialMs) => dials(world, machines[from], dialMs),
    sent: ({ from, path, body }, to) => {
      const sender = machines[from];
      if (sender === undefined) return;
      if (path === "hello") greets(world, sender, { to, body });
      if (path === "wait") judged.waits.asked(body);
      if (path === "reached") {
        judged.waits.sent({ from: sender, to, body, happened: time.happened });
      }
    },
  };
  const net = new SimulatedNetwork(time, observing, hidden);
  const onReply = (replied: Replied): void => replies(world, replied);
  const machines = [0, 1].map((index): Machine => {
    const path = folder === null ? ":memory:" : join(folder, `${index}.db`);
    return machine({ index, schedule: time, network: net, variant, path, onReply });
  });
  const parts: WorldParts = { schedule: time, network: net, judge: judged, machines, variant };
  const world: World = worldOf(parts);
  try {
    await enrolBoth(world);
    acts(world);
    const simulatedMs = 60_000 * draw.between(2, 4);
    await time.run(simulatedMs);
    await comeToRest(world);
    await judged.end(machines);
    return {
      violations: judged.violations,
      history: world.history(),
      counts: { ...judged.counts, ...judged.waits.counts, ...judged.mail.counts },
      simulatedMs,
    };
  } finally {
    for (const one of machines) one.daemon.isOver = true;
    for (const one of machines) one.disk.close();
    if (folder !== null) rmSync(folder, { recursive: true });
  }
}
