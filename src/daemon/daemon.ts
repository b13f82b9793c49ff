/**
 * The life of a daemon: takes its lock, opens its store, starts its parts in an order that leaves
 * nothing half open, and stops them in the reverse order.
 */

import { PeernetError } from "../contract/errors.ts";
import type { Process } from "../contract/lease.ts";
import { daemonPatienceMs } from "../contract/limits.ts";
import { stateNames } from "../contract/text/state-names.ts";
import { seal } from "../core/audit-chain.ts";
import { loadOrCreate } from "../peer/identity.ts";
import type { Config } from "../platform/config.ts";
import { type Effects, instantOf } from "../platform/effects.ts";
import { openStore } from "../store/database.ts";
import { type Lock, takeLockSoon } from "../store/lock.ts";
import { logBytes } from "../store/log-blocks.ts";
import { type Assembled, assemble } from "./assemble.ts";
import { type Context, createContext } from "./context/context.ts";
import { serveMetrics } from "./metrics/server.ts";
import { Networks } from "./network/networks.ts";
import { noteProcess } from "./notes.ts";
import { sweepInTurn } from "./sweep.ts";
import { type TrustedLine, trustLines } from "./trust/handlers.ts";
import { tellOfMail } from "./watch/mail-news.ts";
import { notifyWaiting, unlimited } from "./watch/notifications.ts";
import { tellOfTasks } from "./watch/task-news.ts";

/** Options of a new daemon. */
export interface DaemonOptions {
  readonly effects: Effects;
  readonly config: Config;
  readonly version: string;
  /** Read only for the place of Tailscale's command, HOME, and overrides of config.toml. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The sockets on which tailscaled may listen; its default ones unless given. */
  readonly tailscaledSockets?: readonly string[];
  /** Lines of root's files about trusted machines. */
  readonly trusted?: readonly TrustedLine[];
  /** This very process, when the system shows it. */
  readonly self?: Process | null;
  /** Runs a function after the requests that have already arrived. */
  readonly defer: (run: () => void) => void;
}

/** A running daemon. */
export interface Daemon {
  /** `address:port` of each bound listener. */
  readonly listen: readonly string[];
  readonly fingerprint: string;
  /** Resolves when the control API has received a stop. */
  readonly told: Promise<void>;
  /** Stops cleanly: windows closed, the trail signed, sockets removed. */
  stop(): Promise<void>;
}

/** Files that must be safe before any of them is opened. */
const checkedNames = [
  ...[stateNames.database, stateNames.lock, stateNames.socket],
  ...[stateNames.stopped, stateNames.process],
];

/**
 * Starts the daemon of a home.
 * @throws {daemon_running} {daemon_not_running} {state_unsafe} {database_newer}
 * {database_damaged} {port_in_use} {bad_request} {storage_full}
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { files } = options.effects;
  for (const name of checkedNames) files.check(name);
  const path = `${files.folder}/${stateNames.lock}`;
  const lock = await takeLockSoon(path, {
    timers: options.effects.timers,
    forMs: daemonPatienceMs,
  });
  if (lock === null) throw new PeernetError("daemon_running");
  try {
    return await startLocked(options, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function startLocked(options: DaemonOptions, lock: Lock): Promise<Daemon> {
  const { effects, config, version, defer } = options;
  const { files, clock } = effects;
  // A daemon that stops takes its note with it.
  const isAfterAbruptEnd = files.has(stateNames.process);
  noteProcess(effects, options.self ?? null);
  const identity = loadOrCreate(effects);
  const store = openStore({
    path: `${files.folder}/${stateNames.database}`,
    seal: (previous, draft) => seal(previous, draft, effects.sha256),
    defer,
  });
  try {
    // Closing the file again ends no lock of SQLite: those are on other files.
    files.lengthen(stateNames.databaseLog, logBytes);
    const run = { id: effects.random.uuid(), started_boot_ms: clock.bootMs() };
    const context = createContext({ effects, config, identity, version, run, store });
    refuseSharedName(context);
    const letGo = (): void => {
      store.close();
      lock.release();
    };
    return await startOpened(options, { context, isAfterAbruptEnd, letGo });
  } catch (error) {
    store.close();
    throw error;
  }
}

/** A handle must mean one session. @throws {bad_request} when a peer has this machine's name */
function refuseSharedName({ tables, config }: Context): void {
  const { name } = config.machine;
  if (tables.peers.named(name) === null) return;
  throw new PeernetError("bad_request", {
    message: `${name} is a peer's name here: a handle would mean two things`,
    hint: "set machine.name in config.toml to another name",
  });
}

interface Opened {
  readonly context: Context;
  readonly isAfterAbruptEnd: boolean;
  readonly letGo: () => void;
}

async function startOpened(
  options: DaemonOptions,
  { context, isAfterAbruptEnd, letGo }: Opened,
): Promise<Daemon> {
  const { effects, defer, environment, version } = options;
  const { files, log } = effects;
  const stopping = Promise.withResolvers<void>();
  const { fingerprint } = context.identity;
  const networks = new Networks({ ...options, fingerprint });
  const parts = assemble(context, { defer, environment, networks, onStop: stopping.resolve });
  const { listening } = parts;
  await parts.trail.begin(instantOf(effects.clock), { isAfterAbruptEnd });
  try {
    await listening.start();
    await parts.reach.begin(instantOf(effects.clock));
    const trusting = { context, meetings: parts.meetings };
    await trustLines(trusting, options.trusted ?? [], instantOf(effects.clock));
    const closeControl = await parts.control(`${files.folder}/${stateNames.socket}`);
    parts.telling.begin();
    parts.reading.tasks.begin();
    const closeMetrics = serveMetrics(context, (now) => parts.metrics.text(now));
    const notifying = { ...parts, limit: unlimited() };
    const cancels = [sweepInTurn(parts), notifyWaiting(notifying), tellOfMail(notifying)];
    cancels.push(tellOfTasks(notifying));
    cancels.push(parts.webhooks.begin());
    log.info("started", { version, listen: listening.listen, fingerprint });
    const stop = async (): Promise<void> => {
      for (const cancel of cancels) cancel();
      await closeMetrics();
      await closing(context, parts);
      await closeControl();
      files.remove(stateNames.socket);
      files.remove(stateNames.process);
      letGo();
      log.info("stopped");
    };
    return { listen: listening.listen, fingerprint, told: stopping.promise, stop };
  } catch (error) {
    listening.stop();
    await networks.stop();
    await parts.listener.stop();
    // It is on record by now, and no daemon ran since.
    files.remove(stateNames.process);
    throw error;
  }
}

async function closing(context: Context, parts: Assembled): Promise<void> {
  const now = instantOf(context.effects.clock);
  await context.transact(now, (work) => {
    parts.late.flush(work);
    parts.window.close(work);
    parts.refusals.flush(work, "end");
    return { value: undefined };
  });
  parts.reach.close();
  parts.telling.close();
  parts.reading.outgoing.close();
  parts.reading.tasks.close();
  parts.trail.sign(now);
  parts.watching.close();
  parts.errands.close();
  parts.memories.close();
  parts.dials.close();
  parts.reverse.close();
  parts.listening.stop();
  await parts.networks.stop();
  await parts.listener.stop();
}
