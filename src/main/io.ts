/** Builds the outside world of a command; slow parts load on demand. */

import type { LaunchParts } from "../cli/frame/launch.ts";
import type { Io } from "../cli/terminal/io.ts";
import { connect } from "../client.ts";
import { PeernetError } from "../contract/errors.ts";
import { stateNames } from "../contract/text/state-names.ts";
import { clocks } from "../platform/clock/clock.ts";
import { timers } from "../platform/clock/timers.ts";
import { outputs } from "../platform/terminal/outputs.ts";
import {
  isDumb,
  isTerminal,
  lineReader,
  onInterrupt,
  onKeys,
  onResize,
  terminalNow,
} from "../platform/terminal/terminal.ts";
import { build } from "../platform/version.ts";
import { stateFolder } from "./home.ts";

/** The arguments that run this program, before the mode. */
export const command = Bun.isStandaloneExecutable
  ? [process.execPath]
  : [process.execPath, Bun.main];

/** Ends the process when the reader of its output has gone: `audit export | head` is no failure. */
export const gone = (): never => process.exit(0);

/** The standard streams, one queue for all modes. `flushed` comes before the end of the process. */
export const { write, flushed } = outputs(gone);

const inHome = (name: string): string => `${stateFolder()}/${name}`;
const caller = { environment: process.env, pid: process.pid };
const launching = () => import("../cli/frame/launch.ts");

/** Looks at this machine, without a daemon. */
const seen: Pick<Io, "tailnet" | "sandbox" | "runners"> = {
  tailnet: async () => (await import("./served.ts")).tailnetSeen(),
  sandbox: async () => (await import("./reader.ts")).sandboxSeen(),
  runners: async () => (await import("./runners.ts")).runnersOf(stateFolder()),
};

/** The real Io of a command. */
export async function realIo(): Promise<Io> {
  const terminal = onceRead(terminalNow);
  const isAtTerminal = (): boolean => terminal().stdin && terminal().stderr;
  const { attending } = await import("../cli/frame/attending.ts");
  const { attends, ...people } = attending({ caller, folder: stateFolder, isAtTerminal });
  const onWait = (): void => {
    if (isTerminal(2)) write(2, "peernet: waiting for the daemon\n");
  };
  const calls = onceRead(() => {
    const waiting = { timers, onWait, attends, ready: flushed };
    return connect(inHome(stateNames.socket), waiting).calls;
  });
  return {
    ...people,
    out: (text) => write(1, text),
    err: (text) => write(2, text),
    flushed,
    terminal,
    color: () => terminal().stdout && !process.env.NO_COLOR && !isDumb(process.env),
    readLine: lineReader(),
    ...{ environment: process.env, pid: process.pid },
    cwd: standingIn,
    isNew: async () => !(await Bun.file(inHome(stateNames.identity)).exists()),
    get home() {
      return stateFolder();
    },
    version: build,
    clock: clocks,
    ...{ timers, newId: Bun.randomUUIDv7 },
    calls,
    ...{ onInterrupt, onKeys, onResize },
    serveDashboard: async (options) => (await import("./served.ts")).servePage(command, options),
    openFile: async (path) => {
      const { openInBrowser } = await import("../platform/terminal/browser.ts");
      return openInBrowser(path, { environment: process.env, timers });
    },
    ensureDaemon: async () => (await launching()).ensureDaemon(await launchParts(calls())),
    startDaemon: async () => (await launching()).startDaemon(await launchParts(calls())),
    stopDaemon: () => halted(calls()),
    ensureKeeper,
    session: async () => (await import("../session/caller.ts")).callerOf(caller),
    command,
    lanAddresses: async () => (await import("../setup/plan/networks.ts")).networksNow().lan ?? [],
    ...seen,
  };
}

/** A value that is made on demand, once. */
function onceRead<T>(read: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: read() };
    return made.value;
  };
}

/** The current folder of this process. @throws {bad_request} when it was removed */
function standingIn(): string {
  try {
    return process.cwd();
  } catch {
    throw new PeernetError("bad_request", {
      message: "the folder that this shell stands in was removed",
      hint: "cd to another folder, then run it again",
    });
  }
}

/**
 * Starts a keeper of this home, unless one runs. A keeper that is about to end checks the leases
 * once more after it has released its lock, so a held lock is enough.
 */
export async function ensureKeeper(): Promise<void> {
  const { startKeeper } = await launching();
  const { stateFiles } = await import("../platform/files.ts");
  const { openLog } = await import("../platform/log.ts");
  const { isTaken } = await import("../store/lock.ts");
  const files = stateFiles(stateFolder());
  const lock = `${files.folder}/${stateNames.keeperLock}`;
  if (files.has(stateNames.keeperLock) && isTaken(lock)) return;
  startKeeper({ environment: process.env, command, openLog: () => openLog(files) });
}

async function halted(calls: LaunchParts["calls"]) {
  const { realProcesses, stopDaemon } = await import("../cli/frame/halt.ts");
  return stopDaemon({ ...realProcesses, ...(await launchParts(calls)) });
}

async function launchParts(calls: LaunchParts["calls"]): Promise<LaunchParts> {
  const { stateFiles } = await import("../platform/files.ts");
  const { openLog } = await import("../platform/log.ts");
  const { configVariables } = await import("../platform/config.ts");
  const { isTaken } = await import("../store/lock.ts");
  const files = stateFiles(stateFolder());
  return {
    calls,
    files,
    clock: clocks,
    timers,
    environment: process.env,
    command,
    openLog: () => openLog(files),
    configVariables,
    // A look at the folder must not create it.
    isHeld: () => files.has(stateNames.lock) && isTaken(`${files.folder}/${stateNames.lock}`),
  };
}
