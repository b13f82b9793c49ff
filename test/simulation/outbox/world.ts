/** The parts of a run of the outbox, and the ways in which they fail. */

import { sha256 } from "../../../src/platform/real.ts";
import { fakeFiles, fakeLog, seededRandom } from "../../support/effects.ts";
import { drawFrom } from "../../support/histories.ts";
import { Disk } from "../crashing-store.ts";
import { SimulatedNetwork } from "../network.ts";
import { type Owner, schedule } from "../schedule.ts";
import { type Leaving, type OutboxJudge, outboxJudge } from "./judge.ts";
import { type Sender, senderOf } from "./sender.ts";
import type { OutboxVariant } from "./variant.ts";

/** A run under way. */
export interface OutboxWorld {
  readonly time: ReturnType<typeof schedule>;
  readonly network: SimulatedNetwork;
  readonly disk: Disk;
  readonly judge: OutboxJudge;
  readonly everyone: Owner;
  readonly peer: { failsUntilMs: number; slowUntilMs: number };
  /** Milliseconds that the boot clock and the wall clock add to the time of the run. */
  readonly clocks: { boot: number; wall: number };
  /** The number of causes so far. */
  readonly causes: { count: number };
  readonly sender: () => Sender | null;
  /** Ends the sender's daemon, and starts it again some time later; a boot restarts its clock. */
  crash(boots: boolean): void;
  /** Ends the sender's daemon, and starts it with the database of an earlier instant. */
  restore(): void;
  isQuiet: boolean;
}

/** Dependencies of a run. */
export interface OutboxWorldParts {
  readonly seed: number;
  readonly variant: OutboxVariant;
  /** The path of the sender's database. */
  readonly path: string;
}

/** Makes the parts of a run; the sender's daemon is started. */
export function outboxWorld({ seed, variant, path }: OutboxWorldParts): OutboxWorld {
  const draw = drawFrom(seed);
  const time = schedule(draw);
  let isRestored = false;
  const judge = outboxJudge(() => isRestored);
  const peer = { failsUntilMs: 0, slowUntilMs: 0 };
  const network = new SimulatedNetwork(time, {
    sent: (arrived) => {
      if (arrived.path === "reached") judge.left(JSON.parse(arrived.body));
    },
    replied: () => {},
    dialling: () => {},
  });
  network.attach(1, peerOf(time, judge, peer));
  const disk = new Disk({ path, schedule: time, variant: {} });
  const everyone: Owner = { isOver: false };
  const clocks = { boot: 50_000_000, wall: 1_800_000_000_000 };
  const living = lifeOf({ time, network, disk, judge, everyone, variant, clocks });
  let saved: (() => void) | null = null;
  time.after(draw.between(10_000, 60_000), everyone, () => {
    saved = disk.save();
  });
  return {
    ...{ time, network, disk, judge, everyone, peer, clocks, causes: { count: 0 }, isQuiet: false },
    sender: living.sender,
    crash: (boots) =>
      living.end(() => {
        if (boots) clocks.boot = 1_000 - time.nowMs;
      }),
    restore: () => {
      const back = saved;
      if (back === null) return;
      living.end(() => {
        isRestored = true;
        back();
        // A backup brings back the grants of its instant.
        judge.allowed(true, true);
      });
    },
  };
}

interface LifeParts
  extends Pick<OutboxWorld, "time" | "network" | "disk" | "judge" | "everyone" | "clocks"> {
  readonly variant: OutboxVariant;
}

interface Life {
  readonly sender: () => Sender | null;
  /** Ends the daemon at once; before it starts again something else may happen. */
  end(then: () => void): void;
}

/** The lives of the sender's daemon, one after another. */
function lifeOf({ time, network, disk, judge, everyone, variant, clocks }: LifeParts): Life {
  const { draw } = time;
  let process: Owner & { sender: Sender | null } = { isOver: true, sender: null };
  const clock = {
    wallMs: () => time.nowMs + clocks.wall,
    bootMs: () => time.nowMs + (variant.countsByWall === true ? clocks.wall : clocks.boot),
    monotonicMs: () => time.nowMs + clocks.boot,
  };
  const end = (then: () => void): void => {
    if (process.isOver) return;
    process.isOver = true;
    process.sender = null;
    disk.crash();
    time.after(draw.below(draw.oneIn(4) ? 60_000 : 2_000), everyone, () => {
      then();
      start();
    });
  };
  const start = (): void => {
    const owner: Owner & { sender: Sender | null } = { isOver: false, sender: null };
    process = owner;
    const effects = {
      ...{ clock, sha256, files: fakeFiles(), log: fakeLog() },
      random: seededRandom(draw.below(2 ** 32), clock),
      timers: {
        after: (ms: number, run: () => void) => time.after(ms, owner, run),
        every: () => {
          throw new Error("a run sweeps by itself");
        },
      },
    };
    const fails = (): void => {
      if (!owner.isOver) end(() => {});
    };
    const trying = { nowMs: () => time.nowMs, tried: new Set<string>() };
    const client = network.client({ index: 0, process: owner }, 1);
    const parts = { effects, disk, process: owner, client, judge, variant, trying, fails };
    owner.sender = senderOf(parts);
  };
  start();
  return { sender: () => process.sender, end };
}

/** A peer that stores durably and once before it answers, unless it fails or asks for a pause. */
function peerOf(
  time: ReturnType<typeof schedule>,
  judge: OutboxJudge,
  peer: OutboxWorld["peer"],
): Parameters<SimulatedNetwork["attach"]>[1] {
  const stored = new Set<string>();
  const refusal = (status: number, code: string) => ({
    status,
    body: JSON.stringify({ error: { code } }),
  });
  return async ({ path, body }) => {
    if (path !== "reached") return { status: 200, body: "{}" };
    if (time.nowMs < peer.failsUntilMs) return refusal(507, "storage_full");
    if (time.nowMs < peer.slowUntilMs) return refusal(429, "rate_limited");
    const leaving: Leaving = JSON.parse(body);
    judge.stored(leaving, stored.has(leaving.id));
    stored.add(leaving.id);
    return { status: 200, body: "{}" };
  };
}
