import { describe, expect, test } from "bun:test";
import { leaseLifeMs, stateFreshMs } from "../../../src/contract/limits.ts";
import { type Machine, machine, session } from "../../support/daemon.ts";
import { everywhere, homeWith, told } from "../../support/hooks.ts";
import { hello } from "../attack/asking.ts";
import { connectTo } from "../attack/connection.ts";
import { type Moved, moved } from "../attack/moved.ts";
import { enrol, type HandPeer } from "../attack/pairing.ts";

interface Heard extends AsyncDisposable {
  readonly on: Machine;
  readonly time: Moved;
  readonly peer: HandPeer;
}

/** A machine with a session that a hook told of, and a peer that may ask it. */
async function heard(state: "working" | "idle"): Promise<Heard> {
  const time = moved();
  const on = await machine("mini", { ...time, home: homeWith(everywhere) });
  await on.calls.hook(told({ state }));
  const peer = await enrol(on);
  return { on, time, peer, [Symbol.asyncDispose]: () => on[Symbol.asyncDispose]() };
}

/** Lets time pass while the keeper renews. */
async function passKept({ on, time }: Heard, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= leaseLifeMs - 1) {
    time.pass(Math.min(left, leaseLifeMs - 1));
    const [kept] = (await on.calls.leases({})).leases;
    if (kept === undefined) throw new Error("it expired");
    const { name, generation } = kept;
    await on.calls.renew({ beats: [{ name, generation }] });
  }
}

/** The state wherever it is shown: to an ask, in status, to a hello, in a preview. */
async function shown({ on, peer }: Heard): Promise<unknown[]> {
  const ask = { handle: "hydrate", question: null, thread_id: null };
  const answer = await on.calls.ask(ask);
  if (!("session" in answer)) throw new Error("no answer");
  const { answer: preview } = await on.calls.preview({ name: "hydrate", as: null });
  using connection = await connectTo(on.address, peer);
  const said = JSON.parse(
    (await connection.post("hello", hello, { token: peer.token }))?.body ?? "",
  );
  const [own] = (await on.calls.status({})).handles;
  return [answer.session, own, said.handles[0], preview.session].map((each) => [
    each?.state,
    each?.state_for_ms,
  ]);
}

describe("a state", () => {
  test("without a report for ten minutes is shown nowhere", async () => {
    await using given = await heard("working");
    await passKept(given, stateFreshMs - 1);
    expect(await shown(given)).toEqual(Array(4).fill(["working", stateFreshMs - 1]));
    await passKept(given, 1);
    expect(await shown(given)).toEqual(Array(4).fill([null, null]));
    // An event that says nothing of it says that it goes on, since when it did.
    await given.on.calls.hook(told({ event: "state", state: null }));
    expect(await shown(given)).toEqual(Array(4).fill(["working", stateFreshMs]));
  });

  test("that is idle stays", async () => {
    await using given = await heard("idle");
    await passKept(given, stateFreshMs + 1);
    expect(await shown(given)).toEqual(Array(4).fill(["idle", stateFreshMs + 1]));
  });

  test("that the keeper saw counts where no hook was newer", async () => {
    await using given = await heard("working");
    const { on, time } = given;
    time.pass(1_000);
    const [kept] = (await on.calls.leases({})).leases;
    if (kept === undefined) throw new Error("no lease");
    expect(kept).toMatchObject({ state: "working", state_age_ms: 1_000, session_id: "session-a" });
    const beat = { name: kept.name, generation: kept.generation };
    const seen = (age_ms: number) => {
      const observed = { state: "idle" as const, age_ms };
      return { beats: [{ ...beat, observed }] };
    };
    await on.calls.renew(seen(1_000));
    expect((await on.calls.leases({})).leases[0]?.state).toBe("working");
    await on.calls.renew(seen(400));
    expect(await shown(given)).toEqual(Array(4).fill(["idle", 400]));
    expect((await on.calls.leases({})).leases[0]?.state_age_ms).toBe(400);
    const records = (await on.calls.audit({ all: true })).records;
    expect(records.filter(({ verb }) => verb === "activate").length).toBe(1);
  });
});

