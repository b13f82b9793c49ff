/** The waits of sessions in a run: begun, taken up again, left, and read to their end. */

import type { WaitEvent, WaitInput } from "../../src/contract/reach/waits.ts";
import type { Since } from "./judge-waits.ts";
import type { Machine } from "./machine.ts";
import { identityOf, nameOf } from "./who.ts";
import type { World } from "./world.ts";

const names = ["hydrate", "hydrate", "sync", "sync", "hydrate-2", "shell", "missing"];
const changes = ["idle", "waiting", "changed", "changed", "commit", "gone"] as const;

/** A session begins a wait, or continues one from before its daemon ended. */
export function wait(world: World, machine: Machine): void {
  const { draw } = world.schedule;
  const open = machine.disk.tables.waits.outgoing().filter(({ outcome }) => outcome === null);
  const input = open.length > 0 && draw.oneIn(3) ? again(world, open) : fresh(world, machine);
  const answerer = isOf(input.handle, machine) ? machine : world.other(machine);
  // The trail of the machine that is waited on, as it was when the wait was asked for.
  const { audit, leases } = answerer.disk.tables;
  const name = input.handle.slice(input.handle.indexOf("/") + 1);
  const isHeld = leases.all().some((lease) => lease.name === name);
  const since = { seq: audit.head()?.seq ?? 0, isHeld };
  const { daemon } = machine;
  const read = async (): Promise<void> => {
    const events = daemon.local.wait(input, { now: machine.now() });
    const reader = events[Symbol.asyncIterator]();
    const leave = (): void => void reader.return?.();
    if (draw.oneIn(4)) world.schedule.after(draw.below(60_000), daemon, leave);
    for (;;) {
      const { done, value } = await reader.next();
      if (done === true) return;
      came(world, { machine, answerer, event: value, input, since });
    }
  };
  world.quietly(`wait ${machine.index} ${input.until}`, read());
}

const isOf = (handle: string, machine: Machine): boolean =>
  handle.startsWith(`${nameOf(machine.index)}/`);

function fresh({ schedule, other }: World, machine: Machine): WaitInput {
  const { draw } = schedule;
  const on = draw.oneIn(6) ? machine : other(machine);
  const held = on.disk.tables.leases.all().map(({ name }) => name);
  const name = draw.pick(held.length > 0 && !draw.oneIn(4) ? held : names);
  return {
    handle: `${nameOf(on.index)}/${name}`,
    until: draw.pick(changes),
    for_ms: draw.oneIn(3) ? draw.between(1_000, 20_000) : draw.between(60_000, 600_000),
    stays: draw.oneIn(2),
  };
}

type Open = ReturnType<Machine["disk"]["tables"]["waits"]["outgoing"]>[number];

function again({ schedule, machines }: World, open: readonly Open[]): WaitInput {
  const { fingerprint, name, until, stays, wait_id } = schedule.draw.pick(open);
  const there = machines.find(({ index }) => identityOf(index).fingerprint === fingerprint);
  const here = machines.find(({ disk }) => disk.tables.waits.getOutgoing(wait_id) !== null);
  const on = (there ?? here)?.index ?? 0;
  return { handle: `${nameOf(on)}/${name}`, until, for_ms: 60_000, stays, wait_id };
}

interface Came {
  readonly machine: Machine;
  readonly answerer: Machine;
  readonly event: WaitEvent;
  readonly input: WaitInput;
  readonly since: Since;
}

function came({ judge, note }: World, { machine, answerer, event, input, since }: Came): void {
  const { wait_id } = event;
  judge.waits.begun(wait_id, since);
  note(`${event.event} ${machine.index} ${input.until}`);
  if (event.event === "waiting") return;
  note(`wait ended ${machine.index} ${event.outcome} ${event.reason}`);
  judge.waits.ended({ asker: machine, answerer, end: event, until: input.until });
}

/** The waits of a machine on the other one that no end has come to, and that none can prevent. */
export function openWaits(machine: Machine): readonly string[] {
  const { waits, outbox } = machine.disk.tables;
  const elapsed = outbox.mark()?.total_ms ?? 0;
  return waits
    .outgoing()
    .filter(({ outcome, ends_ms }) => outcome === null && ends_ms > elapsed)
    .map(({ wait_id }) => wait_id);
}
