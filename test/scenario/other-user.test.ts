/** Another user of this machine, who tries to get in while homes are made. */

import { expect, setDefaultTimeout } from "bun:test";
import { chmodSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executable, home } from "../support/executable.ts";
import { hasProgram, longWanted, skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { canSeeProcesses, noProcesses } from "./processes.ts";

const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

/** True when another user may run the test's program. */
const isNobodyAble =
  hasProgram("setpriv") &&
  Bun.spawnSync([...nobody, process.execPath, "--version"], { cwd: "/" }).success;

const test = canSeeProcesses
  ? skipUnless(isNobodyAble, "another user needs setpriv, or may not run bun here")
  : skipUnless(canSeeProcesses, noProcesses);
setDefaultTimeout(300_000);

const restarts = longWanted ? 1_000 : 100;

/** Another user at work on a folder, until the block ends. */
async function knocker(folder: string, place: string) {
  const script = join(place, "knocker.ts");
  cpSync(join(import.meta.dir, "knocker.ts"), script);
  chmodSync(script, 0o644);
  const child = Bun.spawn([...nobody, process.execPath, script, folder], {
    cwd: "/",
    env: { PATH: process.env.PATH ?? "", HOME: "/nonexistent" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  const read = (async () => {
    for await (const chunk of child.stdout) text += new TextDecoder().decode(chunk);
  })();
  await until("the other user is at work", () => text.startsWith("ready\n"));
  return {
    got: () => [...new Set(text.split("\n").filter((line) => line !== "ready" && line !== ""))],
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await read;
    },
  };
}

test("no other user gets in while a home is made, whatever the umask", async () => {
  await using mini = home("mini");
  const place = mkdtempSync(join(tmpdir(), "peernet-open-"));
  chmodSync(place, 0o755);
  const folder = join(place, "home");
  await using other = await knocker(folder, place);
  const status = (): Promise<boolean> =>
    mini.run(["status"], { environment: { PEERNET_HOME: folder } }).then(({ code }) => code === 0);
  const run = async (then: () => Promise<void>): Promise<void> => {
    const child = Bun.spawn(["sh", "-c", 'umask 000; exec "$@"', "sh", executable, "daemon"], {
      env: { ...mini.environment, PEERNET_HOME: folder },
      stdio: ["ignore", "ignore", "ignore"],
    });
    await until("the daemon answers", status);
    await then();
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
  };
  for (let restart = 0; restart < restarts; restart++) {
    // Every second time there is nothing yet, and all of it is made.
    if (restart % 2 === 0) rmSync(folder, { recursive: true, force: true });
    await run(async () => {});
  }
  expect(other.got()).toEqual([]);
  // The control: with permission it does get in, so its failures above mean something.
  await run(async () => {
    for (const name of [".", "control.sock", "daemon.log"]) chmodSync(join(folder, name), 0o777);
    await until("it is in", () => other.got().length === 2);
  });
  expect(other.got().toSorted()).toEqual(["connected", "daemon.log"]);
  rmSync(place, { recursive: true });
});