describe("git", () => {
  test("is unread until the keeper read it, and once the session went elsewhere", async () => {
    await using given = await heard("idle");
    const { on } = given;
    const kept = async () => (await on.calls.leases({})).leases[0];
    expect((await kept())?.git_read).toBe(false);
    const git = { sha: null, subject: null, branch: "main", dirty: 1 };
    const [first] = (await on.calls.leases({})).leases;
    if (first === undefined) throw new Error("no lease");
    const { name, generation } = first;
    await on.calls.renew({ beats: [{ name, generation }], git });
    await on.calls.hook(told());
    expect((await kept())?.git_read).toBe(true);
    expect((await on.calls.status({})).handles[0]?.git).toEqual(git);
    await on.calls.hook(told({ cwd: "/home/ada/src/hydrate/test" }));
    expect((await kept())?.git_read).toBe(false);
    expect((await on.calls.status({})).handles[0]?.git).toBeNull();
  });

  test("of a folder without a repository was read", async () => {
    await using on = await machine("mini");
    await on.calls.activate(session({ git: null }));
    expect((await on.calls.leases({})).leases[0]?.git_read).toBe(true);
  });
});

describe("leases/resume", () => {
  const known = async ({ calls }: Machine) =>
    (await calls.leases({})).leases.map(({ name, generation }) => ({ name, generation }));

  test("gives back what expired in sleep, with what it said before, as old as it is", async () => {
    await using given = await heard("idle");
    const { on, time } = given;
    await on.calls.summary({ selector: { name: "hydrate" }, text: "backing off" });
    const slept = await known(on);
    time.pass(3_600_000);
    expect(await known(on)).toEqual([]);
    expect(await on.calls["leases/resume"]({ slept })).toEqual({ taken: ["hydrate"] });
    expect(await shown(given)).toEqual(Array(4).fill(["idle", 3_600_000]));
    const [handle] = (await on.calls.status({})).handles;
    expect([handle?.summary, handle?.expires_in_ms]).toEqual(["backing off", leaseLifeMs]);
    const [after] = await known(on);
    expect(after?.generation).toBeGreaterThan(slept[0]?.generation ?? Number.POSITIVE_INFINITY);
    // What it was before is fenced off, and given back once.
    expect(await on.calls.renew({ beats: slept })).toEqual({ renewed: [], lost: ["hydrate"] });
    expect(await on.calls["leases/resume"]({ slept })).toEqual({ taken: [] });
    const verbs = (await on.calls.audit({ all: true })).records.map(({ verb }) => verb);
    expect(verbs.filter((verb) => /activate|expire/.test(verb))).toEqual([
      "activate",
      "expire",
      "activate",
    ]);
  });

  test("gives back nothing that its user released, before or after it expired", async () => {
    await using given = await heard("idle");
    const { on, time } = given;
    await on.calls.activate(session({ name: "shell" }));
    const slept = await known(on);
    await on.calls.deactivate({ name: "hydrate" });
    time.pass(3_600_000);
    // The shell comes first to a handle of its own, and leaves it.
    await on.calls.activate(session({ name: "other" }));
    await on.calls.deactivate({ name: "other" });
    expect(await on.calls["leases/resume"]({ slept })).toEqual({ taken: [] });
    expect((await on.calls.status({})).handles).toEqual([]);
  });

  test("brings back no session that left with a lease of its process without an id", async () => {
    await using given = await heard("idle");
    const { on, time } = given;
    const { process } = told();
    if (process === null) throw new Error("it has a process");
    const unnamed = { harness: "claude-code", process, sole: false, name: "other" } as const;
    await on.calls.activate(session(unnamed));
    await on.calls.deactivate({ name: "hydrate" });
    const slept = await known(on);
    time.pass(3_600_000);
    expect(await on.calls["leases/resume"]({ slept })).toEqual({ taken: ["other"] });
    const again = told({ sole: false });
    expect(await on.calls.hook(again)).toMatchObject({ handle: null, refused: "left" });
    // Its user says so: then it may.
    await on.calls.activate(session(unnamed));
    expect(await on.calls.hook(again)).toMatchObject({ taken: true });
  });

  test("gives back no name that another has by now, and guesses no lease", async () => {
    await using given = await heard("idle");
    const { on, time } = given;
    const slept = await known(on);
    expect(await on.calls["leases/resume"]({ slept })).toEqual({ taken: [] });
    time.pass(leaseLifeMs);
    expect(await on.calls["leases/resume"]({ slept: [{ name: "flow", generation: 1 }] })).toEqual({
      taken: [],
    });
    await on.calls.activate(session({ name: "hydrate" }));
    expect(await on.calls["leases/resume"]({ slept })).toEqual({ taken: [] });
    expect((await on.calls.status({})).handles.map(({ harness }) => harness)).toEqual(["shell"]);
  });
});
