/** The kernel's view of an answering daemon, by strace: no process, no other's file. */

import { expect, setDefaultTimeout } from "bun:test";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { connect } from "../../src/client.ts";
import { PeernetError } from "../../src/contract/errors.ts";
import { timers } from "../../src/platform/clock/timers.ts";
import { type Home, home } from "../support/executable.ts";
import { temporaryFolder } from "../support/repository.ts";
import { hasProgram, longWanted, skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { activate, pairTwo } from "./pairing.ts";
import { canSeeProcesses, noProcesses, processOf } from "./processes.ts";

const test = canSeeProcesses
  ? skipUnless(hasProgram("strace"), "no strace here")
  : skipUnless(canSeeProcesses, noProcesses);
setDefaultTimeout(300_000);

const asks = longWanted ? 10_000 : 1_000;
const askers = 5;

const calls = [
  ...["clone", "clone3", "fork", "vfork", "execve", "execveat"],
  ...["open", "openat", "openat2", "creat", "link", "linkat", "symlink", "symlinkat"],
];

/**
 * Files that the kernel makes up when they are read: how large the garbage collector's own process
 * is, and which interfaces this machine has.
 */
const kernels = /^\/proc\/self\/statm$|^\/sys\/class\/net\/[^/]+\/flags$/;

/** A trace of a process and all its threads, which begins to be written at once. */
async function trace(pid: number, log: string) {
  const command = ["strace", "--follow-forks", `--trace=${calls.join(",")}`, `--attach=${pid}`];
  const child = Bun.spawn([...command, `--output=${log}`], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const attached = await child.stderr.getReader().read();
  expect(new TextDecoder().decode(attached.value)).toContain("attached");
  const end = async (): Promise<void> => {
    child.kill("SIGINT");
    const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
    // It hangs on a newly made process, which is exactly what this test must find.
    await until("strace let go", hasEnded).catch(() => child.kill("SIGKILL"));
    await child.exited;
  };
  return {
    lines: async (): Promise<readonly string[]> => {
      await end();
      return readFileSync(log, "utf8").split("\n").filter(Boolean);
    },
    [Symbol.asyncDispose]: end,
  };
}

/** Starts a daemon that finds no other program: any later start is for an answer. */
const startAlone = (machine: Home): Promise<unknown> =>
  machine.json(["start"], { environment: { PATH: machine.folder } });

/** Asks so often, as fast as one peer may. */
async function askOften(asker: Home, times: number): Promise<void> {
  const { calls } = connect(join(asker.folder, "control.sock"), { timers });
  for (let asked = 0; asked < times; asked++) {
    await until("the ask is not too soon", async () => {
      try {
        await calls.ask({ handle: "mini/hydrate", question: "still there?", thread_id: null });
        return true;
      } catch (error) {
        if (error instanceof PeernetError && error.code === "rate_limited") return false;
        throw error;
      }
    });
  }
}

const p18 = "P18: Answering an ask starts no process and opens no file outside the state folder.";
test(p18, async () => {
  using traces = temporaryFolder();
  await using mini = home("mini");
  await startAlone(mini);
  using _working = await activate(mini, "hydrate");
  await mini.json(["summary", "w".repeat(2_000), "--name", "hydrate"]);
  await using stack = new AsyncDisposableStack();
  const machines = Array.from({ length: askers }, (_, at) => stack.use(home(`asker-${at}`)));
  for (const asker of machines) {
    await startAlone(asker);
    await pairTwo(mini, asker);
    await askOften(asker, 20);
  }
  const before = (await mini.json(["audit", "verify"])) as { records: number };
  await using tracing = await trace(processOf(mini, "daemon") ?? 0, join(traces.path, "calls"));
  await Promise.all(machines.map((asker) => askOften(asker, asks / askers)));
  // One more machine, so that there are connections that were not there before.
  const late = stack.use(home("late"));
  await pairTwo(mini, late);
  await askOften(late, 1);
  // All that was answered to a peer goes with it: too much for the database's own memory.
  await mini.json(["unpair", "asker-0", "--yes"]);
  const lines = await tracing.lines();
  const { records } = (await mini.json(["audit", "verify"])) as { records: number };
  expect(records - before.records).toBeGreaterThanOrEqual(asks);
  const opened = lines.filter((line) => /\b(open|link|symlink|creat)/.test(line));
  const paths = new Set(opened.map((line) => /"([^"]*)"/.exec(line)?.[1] ?? line));
  const elsewhere = [...paths]
    .map((path) => resolve("/", path))
    .filter((path) => !path.startsWith(`${mini.folder}/`) && !kernels.test(path));
  const started = lines.filter((line) => /\b(clone|fork|vfork|exec)/.test(line));
  const processes = started.filter((line) => !line.includes("CLONE_THREAD"));
  expect({ elsewhere, processes }).toEqual({ elsewhere: [], processes: [] });
});
