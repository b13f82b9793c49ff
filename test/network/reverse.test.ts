/** Two machines of which one alone can be dialled: the other is behind an address translation. */

import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Status } from "../../src/contract/peer.ts";
import { figure } from "../faults/measure.ts";
import { activate, pairTwo, type Session } from "../scenario/pairing.ts";
import type { Home } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { type Machine, machine, machineOn, port } from "./hosts.ts";
import { canLab, type Lab, lab, noLab } from "./lab.ts";
import { behind, type Hidden } from "./nat.ts";

const test = skipUnless(canLab, noLab);
setDefaultTimeout(120_000);

const movedTo = "10.77.0.11";

let hosts: Lab;
let hidden: Hidden;
let mini: Machine;
let laptop: Omit<Machine, "host">;
let sessions: readonly Session[];

beforeAll(async () => {
  if (!canLab) return;
  hosts = lab();
  hidden = behind(hosts, "c");
  mini = await machine(hosts, { host: "a", name: "mini", address: "lan" });
  const searched = [`${movedTo}:${port}`];
  laptop = await machineOn(hidden.on, { name: "laptop", address: "lan", searched });
  sessions = [await activate(mini, "hydrate"), await activate(laptop, "sync")];
  await pairTwo(mini, laptop, `${hosts.address("a")}:${port}`);
  await joined();
});

afterAll(async () => {
  if (!canLab) return;
  for (const session of sessions) session[Symbol.dispose]();
  await mini[Symbol.asyncDispose]();
  await laptop[Symbol.asyncDispose]();
  hidden[Symbol.dispose]();
  hosts[Symbol.dispose]();
});

/** The reason that a machine gives for its one link. */
async function reasonAt(on: Home): Promise<string | null> {
  const { peers } = Status.parse(await on.json(["status"]));
  return peers[0]?.link_reason ?? null;
}

/** Waits until mini can ask over laptop's connections. */
const joined = (): Promise<void> =>
  until(
    "laptop's connections are there",
    async () =>
      (await reasonAt(mini)) === "its_connections" &&
      (await reasonAt(laptop)) === "own_connections",
    60_000,
  );

/** Asks until it is answered; the milliseconds that took. */
async function answered(by: Home, handle: string, withinMs: number): Promise<number> {
  const startMs = performance.now();
  await until(
    `${handle} answers`,
    async () => (await by.run(["ask", handle, "--timeout", "5s"])).code === 0,
    withinMs,
  );
  return performance.now() - startMs;
}

/** The connections that laptop has to mini's listener, by laptop's kernel. */
const dialled = (to: string): number =>
  hidden
    .run("ss", "--no-header", "--tcp", "--numeric", "state", "established")
    .split("\n")
    .filter((line) => line.includes(`${to}:${port}`)).length;

/** Sends a signal to the daemon of a home. */
function signal({ folder }: Home, name: "SIGSTOP" | "SIGCONT"): void {
  const note: { pid: number } = JSON.parse(readFileSync(join(folder, "process.json"), "utf8"));
  process.kill(note.pid, name);
}

test("both ask, and wait, although one side alone can be dialled", async () => {
  expect(await mini.json(["ask", "laptop/sync"])).toMatchObject({ status: "ok" });
  expect(await laptop.json(["ask", "mini/hydrate"])).toMatchObject({ status: "ok" });
  const { code } = await mini.run(["wait", "laptop/sync", "--until", "commit", "--timeout", "1s"]);
  expect(code).toBe(5);
  expect((await laptop.run(["audit", "--json"])).out).toContain('"verb":"wait"');
});

test("messages are stored both ways", async () => {
  for (const [on, other] of [
    [mini, "laptop"],
    [laptop, "mini"],
  ] as const) {
    expect((await on.run(["peers", "grant", other, "message"])).code).toBe(0);
  }
  for (const [on, handle] of [
    [mini, "laptop/sync"],
    [laptop, "mini/hydrate"],
  ] as const) {
    await until(`${on.name} may write`, async () => {
      const { peers } = Status.parse(await on.json(["status"]));
      return peers[0]?.grants.ours.includes("message") === true;
    });
    const { code, out } = await on.run(["send", handle, "hello"]);
    expect([code, out]).toEqual([
      0,
      expect.stringContaining(`held for the person at ${handle.split("/")[0]}`),
    ]);
  }
});

test("status and doctor say on both machines how they reach each other", async () => {
  const there = "laptop reaches this machine; asks go back over its connections";
  const back = "mini cannot reach this machine; its asks come over connections from here";
  expect((await mini.run(["status"])).out).toContain(there);
  expect((await laptop.run(["status"])).out).toContain(back);
  expect((await mini.run(["doctor"])).out).toContain(there);
  expect((await laptop.run(["doctor"])).out).toContain(back);
});

test("asks go on after the translation forgot every connection", async () => {
  hidden.forget();
  const ms = await answered(mini, "laptop/sync", 90_000);
  figure("reverse", { translation_forgot_ms: ms });
  await answered(laptop, "mini/hydrate", 60_000);
});

for (const asleep of ["mini", "laptop"] as const) {
  test(`asks go on after ${asleep} slept`, async () => {
    await joined();
    const [sleeper, other, handle] =
      asleep === "mini"
        ? ([mini, laptop, "mini/hydrate"] as const)
        : ([laptop, mini, "laptop/sync"] as const);
    signal(sleeper, "SIGSTOP");
    const { code } = await other.run(["ask", handle, "--timeout", "3s"]);
    signal(sleeper, "SIGCONT");
    expect(code).toBe(5);
    const ms = await answered(other, handle, 60_000);
    figure("reverse", { [`${asleep}_slept_ms`]: ms });
    await answered(mini, "laptop/sync", 60_000);
  });
}

test("asks go on after both machines moved", async () => {
  await joined();
  hidden.readdress("10.78.0.7");
  hosts.readdress("a", movedTo);
  const ms = await answered(laptop, "mini/hydrate", 90_000);
  const backMs = await answered(mini, "laptop/sync", 90_000);
  figure("reverse", { both_moved_ms: ms, both_moved_back_ms: backMs });
});

test("an unpairing is told over its connections, and closes them in a second", async () => {
  await joined();
  expect(dialled(movedTo)).toBeGreaterThanOrEqual(3);
  const startMs = performance.now();
  const unpairing = mini.json(["unpair", "laptop", "--yes"]);
  await until("no connection is left", () => dialled(movedTo) === 0);
  expect(performance.now() - startMs).toBeLessThan(1_500);
  expect(await unpairing).toMatchObject({ name: "laptop", told: true });
  expect(await reasonAt(laptop)).toBe("unpaired");
});
