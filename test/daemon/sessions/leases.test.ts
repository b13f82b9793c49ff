/** Leases under clocks that run on in sleep, jump, and restart. */

import { describe, expect, test } from "bun:test";
import { leaseLifeMs } from "../../../src/contract/limits.ts";
import { type Machine, machine, session } from "../../support/daemon.ts";
import { askOnce, endOf, hello } from "../attack/asking.ts";
import { connectTo } from "../attack/connection.ts";
import { type Moved, moved } from "../attack/moved.ts";
import { enrol, type HandPeer } from "../attack/pairing.ts";
import { refusalOf } from "../attack/refusal.ts";

const dayMs = 86_400_000;

interface Leased {
  readonly on: Machine;
  readonly peer: HandPeer;
  readonly time: Moved;
  readonly generation: number;
}

/** A machine with one lease and a peer that may ask it. */
async function leased(): Promise<Leased & AsyncDisposable> {
  const time = moved();
  const on = await machine("on", time);
  const { generation } = await on.calls.activate(session());
  const peer = await enrol(on);
  return { on, peer, time, generation, [Symbol.asyncDispose]: () => on[Symbol.asyncDispose]() };
}

/** The lease's answer in every place: to an ask, a hello, a session, a preview. */
async function answers({ on, peer }: Pick<Leased, "on" | "peer">): Promise<string[]> {
  using connection = await connectTo(on.address, peer);
  const said = await connection.post("hello", hello, { token: peer.token });
  const handles = said?.status === 200 ? JSON.parse(said.body).handles.length : endOf(said);
  const asked = { question: null, thread_id: null };
  const code = async (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => "200",
      async () => (await refusalOf(call)).code,
    );
  return [
    await askOnce({ ...peer, connect: () => connectTo(on.address, peer) }),
    String(handles),
    String((await on.calls.status({})).handles.length),
    await code(on.calls.ask({ handle: "hydrate", ...asked })),
    await code(on.calls.preview({ name: "hydrate", as: null })),
  ];
}

const served = ["200", "1", "1", "200", "200"];
const notServed = ["handle_unknown", "0", "0", "handle_unknown", "handle_unknown"];

const promise = "P19: An expired lease is never served, whatever the clocks do.";

describe(promise, () => {
  test("it is served to its last millisecond, and not after it, sweep or no sweep", async () => {
    await using given = await leased();
    given.time.pass(leaseLifeMs - 1);
    expect(await answers(given)).toEqual(served);
    given.time.pass(1);
    expect(await answers(given)).toEqual(notServed);
  });

  test("it expires while the machine sleeps, when the monotonic clock stands still", async () => {
    await using given = await leased();
    given.time.move({ wallMs: leaseLifeMs, bootMs: leaseLifeMs });
    expect(await answers(given)).toEqual(notServed);
  });

  for (const [what, wallMs] of [
    ["a day ahead", dayMs],
    ["a day back", -dayMs],
    ["back to 1970", -Math.floor(Date.now())],
  ] as const) {
    test(`a wall clock that goes ${what} ends no lease, and revives none`, async () => {
      await using given = await leased();
      given.time.move({ wallMs: wallMs + 1_000 });
      expect(await answers(given)).toEqual(served);
      given.time.pass(leaseLifeMs);
      expect(await answers(given)).toEqual(notServed);
      given.time.move({ wallMs: -wallMs - leaseLifeMs - 1_000 });
      expect(await answers(given)).toEqual(notServed);
    });
  }

  test("it is not served after the daemon starts again, until it is renewed", async () => {
    await using given = await leased();
    await using on = await given.on.restart();
    expect(await answers({ ...given, on })).toEqual(notServed);
    const { generation } = given;
    const renewed = await on.calls.renew({ beats: [{ name: "hydrate", generation }] });
    expect(renewed).toEqual({ renewed: ["hydrate"], lost: [] });
    expect(await answers({ ...given, on })).toEqual(served);
  });

  test("it is not served after the machine starts again, when its clocks restart", async () => {
    await using given = await leased();
    // A boot clock that is far below what the lease was written with.
    given.time.move({ bootMs: -1_000_000_000, monotonicMs: -1_000_000 });
    await using on = await given.on.restart();
    expect(await answers({ ...given, on })).toEqual(notServed);
    given.time.pass(leaseLifeMs);
    given.time.sweep();
    const { generation } = given;
    const renewed = await on.calls.renew({ beats: [{ name: "hydrate", generation }] });
    expect(renewed).toEqual({ renewed: [], lost: ["hydrate"] });
    expect(await answers({ ...given, on })).toEqual(notServed);
  });

  test("a renewal that comes too late, or from a former holder, revives nothing", async () => {
    await using given = await leased();
    const { on, time, generation } = given;
    time.pass(leaseLifeMs);
    const beats = [{ name: "hydrate", generation }];
    expect(await on.calls.renew({ beats })).toEqual({ renewed: [], lost: ["hydrate"] });
    expect(await answers(given)).toEqual(notServed);
    const next = await on.calls.activate(session({ process: { pid: 1, start_time: "2" } }));
    expect(next.generation).toBeGreaterThan(generation);
    time.pass(leaseLifeMs - 1);
    expect(await on.calls.renew({ beats })).toEqual({ renewed: [], lost: ["hydrate"] });
    time.pass(1);
    expect(await answers(given)).toEqual(notServed);
  });
});
