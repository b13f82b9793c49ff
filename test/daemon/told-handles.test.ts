/** How soon a peer knows which handles are live, though nobody asks. */

import { expect, test } from "bun:test";
import { helloMs, sweepMs } from "../../src/contract/limits.ts";
import { type Machine, machine, pair, session } from "../support/daemon.ts";
import { until } from "../support/until.ts";

const handlesOf = async (on: Machine): Promise<readonly string[]> => {
  const { peers } = await on.calls.peers({});
  return peers.flatMap(({ handles }) => handles.map(({ handle }) => handle));
};

const shows = (on: Machine, wanted: readonly string[]): Promise<void> =>
  until(`${wanted.join(" ") || "nothing"} is shown`, async () =>
    Bun.deepEquals([...(await handlesOf(on))], wanted),
  );

test("a handle is shown on a paired machine soon after it is taken, and goes as soon", async () => {
  await using mini = await machine("mini");
  await using laptop = await machine("laptop");
  await pair(mini, laptop);
  await shows(laptop, []);
  const startedMs = performance.now();
  await mini.calls.activate(session());
  await shows(laptop, ["mini/hydrate"]);
  await mini.calls.activate(session({ name: "other", session_id: "other" }));
  await shows(laptop, ["mini/hydrate", "mini/other"]);
  await mini.calls.deactivate({ name: "hydrate" });
  await shows(laptop, ["mini/other"]);
  // By hellos in their own time it would take three of their intervals.
  expect(performance.now() - startedMs).toBeLessThan(helloMs);
  expect(sweepMs).toBeLessThan(helloMs);
});

test("a peer that may not ask is told of no handle, in either direction of a hello", async () => {
  await using mini = await machine("mini");
  await using laptop = await machine("laptop");
  await pair(mini, laptop);
  await mini.calls.activate(session());
  await shows(laptop, ["mini/hydrate"]);
  await mini.calls["peers/grant"]({ name: "laptop", scopes: [] });
  await mini.calls.activate(session({ name: "other", session_id: "other" }));
  await shows(laptop, []);
});
