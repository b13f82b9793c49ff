/** A daemon that lives and does not answer: the end of each command, and of the daemon. */

import { expect, setDefaultTimeout } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { failed } from "./failing.ts";
import { canSeeProcesses, noProcesses, processesOf } from "./processes.ts";

const test = isBuilt ? skipUnless(canSeeProcesses, noProcesses) : skipUnless(isBuilt, notBuilt);
setDefaultTimeout(60_000);

const silent = failed(3, "the daemon does not answer", "peernet stop, then peernet start");

const daemonOf = (mini: Home): number =>
  processesOf(mini).find(({ mode }) => mode === "daemon")?.pid ?? 0;

/** Starts a daemon, and stops its process where it stands. */
async function stalled(mini: Home): Promise<number> {
  await mini.json(["start"]);
  const pid = daemonOf(mini);
  process.kill(pid, "SIGSTOP");
  return pid;
}

const notePath = ({ folder }: Home): string => join(folder, "process.json");

test("each command ends and says why when the daemon does not answer", async () => {
  await using mini = home("mini");
  await stalled(mini);
  const commands = [
    ...["status", "ask", "peers", "start", "discover", "audit", "audit --follow", "pair --open"],
    "ask x --timeout 60s",
  ].map((line) => line.split(" "));
  const startMs = performance.now();
  const ends = await Promise.all(commands.map((words) => mini.run(words)));
  expect(performance.now() - startMs).toBeLessThan(15_000);
  for (const [at, end] of ends.entries()) expect({ at, ...end }).toEqual({ at, ...silent });
  const { code, out } = await mini.run(["status", "--json"]);
  const error = { code: "daemon_silent", message: "the daemon does not answer" };
  expect({ code, ...JSON.parse(out) }).toEqual({
    code: 3,
    error: { ...error, hint: "peernet stop, then peernet start" },
  });
  const { out: checks } = await mini.run(["doctor"]);
  expect(checks).toStartWith(
    "✗ daemon   the daemon does not answer\n  fix: peernet stop, then peernet start\n",
  );
  expect((await mini.run(["stop"])).code).toBe(0);
});

test("stop ends a daemon whose process was stopped, cleanly, and start starts one", async () => {
  await using mini = home("mini");
  const pid = await stalled(mini);
  expect(await mini.run(["stop"])).toEqual({
    code: 0,
    out: "the daemon is stopped\n",
    err: "it stays stopped until: peernet start\n",
  });
  await until("its process is gone", () => daemonOf(mini) !== pid);
  // It continued, and ended cleanly.
  expect(readFileSync(join(mini.folder, "daemon.log"), "utf8")).toContain('"event":"stopped"');
  expect(await mini.json(["start"])).toMatchObject({ already_running: false });
});

test("stop ends no process but the daemon's, whatever the note of it says", async () => {
  await using mini = home("mini");
  await stalled(mini);
  await using other = Bun.spawn(["sleep", "600"]);
  const note = JSON.parse(readFileSync(notePath(mini), "utf8"));
  const unknown = failed(
    3,
    "the daemon does not answer, and did not note which process it is",
    `fuser -k "${mini.folder}/lock.db"`,
  );
  for (const text of [JSON.stringify({ ...note, pid: other.pid }), "not JSON"]) {
    writeFileSync(notePath(mini), text, { mode: 0o600 });
    expect(await mini.run(["stop"])).toEqual(unknown);
  }
  expect(other.exitCode).toBeNull();
  expect(other.signalCode).toBeNull();
  writeFileSync(notePath(mini), JSON.stringify(note), { mode: 0o600 });
  expect((await mini.run(["stop"])).code).toBe(0);
  expect(other.signalCode).toBeNull();
});
