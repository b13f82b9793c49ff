/** Puts the keeper together: its lock, its readings, its calls of the daemon. */

import { connect } from "../client.ts";
import { keeperPatienceMs } from "../contract/limits.ts";
import type { KeeperOptions } from "../keeper/keeper.ts";
import { timers } from "../platform/clock/timers.ts";
import type { Lock } from "../store/lock.ts";
import { stateFolder } from "./home.ts";

/** Keeps the leases of this home until none is left; returns the exit code. */
export async function keeperMode(): Promise<number> {
  const { takeLock, takeLockSoon } = await import("../store/lock.ts");
  const [{ keep }, { readClaudeState }, { claudeFolder }, { describe }, { isAlive }] =
    await Promise.all([
      import("../keeper/keeper.ts"),
      import("../session/claude-state.ts"),
      import("../harness/agents.ts"),
      import("../session/describe.ts"),
      import("../session/process.ts"),
    ]);
  const { bootClocks } = await import("../platform/clock/boot-clock.ts");
  const { stateFiles } = await import("../platform/files.ts");
  const { fileLog } = await import("../platform/log.ts");
  const files = stateFiles(stateFolder());
  // Many sessions may start at once: one keeper waits for the one that may be about to end. Those
  // that find it waiting leave their leases to it, so it waits on after it has let others wait.
  const turn = takeLock(`${files.folder}/keeper-next.db`);
  if (turn === null) return 0;
  const wait = () =>
    takeLockSoon(`${files.folder}/keeper.db`, { timers, forMs: keeperPatienceMs / 2 });
  const first = await wait();
  turn.release();
  const lock = first ?? (await wait());
  // Another keeper has looked at the leases since this one was started: it has seen them all.
  if (lock === null) return 0;
  const clock = bootClocks();
  const environment = process.env;
  const ofClaude = claudeFolder({ home: environment.HOME ?? "", environment });
  const { calls } = connect(`${files.folder}/control.sock`, { timers });
  const options: KeeperOptions = {
    calls,
    describe: (cwd) => describe(cwd, { environment, timers, home: files.folder }),
    isAlive,
    claudeState: (process) => readClaudeState(ofClaude, process),
    // The home is gone, or a person stopped its daemon.
    mayReturn: () => files.has("lock.db") && !files.has("stopped"),
    clock,
    timers,
    log: fileLog(files, clock),
  };
  let held: Lock | null = lock;
  while (held !== null) {
    await keep(options);
    held.release();
    // A session that came while the lock was held has started no keeper of its own.
    const left = await calls.leases({}).catch(() => null);
    held = left === null || left.leases.length === 0 ? null : takeLock(`${files.folder}/keeper.db`);
  }
  return 0;
}
