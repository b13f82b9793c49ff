import { expect, test } from "bun:test";
import { leaseLifeMs } from "../../../src/contract/limits.ts";
import { answerPeer } from "../../../src/core/ask.ts";
import type { Lease } from "../../../src/core/sessions/lease.ts";
import { holding } from "../../support/grants.ts";
import { type Draw, histories, historiesMs } from "../../support/histories.ts";
import { everywhere, told } from "../../support/hooks.ts";
import { type World, world } from "./lease-world.ts";

const names = ["hydrate", "hydrate-2", "flow"] as const;
const projects = ["hydrate", "flow"] as const;

/** The model of the history, separate from the product's own state. */
interface Seen {
  /** Sessions whose user released them, and did not activate them since. */
  readonly left: Set<string>;
  /** When each generation was last renewed, and in which run. */
  readonly renewed: Map<number, { readonly bootMs: number; readonly run: string }>;
  /** Generations that somebody ended: a user, a hook, the keeper. */
  readonly ended: Set<number>;
  /** The keeper's last list. */
  known: readonly Lease[];
  allowed: boolean;
}

const leasesOf = (of: World): readonly Lease[] => of.context.tables.leases.all();

/** The lease of a handle that was just told. */
function leaseOf(of: World, handle: string): Lease {
  const found = leasesOf(of).find(({ name }) => `mini/${name}` === handle);
  if (found === undefined) throw new Error(`${handle} was told and is not there`);
  return found;
}

const renewed = (of: World, seen: Seen, lease: Lease): void => {
  seen.renewed.set(lease.generation, { bootMs: of.now.bootMs, run: of.now.run.id });
};

/** Leases that are there no more: each has ended, or expired, which the caller knows. */
function endedSince(of: World, seen: Seen, before: readonly Lease[]): void {
  const now = new Set(leasesOf(of).map(({ generation }) => generation));
  for (const { generation } of before) {
    const at = seen.renewed.get(generation)?.bootMs ?? 0;
    const hasExpired = of.now.bootMs >= at + leaseLifeMs;
    if (!now.has(generation) && !hasExpired) seen.ended.add(generation);
  }
}

async function hookIn(of: World, seen: Seen, draw: Draw): Promise<void> {
  const process = draw.oneIn(8) ? null : { pid: 1 + draw.below(3), start_time: "1" };
  const event = told({
    harness: draw.oneIn(6) ? "codex" : "claude-code",
    session_id: `s-${draw.below(5)}`,
    process,
    sole: !draw.oneIn(4),
    headless: draw.oneIn(10),
    root: draw.oneIn(10) ? null : "/src/a",
    project: draw.pick(projects),
    event: draw.pick(["start", "start", "state", "state", "end"] as const),
    state: draw.pick([null, "working", "idle", "waiting"] as const),
  });
  const key = `${event.harness} ${event.session_id}`;
  const before = leasesOf(of);
  const said = await of.handlers.hook(event, of.caller());
  endedSince(of, seen, before);
  if (said.handle === null) {
    expect(said.taken).toBe(false);
    return;
  }
  expect([said.refused, event.event === "end"]).toEqual([null, false]);
  const lease = leaseOf(of, said.handle);
  expect([lease.harness, lease.session_id]).toEqual([event.harness, event.session_id]);
  const hadOne = before.some(({ generation }) => generation === lease.generation);
  expect(said.taken).toBe(!hadOne);
  if (said.taken) {
    expect([seen.left.has(key), seen.allowed, process, event.root]).toEqual([
      false,
      true,
      lease.process,
      "/src/a",
    ]);
  }
  const wasHeld = before.find(({ generation }) => generation === lease.generation);
  const isSame = wasHeld?.session_id === event.session_id;
  const hasMoved = process !== null && !Bun.deepEquals(wasHeld?.process, process);
  if (event.event === "start" || said.taken || !isSame || hasMoved) {
    renewed(of, seen, lease);
    if (event.sole) expect(sharing(of, lease)).toEqual([lease.name]);
  }
  seen.left.delete(key);
}

/** The names of the leases of one harness in one process. */
const sharing = (of: World, { harness, process }: Lease): readonly string[] =>
  leasesOf(of)
    .filter((each) => each.harness === harness && Bun.deepEquals(each.process, process))
    .map(({ name }) => name);

