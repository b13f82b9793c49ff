/**
 * Desktop notifications by the keeper's errands: real processes, and the reference implementation
 * of D-Bus with a service that takes them, or hangs.
 */

import { expect, setDefaultTimeout } from "bun:test";
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { connect } from "../../src/client.ts";
import { notifyDeadlineMs } from "../../src/contract/errands/limits.ts";
import { timers } from "../../src/platform/clock/timers.ts";
import { processOf as processIdentity } from "../../src/session/process.ts";
import { type Bus, bus, canBus, noBus } from "../support/bus.ts";
import { machine } from "../support/daemon.ts";
import { executable, type Home, home } from "../support/executable.ts";
import { configure, everywhere, told } from "../support/hooks.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { canSeeProcesses, noProcesses, processesOf, processOf } from "./processes.ts";

const test = skipUnless(canBus && canSeeProcesses, canBus ? noProcesses : noBus);
setDefaultTimeout(120_000);

const desktop = `${everywhere}\nnotify.desktop = true\n`;
const oneWaits = ["peernet", "", "peernet: 1 session waits", "1 here"];

/** Starts a machine whose notifications go to a bus. */
async function started(on: Home, bus: Bus): Promise<void> {
  configure(on.folder, desktop);
  expect((await start(on, bus)).code).toBe(0);
}

const start = (on: Home, { address }: Bus) =>
  on.run(["start"], { environment: { DBUS_SESSION_BUS_ADDRESS: address } });

const callsOf = ({ folder }: Home) => connect(join(folder, "control.sock"), { timers }).calls;

/** This very process, which a keeper finds alive. */
const processSeen = () => processIdentity(process.pid);

/** A session of this very process begins to wait. */
const wait = async (on: Home, session: string): Promise<void> => {
  const calls = callsOf(on);
  const process = processSeen();
  const about = { session_id: session, project: session, cwd: "/", root: "/", process };
  await calls.hook(told({ ...about, state: "working" }));
  await calls.hook(told({ ...about, state: "waiting" }));
};

const statusOf = async (on: Home): Promise<{ readonly keeper?: string }> =>
  (await on.json(["status"])) as { keeper?: string };

const logOf = ({ folder }: Home): string => readFileSync(join(folder, "daemon.log"), "utf8");

function kill(on: Home, mode: "keeper" | "daemon"): number {
  const pid = processOf(on, mode);
  if (pid === undefined) throw new Error(`no ${mode} runs in ${on.folder}`);
  process.kill(pid, "SIGKILL");
  return pid;
}

test("a session that waits is shown on the desktop, by one keeper that stays for it", async () => {
  using on = await bus();
  await using _service = await on.serve("echo");
  await using mini = home("mini");
  await started(mini, on);
  await until("the keeper takes errands", async () => (await statusOf(mini)).keeper === "runs");
  expect((await mini.run(["doctor"])).out).toContain("keeper");
  await wait(mini, "hydrate");
  await until("it is shown", () => on.shown().length > 0);
  expect(on.shown()).toEqual([oneWaits]);
  // Others are started, find the lock taken, and end without a word.
  for (let count = 0; count < 3; count += 1) expect((await start(mini, on)).code).toBe(0);
  const second = Bun.spawn([executable, "keeper"], {
    env: mini.environment,
    stdout: "pipe",
    stderr: "pipe",
  });
  const outputs = [second.stdout, second.stderr].map((stream) => new Response(stream).text());
  expect([await second.exited, ...(await Promise.all(outputs))]).toEqual([0, "", ""]);
  const keepers = processesOf(mini).filter(({ mode }) => mode === "keeper");
  expect(keepers.length).toBe(1);
});

test("an errand of a keeper that was killed in the middle is done by the next one", async () => {
  using on = await bus();
  await using mini = home("mini");
  const hanging = await on.serve("black-hole");
  await started(mini, on);
  await wait(mini, "hydrate");
  await until("it is asked for", () => on.shown().length === 1);
  kill(mini, "keeper");
  await hanging[Symbol.asyncDispose]();
  await using _service = await on.serve("echo");
  expect((await start(mini, on)).code).toBe(0);
  await until("it is asked for again", () => on.shown().length === 2);
  expect(on.shown()).toEqual([oneWaits, oneWaits]);
  // It was done: nothing of it is logged as failed.
  await until("nothing is open", async () => (await statusOf(mini)).keeper === "runs");
  expect(logOf(mini)).not.toContain("notification_failed");
});

