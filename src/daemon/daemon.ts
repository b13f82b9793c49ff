/**
 * The composition root of the daemon: puts the parts together, starts them in the order that
 * leaves nothing half open, and stops them in the other.
 */

import { PeernetError } from "../contract/errors.ts";
import { greetingMs, sweepMs } from "../contract/limits.ts";
import { seal } from "../core/audit-chain.ts";
import { loadOrCreate } from "../peer/identity.ts";
import type { Config } from "../platform/config.ts";
import { type Effects, instantOf } from "../platform/effects.ts";
import { openStore } from "../store/database.ts";
import { type Lock, takeLock } from "../store/lock.ts";
import { answeringHandlers } from "./answering.ts";
import { askingHandlers } from "./asking.ts";
import { auditHandlers } from "./auditing.ts";
import { type Context, createContext } from "./context.ts";
import { controlApi } from "./control-api.ts";
import { joiningHandlers } from "./joining.ts";
import { Links } from "./links.ts";
import type { Listener } from "./listener.ts";
import { pairingHandlers } from "./pairing.ts";
import { peerApi } from "./peer-api.ts";
import { PeerMemories } from "./peer-state.ts";
import { peerHandlers } from "./peers.ts";
import { sessionHandlers } from "./sessions.ts";
import { StrangerCounts } from "./strangers.ts";
import { type Swept, sweep } from "./sweep.ts";
import { Trail } from "./trail.ts";
import { PairingWindow } from "./window.ts";

/** What a daemon is started with. */
export interface DaemonOptions {
  readonly effects: Effects;
  readonly config: Config;
  readonly version: string;
  /** Runs a function soon, after the requests that are already here. */
  readonly defer: (run: () => void) => void;
}

/** A daemon that runs. */
export interface Daemon {
  /** `address:port` of each bound listener. */
  readonly listen: readonly string[];
  readonly fingerprint: string;
  /** Resolves when it was told to stop, by the control API. */
  readonly told: Promise<void>;
  /** Stops cleanly: windows closed, the trail signed, sockets gone. */
  stop(): Promise<void>;
}

/** File names inside the state folder. */
export const stateNames = {
  database: "state.db",
  lock: "lock.db",
  socket: "control.sock",
  /** There when `peernet stop` was the last word; holds when that was. */
  stopped: "stopped",
} as const;

/**
 * Starts the daemon of a home.
 * @throws {daemon_running} {daemon_not_running} {state_unsafe} {database_newer}
 * {database_damaged} {port_in_use} {bad_request} {storage_full}
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { files } = options.effects;
  for (const name of Object.values(stateNames)) files.check(name);
  const lock = takeLock(`${files.folder}/${stateNames.lock}`);
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
  const { files, clock, timers, log } = effects;
  const identity = loadOrCreate(effects);
  const store = openStore({
    path: `${files.folder}/${stateNames.database}`,
    seal: (previous, draft) => seal(previous, draft, effects.sha256),
    defer,
  });
  const run = { id: effects.random.uuid(), started_boot_ms: clock.bootMs() };
  const context = createContext({ effects, config, identity, version, run, store });
  const stopping = Promise.withResolvers<void>();
  const listen: string[] = [];
  const parts = assemble(context, { defer, listen, onStop: stopping.resolve });
  try {
    await bindAll(parts.listener, config, listen);
    const closeControl = await parts.control(`${files.folder}/${stateNames.socket}`);
    const cancelSweep = timers.every(sweepMs, () => {
      sweep(parts, instantOf(clock)).catch((error: unknown) => {
        log.error("sweep_failed", {
          code: error instanceof PeernetError ? error.code : "internal",
        });
      });
    });
    log.info("started", { version, listen, fingerprint: identity.fingerprint });
    const stop = async (): Promise<void> => {
      cancelSweep();
      await closing(context, parts);
      await closeControl();
      files.remove(stateNames.socket);
      store.close();
      lock.release();
      log.info("stopped");
    };
    return { listen, fingerprint: identity.fingerprint, told: stopping.promise, stop };
  } catch (error) {
    await parts.listener.stop();
    store.close();
    throw error;
  }
}

async function closing(context: Context, parts: Swept & Parts): Promise<void> {
  const now = instantOf(context.effects.clock);
  await context.transact(now, (work) => {
    parts.window.close(work);
    parts.strangers.flush(work);
    return { value: undefined };
  });
  parts.trail.sign(now);
  parts.memories.close();
  await parts.listener.stop();
}

interface Parts {
  readonly memories: PeerMemories;
  /** Binds the control API; resolves to what closes it. */
  readonly control: (socketPath: string) => Promise<() => Promise<void>>;
}

interface Wiring {
  readonly defer: (run: () => void) => void;
  readonly listen: readonly string[];
  readonly onStop: () => void;
}

function assemble(context: Context, { defer, listen, onStop }: Wiring): Swept & Parts {
  const pause = () => new Promise<void>((resolve) => defer(resolve));
  const port = (): number | null => portOf(listen);
  const window = new PairingWindow(context, () => listen);
  const strangers = new StrangerCounts();
  const memories = new PeerMemories(context);
  const trail = new Trail(context, pause);
  const links = new Links({ context, memories, trail, port });
  const greet = (fingerprint: string): Promise<void> => links.greet(fingerprint, greetingMs);
  const pairing = { context, window, port, greet };
  const answering = { ...pairing, memories, strangers, trail };
  const listener = peerApi({
    context,
    strangers,
    handlers: { ...pairingHandlers(pairing), ...answeringHandlers(answering) },
  });
  const startedAtMs = Math.floor(context.effects.clock.wallMs());
  const closeConnectionsOf = listener.closeConnectionsOf;
  const peers = { context, memories, window, listen: () => listen, startedAtMs };
  const control = controlApi(context, {
    ...sessionHandlers(context),
    ...joiningHandlers(pairing),
    ...askingHandlers({ context, links, memories }),
    ...auditHandlers(context, trail),
    ...peerHandlers({ ...peers, closeConnectionsOf }),
    "pair/open": (input, { now }) => window.open(input, now),
    stop: async (_input, { now }) => {
      context.effects.files.write(stateNames.stopped, String(Math.floor(now.wallMs)));
      defer(onStop);
      return { stopping: true };
    },
  });
  return { context, window, strangers, memories, trail, links, listener, control };
}

/** The port that every address is bound to; null while none is. */
function portOf(listen: readonly string[]): number | null {
  const [first] = listen;
  return first === undefined ? null : Number(first.slice(first.lastIndexOf(":") + 1));
}

async function bindAll(listener: Listener, config: Config, listen: string[]): Promise<void> {
  for (const address of config.listen.addresses) {
    // One port for all addresses: a peer is told one.
    listen.push(await listener.bind(address, portOf(listen) ?? config.listen.port));
  }
}
