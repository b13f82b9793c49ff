/** The shared state of a run, and the ways in which its machines fail. */

import type { Window } from "../../src/core/pairing.ts";
import type { Judge } from "./judge.ts";
import type { Machine } from "./machine.ts";
import type { Network } from "./network.ts";
import type { Owner, Schedule } from "./schedule.ts";
import type { Variant } from "./variant.ts";

/** Dependencies of a world. */
export interface WorldParts {
  readonly schedule: Schedule;
  readonly network: Network;
  readonly judge: Judge;
  readonly machines: readonly Machine[];
  readonly variant: Variant;
}

/** A run under way. */
export interface World extends WorldParts {
  /** The owner that outlives daemons: sessions, people, an attacker. */
  readonly everyone: Owner;
  /** True once nothing new happens, and what is under way comes to its end. */
  isQuiet: boolean;
  /** Notes that something happened. */
  note(what: string): void;
  /** SHA-256 over what was noted. */
  history(): string;
  /** The other machine. */
  other(than: Machine): Machine;
  /** Ends a daemon at once, and starts it again some time later. */
  crash(machine: Machine): void;
  /** Waits for a promise of the product, whose refusals are no concern. */
  quietly<T>(what: string, promise: Promise<T>, then?: (value: T) => void): void;
}

/** A world of machines. */
export function worldOf(parts: WorldParts): World {
  const { schedule, machines } = parts;
  const hasher = new Bun.CryptoHasher("sha256");
  const everyone: Owner = { isOver: false };
  const note = (what: string): void => {
    hasher.update(`${schedule.nowMs} ${what}\n`);
  };
  return {
    ...parts,
    everyone,
    isQuiet: false,
    note,
    history: () => hasher.digest("hex"),
    other: (than) => machines[1 - than.index] ?? than,
    crash: (machine) => crash({ ...parts, everyone, note }, machine),
    quietly: (what, promise, then) => {
      promise.then(
        (value) => {
          note(`${what} ok`);
          then?.(value);
        },
        (error: unknown) => {
          note(`${what} ${codeOf(error)}`);
        },
      );
    },
  };
}

type Crashing = WorldParts & Pick<World, "everyone" | "note">;

function crash(world: Crashing, machine: Machine): void {
  const { daemon, disk } = machine;
  if (daemon.isOver) return;
  const { draw } = world.schedule;
  const window = daemon.window.current;
  daemon.isOver = true;
  disk.crash();
  world.network.attach(machine.index, null);
  world.note(`crash ${machine.index}`);
  const downMs = draw.oneIn(4) ? draw.below(100_000) : draw.below(3_000);
  const restart = (): void => {
    // A daemon does not start on a full disk.
    if (disk.isFull) {
      world.schedule.after(1_000, world.everyone, restart);
      return;
    }
    machine.start();
    world.note(`start ${machine.index}`);
    if (window !== null) revive(world, machine, window);
    // The chain holds after every crash.
    void world.judge.inspect(machine, world.machines);
  };
  world.schedule.after(downMs, world.everyone, restart);
}

/** Opens a window, and has a variant put the one before in its place. */
function revive({ schedule, variant }: Crashing, machine: Machine, before: Window): void {
  if (variant.revive === undefined) return;
  const { window } = machine.daemon;
  window.open(before, machine.now());
  schedule.after(3_000, machine.daemon, () => variant.revive?.(window, before));
}

/** A refusal is one of the product's, or a process that ended; anything else is a bug. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) throw error;
  if ("code" in error) return String(error.code);
  if (error.constructor.name === "Crashed") return "crashed";
  // The run is over, and something of it was still under way.
  if (error.message === "Database has closed") return "over";
  throw error;
}
