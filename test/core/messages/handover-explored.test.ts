/**
 * Every interleaving of two messages and their handovers with one crash of the client, one of the
 * daemon, one cleared memory, one subagent and two lost hooks: each message is in a memory once,
 * and none is lost.
 */

import { expect, test } from "bun:test";
import { doubtMs } from "../../../src/contract/delivery/limits.ts";
import type { Turn } from "../../../src/contract/delivery/turn.ts";
import {
  follow,
  type Handover,
  judge,
  judgedInMs,
  type Verdict,
} from "../../../src/core/messages/handover.ts";
import { explore } from "../../support/explored.ts";
import { longWanted } from "../../support/skip.ts";

type Event = Pick<Turn, "moment" | "nonces" | "subagent">;

/** The answer of a client's record about a nonce: the product's, or one that a control puts in. */
type Look = (record: readonly string[], nonce: string) => Verdict;

const honest: Look = (record, nonce) => (record.includes(nonce) ? "there" : "not_there");

interface Message {
  readonly unread: boolean;
  readonly nonce: string | null;
  /** Every nonce under which it was given. */
  readonly given: readonly string[];
}

/** A client and its daemon. */
interface World {
  readonly nowMs: number;
  readonly messages: readonly Message[];
  readonly handovers: readonly Handover[];
  readonly memory: readonly string[];
  readonly record: readonly string[];
  /** Nonces that the client has yet to write to its record. */
  readonly unwritten: readonly string[];
  /** A result on its way to the client. */
  readonly result: { readonly nonce: string; readonly subagent: boolean } | null;
  /** The hook that the client runs next. */
  readonly hook: Event | null;
  readonly session: number;
  readonly pid: number;
  readonly heardMs: number | null;
  /** True after a crash, until the session has come back. */
  readonly isGone: boolean;
  /** Faults and acts that are still to come. */
  readonly left: Readonly<Record<"messages" | "readings" | Fault, number>>;
  readonly wrong: readonly string[];
}

type Fault = "crashes" | "restarts" | "clears" | "subagents" | "lostHooks";

const start: World = {
  ...{ nowMs: 1_000_000, messages: [], handovers: [], memory: [], record: [], unwritten: [] },
  ...{ result: null, hook: null, session: 0, pid: 1, heardMs: null, isGone: false, wrong: [] },
  left: {
    ...{ messages: 2, readings: 2, crashes: 1, restarts: 1, clears: 1, subagents: 1 },
    lostHooks: 2,
  },
};

const spent = (world: World, what: keyof World["left"]): World["left"] => ({
  ...world.left,
  [what]: world.left[what] - 1,
});

const readerOf = ({ session, pid }: World) => ({
  harness: "claude-code",
  session_id: `s${session}`,
  process: { pid, start_time: String(pid) },
});

function changed(world: World, decide: (handover: Handover) => Handover): World {
  let { messages, wrong } = world;
  const handovers = world.handovers.map((before) => {
    const after = decide(before);
    const isProven = after.state === "surfaced" && before.state !== "surfaced";
    if (isProven && !world.memory.includes(after.nonce)) wrong = [...wrong, "a message is unseen"];
    if (after.state === "lost" && before.state !== "lost") {
      messages = messages.map((each) =>
        each.nonce === after.nonce ? { ...each, unread: true, nonce: null } : each,
      );
    }
    return after;
  });
  return { ...world, handovers, messages, wrong };
}

/** The world after a span: the client has written its record, and doubts were looked into. */
function passed(world: World, look: Look, ms: number): World {
  const nowMs = world.nowMs + ms;
  const record = ms === 0 ? world.record : [...world.record, ...world.unwritten];
  const later = { ...world, nowMs, record, unwritten: ms === 0 ? world.unwritten : [] };
  return changed(later, (each) =>
    judgedInMs(each, nowMs) === 0 ? judge(each, look(record, each.nonce), nowMs) : each,
  );
}

/** The daemon hears an event. */
function heard(world: World, turn: Event, look: Look): World {
  const sign = { session: readerOf(world), name: "hydrate", heard_ms: world.heardMs, turn };
  const after = changed(world, (each) => follow(each, sign, world.nowMs));
  return passed({ ...after, heardMs: world.nowMs }, look, 0);
}

/** The daemon gives what is unread, in a handover of its own. */
function given(world: World, subagent: boolean): World {
  const nonce = `pnr-${world.handovers.length}`;
  const messages = world.messages.map((each) =>
    each.unread ? { unread: false, nonce, given: [...each.given, nonce] } : each,
  );
  const made: Handover = {
    ...{ ...readerOf(world), nonce, name: "hydrate", record: "/r", mark: 0, tries: 0 },
    ...{ state: "given", settled_ms: null, doubt: null, doubted_ms: 0, ended: false },
    given_ms: world.nowMs,
  };
  return {
    ...{ ...world, messages, handovers: [...world.handovers, made] },
    result: { nonce, subagent },
  };
}

/** The client has the result, and runs the hook that tells of it. */
function arrived(world: World, { nonce, subagent }: NonNullable<World["result"]>): World {
  const hook: Event = { moment: "tool", nonces: [nonce], subagent };
  if (subagent) return { ...world, result: null, hook };
  const memory = [...world.memory, nonce];
  return { ...world, result: null, hook, memory, unwritten: [...world.unwritten, nonce] };
}

