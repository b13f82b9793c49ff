/** The process that a session is taken to live in: the client's, above mere launchers. */

import { expect, setDefaultTimeout } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "../../src/client.ts";
import { timers } from "../../src/platform/clock/timers.ts";
import { canSeeProcesses, noProcesses } from "../scenario/processes.ts";
import { executable, type Home, home } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { connected, type StartOptions } from "./support.ts";

const test = skipUnless(canSeeProcesses, noProcesses);
setDefaultTimeout(30_000);

/** A script that starts the server and hands its own streams on. */
const launcher = `
const stdio = ["inherit", "inherit", "inherit"];
const child = Bun.spawn([${JSON.stringify(executable)}, "mcp"], { stdio });
process.exit(await child.exited);
`;

function script(place: Home, name: string): string {
  const path = join(place.folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, launcher);
  return path;
}

/** The process of the one lease, after a client started like that has taken a handle. */
async function holder(place: Home, options: StartOptions): Promise<number | undefined> {
  await using agent = await connected(place, options);
  const { isError, text } = await agent.call("activate_session", { name: "x" });
  if (isError) throw new Error(text);
  const { leases } = await connect(join(place.folder, "control.sock"), { timers }).calls.leases({});
  await agent.call("deactivate_session");
  const pid = leases[0]?.process.pid;
  return pid === agent.pipes.pid ? 0 : pid;
}

test("a shell, npx and a launcher are passed, a client that is a script is not", async () => {
  await using place = home("mini");
  const shell = ["sh", "-c", '"$0" mcp; exit $?', executable];
  expect(await holder(place, { command: shell })).toBe(process.pid);
  const ours = script(place, "node_modules/.bin/peernet.js");
  expect(await holder(place, { command: [process.execPath, ours] })).toBe(process.pid);
  const npx = script(place, "npm/bin/npx-cli.js");
  expect(
    await holder(place, { command: ["sh", "-c", `"$0" ${npx}; true`, process.execPath] }),
  ).toBe(process.pid);
  const gemini = script(place, "gemini.js");
  expect(await holder(place, { command: [process.execPath, gemini] })).toBe(0);
});

test("a handle ends with its client's process", async () => {
  await using place = home("mini");
  {
    const command = [process.execPath, script(place, "client.js")];
    const agent = await connected(place, { command });
    expect((await agent.call("activate_session", { name: "x" })).isError).toBe(false);
    agent.pipes.kill("SIGKILL");
  }
  await until("it is released", async () => {
    const { handles } = Object(await place.json(["status"]));
    return handles.length === 0;
  });
});