test("an errand whose program hangs ends at its deadline, and its program with it", async () => {
  using on = await bus();
  await using mini = home("mini");
  await using _hanging = await on.serve("black-hole");
  await started(mini, on);
  await wait(mini, "hydrate");
  await until("it is asked for", () => on.shown().length === 1);
  const withinMs = notifyDeadlineMs + 5_000;
  const hasEnded = (): boolean => logOf(mini).includes('"notification_failed","why":"deadline"');
  await until("the daemon gave it up", hasEnded, withinMs);
  const { out } = await mini.run(["doctor"]);
  expect(out).toContain("the last one was not shown: the desktop did not answer in time");
  await until("its program has ended", () => callersOf(on).length === 0);
  expect((await statusOf(mini)).keeper).toBe("runs");
});

/** Programs that talk to a bus by the variable that the keeper gives them. */
const callersOf = ({ address }: Bus): readonly string[] =>
  ["gdbus", "busctl"].flatMap((name) => {
    const found = Bun.spawnSync(["pgrep", "-x", name]).stdout.toString().split("\n");
    return found.filter((pid) => pid !== "" && environmentOf(pid).includes(address));
  });

const environmentOf = (pid: string): string =>
  existsSync(`/proc/${pid}/environ`) ? readFileSync(`/proc/${pid}/environ`, "utf8") : "";

test("a keeper goes on with the next daemon when one was killed with an errand open", async () => {
  using on = await bus();
  await using mini = home("mini");
  const hanging = await on.serve("black-hole");
  await started(mini, on);
  await wait(mini, "hydrate");
  await until("it is asked for", () => on.shown().length === 1);
  const keeper = processOf(mini, "keeper");
  kill(mini, "daemon");
  await hanging[Symbol.asyncDispose]();
  await using _service = await on.serve("echo");
  expect((await start(mini, on)).code).toBe(0);
  await until("it takes errands", async () => (await statusOf(mini)).keeper === "runs");
  await wait(mini, "sync");
  await until("another is shown", () => on.shown().length === 2);
  expect(processOf(mini, "keeper")).toBe(keeper);
});

test("a keeper that is missing is named with what brings it back, where it is needed", async () => {
  using on = await bus();
  await using _service = await on.serve("echo");
  await using mini = home("mini");
  await started(mini, on);
  await until("the keeper takes errands", async () => (await statusOf(mini)).keeper === "runs");
  kill(mini, "keeper");
  await until("it is missing", async () => (await statusOf(mini)).keeper === "missing");
  expect((await mini.run(["status"])).out).toContain("no keeper: peernet start\n");
  const { out } = await mini.run(["doctor"]);
  expect(out).toContain("no keeper runs");
  expect(out).toContain("peernet start");
  expect((await start(mini, on)).code).toBe(0);
  await until("it runs again", async () => (await statusOf(mini)).keeper === "runs");
  expect((await mini.run(["status"])).out).not.toContain("keeper");
});

test("a machine that needs no keeper has none, and does not miss it", async () => {
  await using mini = home("mini");
  expect((await mini.run(["start"])).code).toBe(0);
  await until("the keeper has ended", () => processOf(mini, "keeper") === undefined);
  expect(await statusOf(mini)).not.toHaveProperty("keeper");
});

test("a keeper of an earlier version makes room for the one that is there now", async () => {
  await using daemon = await machine("mini", { notifies: true, version: "9.0.0" });
  const { home: folder, calls } = daemon;
  const environment = { PATH: process.env.PATH ?? "", HOME: folder, PEERNET_HOME: folder };
  // The file that a keeper was started from is replaced by an upgrade, under the same name.
  const program = join(folder, "peernet");
  symlinkSync(executable, program);
  const older = Bun.spawn([program, "keeper"], { env: environment, stderr: "ignore" });
  const keepers = () =>
    processesOf({ folder }).flatMap(({ mode, pid }) => (mode === "keeper" ? [pid] : []));
  expect(await older.exited).toBe(0);
  await until("another one runs", () => keepers().length === 1);
  expect(keepers()).not.toContain(older.pid);
  // It has the same version, since the file has: the daemon asked it once, and uses it.
  await until("it takes errands", async () => (await calls.status({})).keeper === "runs");
  const [pid = 0] = keepers();
  process.kill(pid, "SIGKILL");
  await until("it is gone", () => keepers().length === 0);
});