const running = (moment: Turn["moment"]): Event => ({ moment, nonces: [], subagent: false });

/** Every world that one step leads to. */
function steps(world: World, look: Look): readonly World[] {
  const { left, hook, result } = world;
  const next: World[] = [passed(world, look, doubtMs + 100)];
  if (left.messages > 0) {
    const message = { unread: true, nonce: null, given: [] };
    const messages = [...world.messages, message];
    next.push({ ...world, messages, left: spent(world, "messages") });
  }
  if (left.crashes > 0 && !world.isGone) next.push(crashed(world));
  if (world.isGone) {
    const back = { ...world, isGone: false };
    for (const moment of ["startup", "resume", "prompt"] as const) {
      next.push({ ...back, hook: running(moment) });
    }
    return next;
  }
  if (hook !== null) {
    next.push({ ...heard(world, hook, look), hook: null });
    if (left.lostHooks > 0) next.push({ ...world, hook: null, left: spent(world, "lostHooks") });
    return next;
  }
  if (result !== null) {
    next.push(arrived(world, result));
    if (left.restarts > 0) next.push({ ...world, result: null, left: spent(world, "restarts") });
    return next;
  }
  return [...next, ...turns(world)];
}

/** The client ends at once, and what it has not written is gone. */
const crashed = (world: World): World => ({
  ...{ ...world, memory: world.record, unwritten: [], result: null, hook: null },
  ...{ isGone: true, pid: world.pid + 1, left: spent(world, "crashes") },
});

/** The steps of a session at rest: a prompt, a reading, an end, a cleared memory. */
function turns(world: World): readonly World[] {
  const { left } = world;
  const next: World[] = [
    { ...world, hook: running("prompt") },
    { ...world, hook: running("end") },
  ];
  if (left.readings > 0 && world.messages.some(({ unread }) => unread)) {
    const read = { ...world, left: spent(world, "readings") };
    next.push(given(read, false));
    if (left.subagents > 0) {
      next.push(given({ ...read, left: spent(read, "subagents") }, true));
    }
  }
  if (left.clears > 0) {
    next.push({
      ...{ ...world, session: world.session + 1, memory: [], record: [], unwritten: [] },
      ...{ heardMs: null, hook: running("clear"), left: spent(world, "clears") },
    });
  }
  return next;
}

/** The complaints about a world after turns without a fault. */
function complaints(world: World, look: Look): readonly string[] {
  const back = { ...world, isGone: false };
  const hook = world.isGone ? running("resume") : world.hook;
  let now = hook === null ? back : { ...heard(back, hook, look), hook: null };
  if (now.result !== null) now = heardOf(arrived(now, now.result), look);
  for (let turn = 0; turn < 4; turn += 1) {
    now = passed(heard(now, running("prompt"), look), look, 2 * doubtMs);
    if (now.messages.some(({ unread }) => unread)) {
      const reading = given(now, false);
      if (reading.result !== null) now = heardOf(arrived(reading, reading.result), look);
    }
    now = passed(heard(now, running("end"), look), look, 2 * doubtMs);
  }
  const stateOf = new Map(now.handovers.map(({ nonce, state }) => [nonce, state]));
  const found = now.messages.flatMap(({ unread, nonce, given: nonces }) => {
    const times = nonces.filter((each) => now.memory.includes(each)).length;
    const isLost = unread || stateOf.get(nonce ?? "") !== "surfaced";
    return [
      ...(isLost ? ["a message is lost"] : []),
      ...(times > 1 ? ["a message is there twice"] : []),
    ];
  });
  return [...now.wrong, ...found];
}

const heardOf = (world: World, look: Look): World =>
  world.hook === null ? world : { ...heard(world, world.hook, look), hook: null };

/** Two worlds have the same future when they are equal but for the absolute time. */
function keyOf({ nowMs, handovers, heardMs, ...rest }: World): string {
  const ago = (ms: number | null): number | null => (ms === null ? null : nowMs - ms);
  const shown = handovers.map(({ given_ms: _, settled_ms, doubted_ms, ...each }) => ({
    ...each,
    settled: ago(settled_ms),
    doubted: each.doubt === null ? null : ago(doubted_ms),
  }));
  return JSON.stringify([rest, shown, ago(heardMs)]);
}

const explored = (look: Look, depth: number) =>
  explore({
    ...{ start, key: keyOf, depth },
    steps: (world) => steps(world, look),
    complaints: (world) => complaints(world, look),
  });

/** A hand-over takes five steps; each fault and the way back from it take two. */
const depth = longWanted ? 18 : 12;

test(`follow() and judge() hold in every interleaving of ${depth} steps`, () => {
  const { states, steps: taken, complaints: found } = explored(honest, depth);
  console.log(`figure: handover explored depth=${depth} states=${states} steps=${taken}`);
  expect([...found]).toEqual([]);
  expect(states).toBeGreaterThan(50_000);
}, 600_000);

test("follow() and judge() fail in some interleaving when the record is not asked", () => {
  const shallow = 7;
  expect(explored(() => "there", shallow).complaints).toContain("a message is unseen");
  expect(explored(() => "not_there", shallow).complaints).toContain("a message is there twice");
}, 60_000);
