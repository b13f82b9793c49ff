/** Handles whose sessions live on while the processes of peernet end, stop and come back. */

import { expect, setDefaultTimeout } from "bun:test";
import { type Home, home } from "../support/executable.ts";
import { longWanted, skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { trail } from "./failing.ts";
import { activate, pairTwo } from "./pairing.ts";
import { passed, patiently } from "./patience.ts";
import { canSeeProcesses, noProcesses, processesOf, processOf } from "./processes.ts";

const test = skipUnless(canSeeProcesses, noProcesses);
const testLong = canSeeProcesses
  ? skipUnless(longWanted, "leases end after 75 s: PEERNET_TEST_LONG=1 waits for them")
  : test;
setDefaultTimeout(240_000);

/** A lease that is silent for so long is expired; the sweep notes it within a second more. */
const silenceMs = 75_000;

const isLive = async (home: Home): Promise<boolean> =>
  ((await home.json(["status"])) as { handles: unknown[] }).handles.length > 0;

const hasEnded = (home: Home): Promise<number> =>
  patiently(silenceMs + 5_000, "it ended", async () => !(await isLive(home)));

/** Waits until one keeper runs: another may have been started, and waits for that one to end. */
const oneKeeper = (home: Home): Promise<void> =>
  until("one keeper runs", () => {
    const keepers = processesOf(home).filter(({ mode }) => mode === "keeper");
    return keepers.length === 1;
  });

/** Sends a signal to the keeper or the daemon of a home. */
function signal(home: Home, mode: "keeper" | "daemon", name: NodeJS.Signals): void {
  const pid = processOf(home, mode);
  if (pid === undefined) throw new Error(`no ${mode} runs in ${home.folder}`);
  process.kill(pid, name);
}

test("a handle comes back after stop and start, also when the keeper had ended", async () => {
  await using mini = home("mini");
  using _working = await activate(mini, "hydrate");
  expect((await mini.run(["stop"])).code).toBe(0);
  await until("the keeper ended", () => processOf(mini, "keeper") === undefined);
  expect((await mini.run(["start"])).code).toBe(0);
  await until("it is live", () => isLive(mini));
});

test("a session's handle comes back after its daemon was killed", async () => {
  await using mini = home("mini");
  using _working = await activate(mini, "hydrate");
  signal(mini, "daemon", "SIGKILL");
  expect((await mini.run(["start"])).code).toBe(0);
  expect((await mini.run(["ask", "hydrate"])).code).toBe(1);
  await until("it is live", () => isLive(mini));
});

const promised =
  "P55: An errand is carried out by the one keeper of a home, and once at most where it may not " +
  "be repeated.";

test(`${promised} a home has one keeper, and another one once that was killed`, async () => {
  await using mini = home("mini");
  using _hydrate = await activate(mini, "hydrate");
  using _sync = await activate(mini, "sync");
  await oneKeeper(mini);
  signal(mini, "keeper", "SIGKILL");
  using third = await activate(mini, "api");
  third.end();
  await until("the new keeper released it", async () => {
    const { handles } = (await mini.json(["status"])) as { handles: unknown[] };
    return handles.length === 2;
  });
});

testLong("a handle ends by silence when its keeper was killed", async () => {
  await using mini = home("mini");
  using working = await activate(mini, "hydrate");
  await oneKeeper(mini);
  signal(mini, "keeper", "SIGKILL");
  expect(await hasEnded(mini)).toBeLessThan(silenceMs + 2_000);
  expect((await mini.run(["ask", "hydrate"])).code).toBe(1);
  await until("that is on record", async () =>
    (await trail(mini)).some(({ verb, handle }) => verb === "expire" && handle === "hydrate"),
  );
  expect((await mini.run(["activate", "hydrate", "--pid", working.pid])).code).toBe(0);
});

testLong("a handle of a keeper that stood still is not served when it goes on", async () => {
  await using mini = home("mini");
  using _working = await activate(mini, "hydrate");
  await oneKeeper(mini);
  signal(mini, "keeper", "SIGSTOP");
  await hasEnded(mini);
  signal(mini, "keeper", "SIGCONT");
  await until("the keeper ended", () => processOf(mini, "keeper") === undefined);
  expect((await mini.run(["ask", "hydrate"])).code).toBe(1);
});

testLong("P19: An expired lease is never served, whatever the clocks do.", async () => {
  await using mini = home("mini");
  await using laptop = home("laptop");
  using _working = await activate(mini, "hydrate");
  await pairTwo(mini, laptop);
  signal(mini, "daemon", "SIGSTOP");
  await passed(silenceMs + 1_000);
  // It was sent while the daemon stood still, and is among the first things that it reads.
  const asking = laptop.run(["ask", "mini/hydrate", "--timeout", "20s"]);
  await passed(1_000);
  signal(mini, "daemon", "SIGCONT");
  expect((await asking).code).toBe(1);
  expect((await laptop.run(["ask", "mini/hydrate"])).code).toBe(1);
  await until("that is on record", async () =>
    (await trail(mini)).some(({ verb }) => verb === "expire"),
  );
});