async function activateIn(of: World, seen: Seen, draw: Draw): Promise<void> {
  const session_id = draw.oneIn(5) ? null : `s-${draw.below(5)}`;
  const input = {
    harness: "claude-code",
    session_id,
    process: { pid: 1 + draw.below(3), start_time: "1" },
    cwd: "/src/a",
    project: draw.pick(projects),
    sole: draw.oneIn(2),
    ...(draw.oneIn(2) ? { name: draw.pick(names) } : {}),
  };
  const before = leasesOf(of);
  const outcome = await of.handlers.activate(input, of.caller()).catch(() => null);
  endedSince(of, seen, before);
  if (outcome === null) return;
  const lease = leaseOf(of, outcome.handle);
  renewed(of, seen, lease);
  if (session_id !== null) seen.left.delete(`claude-code ${session_id}`);
  else if (lease.session_id !== null) seen.left.delete(`claude-code ${lease.session_id}`);
  // One that names no session means whichever is in its process.
  else for (const id of seen.left) if (id.startsWith("claude-code ")) seen.left.delete(id);
}

async function leaveIn(of: World, seen: Seen, draw: Draw): Promise<void> {
  const before = leasesOf(of);
  if (before.length === 0) return;
  const { name, generation, harness, session_id } = draw.pick(before);
  const gone = draw.oneIn(3);
  const left = await of.handlers
    .deactivate({ name, generation, gone }, of.caller())
    .catch(() => null);
  endedSince(of, seen, before);
  if (left !== null && !gone && session_id !== null) seen.left.add(`${harness} ${session_id}`);
}

async function keepIn(of: World, seen: Seen, draw: Draw): Promise<void> {
  const beats = leasesOf(of).map(({ name, generation }) => ({ name, generation }));
  const said = await of.handlers.renew({ beats: beats.filter(() => !draw.oneIn(4)) }, of.caller());
  for (const name of said.renewed) renewed(of, seen, leaseOf(of, `mini/${name}`));
  seen.known = leasesOf(of);
}

async function wakeIn(of: World, seen: Seen): Promise<void> {
  const before = new Set(leasesOf(of).map(({ generation }) => generation));
  const slept = seen.known.map(({ name, generation }) => ({ name, generation }));
  const { taken } = await of.handlers["leases/resume"]({ slept }, of.caller());
  for (const name of taken) {
    const lease = leaseOf(of, `mini/${name}`);
    expect(before.has(lease.generation)).toBe(false);
    const was = seen.known.find((each) => each.name === name);
    expect(seen.ended.has(was?.generation ?? 0)).toBe(false);
    expect(seen.left.has(`${lease.harness} ${lease.session_id}`)).toBe(false);
    renewed(of, seen, lease);
  }
}

async function timeIn(of: World, seen: Seen, draw: Draw): Promise<void> {
  const happening = draw.below(6);
  if (happening === 0) of.clock.suspend(draw.pick([leaseLifeMs - 1, leaseLifeMs, 3_600_000]));
  else if (happening === 1) of.restart();
  else if (happening === 2) await of.sweep();
  else if (happening === 3) {
    seen.allowed = !draw.oneIn(3);
    of.configure(seen.allowed ? everywhere : draw.pick(["", "sessions = 1", "[sess"]));
  } else of.clock.move(draw.below(40_000));
}

/** The invariants after every event. */
function look(of: World, seen: Seen): void {
  const leases = leasesOf(of);
  const sessions = leases.flatMap(({ harness, session_id }) =>
    session_id === null ? [] : [`${harness} ${session_id}`],
  );
  expect(new Set(sessions).size).toBe(sessions.length);
  expect(new Set(leases.map(({ name }) => name)).size).toBe(leases.length);
  for (const { name, generation } of leases) {
    if (
      !answerPeer({ grants: holding("ask"), name, at: { wallMs: 0, bootMs: 0 } }, leases, of.now).ok
    )
      continue;
    const last = seen.renewed.get(generation);
    expect(last?.run).toBe(of.now.run.id);
    expect(of.now.bootMs - (last?.bootMs ?? 0)).toBeLessThan(leaseLifeMs);
  }
}

async function live(draw: Draw): Promise<void> {
  using of = world(draw.below(2 ** 32));
  of.configure(everywhere);
  const seen: Seen = {
    left: new Set(),
    renewed: new Map(),
    ended: new Set(),
    known: [],
    allowed: true,
  };
  for (let event = 0; event < 60; event += 1) {
    const happening = draw.below(12);
    if (happening < 5) await hookIn(of, seen, draw);
    else if (happening < 6) await activateIn(of, seen, draw);
    else if (happening < 7) await leaveIn(of, seen, draw);
    else if (happening < 8) await keepIn(of, seen, draw);
    else if (happening < 9) await wakeIn(of, seen);
    else await timeIn(of, seen, draw);
    look(of, seen);
  }
}

test(
  "hooks give no session two leases, none to one that left, and serve no expired one",
  async () => {
    await histories(300, live);
  },
  historiesMs,
);
