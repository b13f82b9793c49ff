/** The records of waits and messages that went over reverse connections say whose they were. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { type Machine, machine, pair, session } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { moved } from "../attack/moved.ts";

setDefaultTimeout(60_000);

/** Two machines of one person, of which one alone can be dialled. */
async function joined() {
  const times = [moved(), moved()] as const;
  const mini = await machine("mini", times[0]);
  const laptop = await machine("laptop", { ...times[1], isUnlistening: true });
  await pair(mini, laptop);
  const generations: Readonly<Record<string, number>> = {
    hydrate: (await mini.calls.activate(session({ name: "hydrate" }))).generation,
    sync: (await laptop.calls.activate(session({ name: "sync" }))).generation,
  };
  const pass = (ms: number): void => {
    for (const time of times) {
      time.pass(ms);
      time.sweep();
    }
  };
  for (const [on, name] of [
    [mini, "laptop"],
    [laptop, "mini"],
  ] as const) {
    await on.calls["peers/grant"]({ name, mine: true, entries: [], hold: false });
  }
  await until("both can ask and write", async () => {
    pass(10);
    const peers = await Promise.all([mini, laptop].map((on) => on.calls.peers({})));
    const told = peers.map(({ peers: [peer] }) => [peer?.link_reason, peer?.grants.ours.join()]);
    return (
      JSON.stringify(told.map(([reason]) => reason)) === '["its_connections","own_connections"]' &&
      told.every(([, ours]) => ours?.includes("message"))
    );
  });
  return { mini, laptop, pass, generations };
}

/** The machines whose reverse connections carried the outcomes of a verb. */
async function reverseOf(on: Machine, verb: "message" | "wait", outcome: string): Promise<unknown> {
  const { records } = await on.calls.audit({ all: true, verb });
  const found = records.filter((record) => record.outcome === outcome);
  return found.map(
    ({ direction, details }) => `${direction} ${JSON.parse(details ?? "{}").reverse}`,
  );
}

test("the record of a message over the peer's connections says so", async () => {
  const { mini, laptop } = await joined();
  await using _mini = mini;
  await using _laptop = laptop;
  await mini.calls.send({ to: "laptop/sync", text: "hello", from: { by: "person" } });
  await laptop.calls.send({ to: "mini/hydrate", text: "hello", from: { by: "person" } });
  await until("both are stored", async () => {
    const found = await Promise.all([mini, laptop].map((on) => reverseOf(on, "message", "stored")));
    return found.every((each) => Array.isArray(each) && each.length === 2);
  });
  // Laptop dialled the connection that carried mini's message, and its own was an ordinary one.
  expect(await reverseOf(mini, "message", "stored")).toEqual(
    expect.arrayContaining(["out theirs", "in undefined"]),
  );
  expect(await reverseOf(laptop, "message", "stored")).toEqual(
    expect.arrayContaining(["in ours", "out undefined"]),
  );
});

test("the record of a wait's end over a reverse connection says so, on either side", async () => {
  const { mini, laptop, pass, generations } = await joined();
  await using _mini = mini;
  await using _laptop = laptop;
  for (const [on, other, handle] of [
    [mini, laptop, "laptop/sync"],
    [laptop, mini, "mini/hydrate"],
  ] as const) {
    const seen: string[] = [];
    const input = { handle, until: "commit" as const, for_ms: 60_000, stays: false };
    const ends = (async () => {
      for await (const { event } of on.calls.wait(input)) seen.push(event);
    })();
    await until("it waits", () => seen.includes("waiting"));
    const [, name = ""] = handle.split("/");
    const beats = [{ name, generation: generations[name] ?? 0 }];
    const git = { sha: "b".repeat(40), subject: "new", branch: "main", dirty: 0 };
    await other.calls.renew({ beats, git });
    await until("it is reached", () => {
      pass(10);
      return seen.includes("ended");
    });
    await ends;
  }
  // Laptop calls mini by an ordinary connection; mini calls back over one that laptop dialled.
  expect(await reverseOf(mini, "wait", "reached")).toEqual(
    expect.arrayContaining(["out undefined"]),
  );
  expect(await reverseOf(laptop, "wait", "reached")).toEqual(expect.arrayContaining(["out ours"]));
});
