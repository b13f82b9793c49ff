/** A session reported by hooks, with the keeper that reads what no hook reports. */

import { expect, setDefaultTimeout } from "bun:test";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "../../src/client.ts";
import { timers } from "../../src/platform/clock/timers.ts";
import { processOf as identified } from "../../src/session/process.ts";
import { executable, type Home, home } from "../support/executable.ts";
import { configure, everywhere, told } from "../support/hooks.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { session } from "./pairing.ts";
import { canSeeProcesses, noProcesses } from "./processes.ts";

const test = skipUnless(canSeeProcesses, noProcesses);
setDefaultTimeout(60_000);

/** Writes Claude Code's file about a session, as it does: completely, replacing the former one. */
function say(at: string, pid: number, more: Readonly<Record<string, unknown>>): void {
  const folder = join(at, "sessions");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${pid}.json`);
  writeFileSync(`${file}.next`, JSON.stringify({ pid, kind: "interactive", ...more }));
  renameSync(`${file}.next`, file);
}

/** The folder of Claude Code's files: the default one, and one of its user's choice. */
const places: readonly ((on: Home) => Readonly<Record<string, string>>)[] = [
  () => ({}),
  (on) => ({ CLAUDE_CONFIG_DIR: join(on.folder, "of claude") }),
];

test.each(places)(
  "the keeper reads that a key ended a turn, a dead session returns",
  async (of) => {
    await using mini = home("mini");
    const place = of(mini);
    const at = place.CLAUDE_CONFIG_DIR ?? join(mini.folder, ".claude");
    configure(mini.folder, everywhere);
    using given = session();
    const pid = Number(given.pid);
    const process = identified(pid);
    if (process === null) throw new Error("it ended at once");
    const event = told({ process, cwd: mini.folder, root: mini.folder });
    const { calls } = connect(join(mini.folder, "control.sock"), { timers });
    // The keeper that it starts may outlive the next one: it is to know the place too.
    const start = Bun.spawn([executable, "start"], {
      env: { ...mini.environment, ...place },
      stdio: ["ignore", "ignore", "ignore"],
    });
    expect(await start.exited).toBe(0);
    expect(await calls.hook(event)).toMatchObject({ handle: "mini/hydrate", taken: true });
    const keeper = Bun.spawn([executable, "keeper"], { env: { ...mini.environment, ...place } });
    const state = async () => (await calls.status({})).handles.map((handle) => handle.state);
    await calls.hook({ ...event, event: "state", state: "working" });
    expect(await state()).toEqual(["working"]);
    const file = { sessionId: event.session_id, procStart: process.start_time };
    await until("the keeper saw that it is idle", async () => {
      // The hook's report is only milliseconds old: a keeper that reads later than it was told
      // cannot tell which of the two is newer.
      say(at, pid, { ...file, status: "idle", statusUpdatedAt: Date.now() });
      return (await state())[0] === "idle";
    });
    // A file of another process with the same number is ignored.
    say(at, pid, { ...file, procStart: "1", status: "busy", statusUpdatedAt: Date.now() });
    given.end();
    await until("it was released", async () => (await state()).length === 0);
    await keeper.exited;
    // Nobody left: the session has its name when it resumes, in another process.
    using again = session();
    const resumed = await calls.hook({ ...event, process: identified(Number(again.pid)) });
    expect(resumed).toMatchObject({ handle: "mini/hydrate", taken: true });
  },
);
