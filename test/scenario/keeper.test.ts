/** Handles whose sessions live on while the processes of peernet end and come back. */

import { expect, setDefaultTimeout } from "bun:test";
import { home } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { activate } from "./pairing.ts";
import { canSeeProcesses, noProcesses, processOf } from "./processes.ts";

const test = skipUnless(canSeeProcesses, noProcesses);
setDefaultTimeout(30_000);

test("a session's handle comes back after stop and start, also when the keeper had ended", async () => {
  await using mini = home("mini");
  using _working = await activate(mini, "hydrate");
  expect((await mini.run(["stop"])).code).toBe(0);
  await until("the keeper ended", () => processOf(mini, "keeper") === undefined);
  expect((await mini.run(["start"])).code).toBe(0);
  await until("it is live", async () => (await mini.run(["ask", "hydrate"])).code === 0);
});

test("a session's handle comes back after its daemon was killed", async () => {
  await using mini = home("mini");
  using _working = await activate(mini, "hydrate");
  process.kill(processOf(mini, "daemon") ?? 0, "SIGKILL");
  expect((await mini.run(["start"])).code).toBe(0);
  await until("it is live", async () => (await mini.run(["ask", "hydrate"])).code === 0);
});
