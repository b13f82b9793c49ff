/**
 * Assembles the keeper: its lock, its readings, its errands, its calls of the daemon. The lock is a
 * database's, like the daemon's: the system releases it with the process, and `flock` would need a
 * call into libc for the same.
 */

import { connect } from "../client.ts";
import { keeperGitDeadlineMs, keeperPatienceMs } from "../contract/limits.ts";
import { stateNames } from "../contract/text/state-names.ts";
import type { ErrandRunners } from "../keeper/errands.ts";
import type { KeeperOptions } from "../keeper/keeper.ts";
import { timers } from "../platform/clock/timers.ts";
import type { StateFiles } from "../platform/effects.ts";
import { build } from "../platform/version.ts";
import type { Lock } from "../store/lock.ts";
import { stateFolder } from "./home.ts";
import { ensureKeeper } from "./io.ts";
import type { Readers } from "./readers.ts";

/**
 * Keeps the leases of this home, and carries out errands, while there are any; returns the exit
 * code.
 */
export async function keeperMode(): Promise<number> {
  const { takeLock } = await import("../store/lock.ts");
  const { stateFiles } = await import("../platform/files.ts");
  const files = stateFiles(stateFolder());
  // Another keeper has checked the leases since this one was started: it has seen them all.
  let held = await firstLock(files.folder);
  if (held === null) return 0;
  const { keep } = await import("../keeper/keeper.ts");
  const { doErrands } = await import("../keeper/errands.ts");
  const { readersOf } = await import("./readers.ts");
  const [options, readers] = await Promise.all([optionsOf(files), readersOf(files.folder)]);
  const runners = await errandRunners(readers, files.folder);
  const { calls } = options;
  while (held !== null) {
    const errands = doErrands({ ...options, runners, version: build.version });
    await keep({ ...options, isReplaced: errands.isReplaced });
    await errands.end();
    readers.end();
    held.release();
    if (errands.isReplaced()) {
      // The file of this process is the later version by now.
      await ensureKeeper();
      return 0;
    }
    // A session that came while the lock was held has started no keeper of its own.
    const left = await calls.leases({}).catch(() => null);
    const isNeeded = left !== null && (left.leases.length > 0 || left.wanted === true);
    held = isNeeded ? takeLock(`${files.folder}/${stateNames.keeperLock}`) : null;
  }
  return 0;
}

/**
 * The lock of the home's keeper; null when another keeper holds it and stays. Many sessions may
 * start at once: one keeper waits for another that may be about to end. Later ones leave their
 * leases to the waiting one, so it keeps waiting once others rely on it.
 */
async function firstLock(folder: string): Promise<Lock | null> {
  const { takeLock, takeLockSoon } = await import("../store/lock.ts");
  const turn = takeLock(`${folder}/${stateNames.keeperTurn}`);
  if (turn === null) return null;
  const wait = () =>
    takeLockSoon(`${folder}/${stateNames.keeperLock}`, { timers, forMs: keeperPatienceMs / 2 });
  const first = await wait();
  turn.release();
  return first ?? (await wait());
}

async function optionsOf(files: StateFiles) {
  const [{ readClaudeState }, { claudeFolder }, { describe }, { isAlive }] = await Promise.all([
    import("../session/claude-state.ts"),
    import("../harness/agents.ts"),
    import("../session/describe.ts"),
    import("../session/process.ts"),
  ]);
  const { bootClocks } = await import("../platform/clock/boot-clock.ts");
  const { fileLog } = await import("../platform/log.ts");
  const clock = bootClocks();
  const environment = process.env;
  const ofClaude = claudeFolder({ home: environment.HOME ?? "", environment });
  const { calls } = connect(`${files.folder}/${stateNames.socket}`, { timers });
  return {
    calls,
    describe: (cwd) =>
      describe(cwd, {
        ...{ environment, timers, home: files.folder },
        compares: "files",
        deadlineMs: keeperGitDeadlineMs,
      }),
    isAlive,
    claudeState: (process) => readClaudeState(ofClaude, process),
    // The home is gone, or a person stopped its daemon.
    mayReturn: () => files.has(stateNames.lock) && !files.has(stateNames.stopped),
    clock,
    timers,
    log: fileLog(files, clock),
  } satisfies Omit<KeeperOptions, "isReplaced">;
}

/** The runner of each kind of errand. */
async function errandRunners(readers: Readers, state: string): Promise<ErrandRunners> {
  const { showNotification } = await import("../keeper/notification.ts");
  const { systemProgram: find } = await import("../session/git/program.ts");
  const { platform, env: environment } = process;
  const desktop = { platform, environment, uid: process.getuid?.() ?? 0, find };
  const { sendWebhook } = await import("../keeper/webhooks/send.ts");
  const { random } = await import("../platform/real.ts");
  const telling = {
    ...{ uid: process.geteuid?.() ?? -1, home: environment.HOME ?? "" },
    wallMs: () => Date.now(),
    nonce: () => Buffer.from(random.bytes(24)).toString("base64url"),
  };
  const { programOf, queueTurn, terminals } = await import("../keeper/codex-queue.ts");
  const { searchRecord } = await import("../keeper/record-search.ts");
  const { isAlive } = await import("../session/process.ts");
  const tasks = await (await import("./tasks.ts")).taskRunners(state);
  return {
    webhook: (input, signal) => sendWebhook(input, telling, signal),
    notify: (input, signal) => showNotification(input, desktop, signal),
    queue: (input, signal) => queueTurn(input, { isAlive, programOf, terminals }, signal),
    search: async (input) => ({ nonce: searchRecord(input) }),
    ...readers.runners,
    ...tasks,
  };
}
