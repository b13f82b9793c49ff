/** The change feed: the whole state, then each change in the moment it is so, and no more. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { control } from "../../src/contract/control.ts";
import { WatchEvent } from "../../src/contract/watch.ts";
import { type Machine, machine, opened, pair, session } from "../support/daemon.ts";
import { until } from "../support/until.ts";
import { reading } from "./reader.ts";

let mini: Machine;
let laptop: Machine;
beforeAll(async () => {
  [mini, laptop] = [await machine("mini"), await machine("laptop")];
  await mini.calls.activate(session({ name: "hydrate" }));
  await pair(mini, laptop);
});
afterAll(async () => {
  await mini[Symbol.asyncDispose]();
  await laptop[Symbol.asyncDispose]();
});

const asked = { question: null, thread_id: null, timeout_ms: 5_000 };
const kinds = (events: readonly WatchEvent[]): string[] => events.map(({ event }) => event);

async function renew(on: Machine): Promise<void> {
  const { leases } = await on.calls.leases({});
  await on.calls.renew({ beats: leases.map(({ name, generation }) => ({ name, generation })) });
}

describe("watch tells", () => {
  test("the whole state at first, as status has it, and then that this was all", async () => {
    await using feed = await reading(mini);
    const status = await mini.calls.status({});
    expect(kinds(feed.events).sort()).toEqual(
      ["chain", "handle", "machine", "mail", "tasks", "peer", "ready", "window"].sort(),
    );
    expect(feed.events.at(-1)).toEqual({ event: "ready" });
    expect((await feed.find("machine")).machine).toEqual(status.machine);
    expect((await feed.find("window")).window).toEqual(status.window);
    const { handle, renewed } = await feed.find("handle");
    const [held] = status.handles;
    // Counted back from an age at two instants, they may differ by what lies between.
    const still = { expires_in_ms: 0, started_at_ms: 0 };
    expect({ ...handle, ...still }).toEqual({ ...held, ...still } as typeof handle);
    expect(Math.abs(handle.started_at_ms - (held?.started_at_ms ?? 0))).toBeLessThan(1_000);
    expect(renewed).toBe(false);
    const { peer, greeted } = await feed.find("peer");
    expect([peer.name, peer.fingerprint, greeted]).toEqual([
      "laptop",
      laptop.daemon.fingerprint,
      null,
    ]);
  });

  test("only events of the contract's shape", async () => {
    await using feed = await reading(mini);
    await laptop.calls.ask({ ...asked, handle: "mini/hydrate" });
    await renew(mini);
    await feed.find("handle", ({ renewed }) => renewed);
    for (const event of feed.events) expect(WatchEvent.parse(event)).toEqual(event);
  });

  test("nothing while nothing happens", async () => {
    await using feed = await reading(mini);
    await until("what was under way is told", async () => {
      feed.clear();
      // Longer than the pause between two comparisons, and over two sweeps.
      await new Promise((done) => setTimeout(done, 2_100));
      return feed.events.length === 0;
    });
  });

  test("a renewed lease as a beat, with what it has left", async () => {
    await using feed = await reading(mini);
    feed.clear();
    await renew(mini);
    const { handle } = await feed.find("handle");
    expect(handle.handle).toBe("mini/hydrate");
    expect(handle.expires_in_ms).toBeGreaterThan(70_000);
    expect(feed.events.filter(({ event }) => event === "handle")).toEqual([
      { event: "handle", handle, renewed: true },
    ]);
  });

  test("what a session says, and that it left", async () => {
    await using feed = await reading(mini);
    await mini.calls.activate(session({ name: "kettle", process: { pid: 1, start_time: "2" } }));
    expect(
      (await feed.find("handle", ({ handle }) => handle.handle === "mini/kettle")).renewed,
    ).toBe(false);
    await mini.calls.summary({ selector: { name: "kettle" }, text: "boils" });
    await feed.find("handle", ({ handle }) => handle.summary === "boils");
    await mini.calls.deactivate({ name: "kettle" });
    await feed.find("handle_gone", ({ handle }) => handle === "mini/kettle");
  });

  test("a hello that succeeded, on both machines, each with its direction", async () => {
    await using here = await reading(mini);
    await using there = await reading(laptop);
    here.clear();
    there.clear();
    // Asking everyone greets everyone first.
    await laptop.calls.ask({ ...asked, handle: null });
    const { peer } = await there.find("peer", ({ greeted }) => greeted === "out");
    expect([peer.name, peer.link]).toEqual(["mini", "up"]);
    const { peer: caller } = await here.find("peer", ({ greeted }) => greeted === "in");
    expect(caller.name).toBe("laptop");
  });

  test("an ask on both machines: its beginning, its record, its end", async () => {
    await using here = await reading(mini);
    await using there = await reading(laptop);
    const answer = await laptop.calls.ask({ ...asked, handle: "mini/hydrate" });
    const sides = [
      [here, "in", laptop.daemon.fingerprint],
      [there, "out", mini.daemon.fingerprint],
    ] as const;
    for (const [feed, direction, fingerprint] of sides) {
      const begun = await feed.find("ask_begun");
      const ended = await feed.find("ask_ended", ({ ask_id }) => ask_id === begun.ask_id);
      const thread_id = "thread_id" in answer ? answer.thread_id : "";
      const handle = "mini/hydrate";
      expect(begun).toEqual({ ...begun, direction, fingerprint, handle, thread_id });
      expect([ended.outcome, ended.took_ms >= 0]).toEqual(["ok", true]);
      const { record } = await feed.find("record", ({ record }) => record.verb === "ask");
      expect([record.direction, record.thread_id]).toEqual([direction, thread_id]);
      // The asking machine writes the outcome down after it has handed on the answer.
      const late = direction === "out" ? ["record"] : [];
      await feed.find("record", ({ record }) => record.outcome === "ok");
      const order = kinds(feed.events).filter((kind) => /^(ask|record)/.test(kind));
      expect(order).toEqual(["ask_begun", "record", "ask_ended", ...late]);
    }
  });

  test("an ask that is refused, and one within this machine", async () => {
    await using feed = await reading(mini);
    await laptop.calls.ask({ ...asked, handle: "mini/nobody" }).catch(() => null);
    await feed.find("ask_ended", ({ outcome }) => outcome === "handle_unknown");
    feed.clear();
    await mini.calls.ask({ ...asked, handle: "hydrate" });
    expect(await feed.find("ask_begun")).toMatchObject({ direction: "local", fingerprint: null });
    await feed.find("ask_ended", ({ outcome }) => outcome === "ok");
  });

  test("a pairing window as it opens, is tried and closes, and never its code", async () => {
    await using feed = await reading(mini);
    const window = await opened(mini);
    const { window: told } = await feed.find("window", ({ window }) => window.open);
    expect(told).toMatchObject({ open: true, attempts_left: 3 });
    const wrong = window.code === "000000" ? "000001" : "000000";
    const { fingerprint } = mini.daemon;
    const joining = { code: wrong, to: mini.address, fingerprint, grant: ["ask" as const] };
    await laptop.calls.pair(joining).catch(() => null);
    await feed.find("window", ({ window }) => window.open && window.attempts_left === 2);
    window.close();
    await feed.find("record", ({ record }) => record.verb === "window_close");
    expect(JSON.stringify(feed.events)).not.toContain(window.code);
  });

  test("a peer's new name, its grant, and its end", async () => {
    const attic = await machine("attic");
    try {
      await pair(mini, attic);
      await using feed = await reading(mini);
      await mini.calls["peers/rename"]({ name: "attic", to: "loft" });
      await feed.find("peer", ({ peer }) => peer.name === "loft");
      await mini.calls["peers/revoke"]({ name: "loft", scopes: null });
      await feed.find("peer", ({ peer }) => peer.grants.theirs.length === 0);
      await mini.calls.unpair({ name: "loft" });
      const { fingerprint } = attic.daemon;
      await feed.find("peer_gone", (gone) => gone.fingerprint === fingerprint);
    } finally {
      await attic[Symbol.asyncDispose]();
    }
  });

  test("how far the chain is verified, as it grows", async () => {
    await using feed = await reading(mini);
    await mini.calls.ask({ ...asked, handle: "hydrate" });
    const { record } = await feed.find("record");
    await feed.find("chain", ({ verified_to }) => verified_to >= record.seq);
  });
});

test("watch is on the dashboard's surface alone, and carries no code in any event", () => {
  expect(control.watch.surfaces).toEqual(["cli", "dashboard"]);
  const shapes = WatchEvent.options.map((option) => Object.keys(option.shape));
  expect(shapes.flat()).not.toContain("code");
});
