/**
 * The composition root of the daemon: puts the parts together, starts them in the order that
 * leaves nothing half open, and stops them in the other.
 */

import { PeernetError } from "../contract/errors.ts";
import type { Process } from "../contract/lease.ts";
import { daemonPatienceMs, greetingMs, revokeMs } from "../contract/limits.ts";
import { seal } from "../core/audit-chain.ts";
import { loadOrCreate } from "../peer/identity.ts";
import type { Config } from "../platform/config.ts";
import { type Effects, instantOf } from "../platform/effects.ts";
import { openStore } from "../store/database.ts";
import { type Lock, takeLockSoon } from "../store/lock.ts";
import { controlApi } from "./api/control-api.ts";
import { askingHandlers } from "./ask/outgoing.ts";
import { previewHandlers } from "./ask/preview.ts";
import { auditHandlers } from "./audit/handlers.ts";
import { Trail } from "./audit/trail.ts";
import { type Context, createContext } from "./context/context.ts";
import { detach } from "./context/detached.ts";
import { type LateRecords, lateRecords } from "./context/late-records.ts";
import { observingHandlers } from "./links/doctor.ts";
import { Finder, findingHandlers } from "./links/finder.ts";
import { Links } from "./links/links.ts";
import { Listening } from "./network/addresses.ts";
import { canonical } from "./network/connection.ts";
import type { Listener } from "./network/listener.ts";
import { Networks } from "./network/networks.ts";
import { placing } from "./network/origin.ts";
import { peerApi } from "./network/peer-api.ts";
import { RefusalCounts } from "./network/refusals.ts";
import { noteNames, noteProcess, noteStop } from "./notes.ts";
import { type PairingParts, pairingHandlers } from "./pairing/shown.ts";
import { joiningHandlers } from "./pairing/typed.ts";
import { PairingWindow } from "./pairing/window.ts";
import { type AnsweringParts, answeringHandlers } from "./peer-handlers.ts";
import { peerHandlers } from "./peers/handlers.ts";
import { PeerMemories } from "./peers/memories.ts";
import { sessionHandlers } from "./sessions/handlers.ts";
import { hookHandlers } from "./sessions/hooks.ts";
import { keepingHandlers } from "./sessions/keeping.ts";
import { type SweptInTurn, sweepInTurn } from "./sweep.ts";
import { Watching } from "./watch/feed.ts";
import { type StatusParts, statusHandlers } from "./watch/status.ts";

/** What a daemon is started with. */
export interface DaemonOptions {
  readonly effects: Effects;
  readonly config: Config;
  readonly version: string;
  /** Of which what finds Tailscale's command, HOME, and what stands over config.toml is read. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where tailscaled may listen; its usual places unless given. */
  readonly tailscaledSockets?: readonly string[];
  /** This very process, where the system tells. */
  readonly self?: Process | null;
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
  ...noteNames,
} as const;

/**
 * Starts the daemon of a home.
 * @throws {daemon_running} {daemon_not_running} {state_unsafe} {database_newer}
 * {database_damaged} {port_in_use} {bad_request} {storage_full}
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { files } = options.effects;
  for (const name of Object.values(stateNames)) files.check(name);
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
  noteProcess(effects, options.self ?? null);
  const identity = loadOrCreate(effects);
  const store = openStore({
    path: `${files.folder}/${stateNames.database}`,
    seal: (previous, draft) => seal(previous, draft, effects.sha256),
    defer,
  });
  try {
    const run = { id: effects.random.uuid(), started_boot_ms: clock.bootMs() };
    const context = createContext({ effects, config, identity, version, run, store });
    refuseSharedName(context);
    return await startOpened(options, context, () => {
      store.close();
      lock.release();
    });
  } catch (error) {
    store.close();
    throw error;
  }
}

/** A handle must mean one thing. @throws {bad_request} when a peer has this machine's name */
function refuseSharedName({ tables, config }: Context): void {
  const { name } = config.machine;
  if (tables.peers.named(name) === null) return;
  throw new PeernetError("bad_request", {
    message: `${name} is a peer's name here: a handle would mean two things`,
    hint: "set machine.name in config.toml to another name",
  });
}

async function startOpened(
  options: DaemonOptions,
  context: Context,
  letGo: () => void,
): Promise<Daemon> {
  const { effects, defer, environment, version } = options;
  const { files, log } = effects;
  const stopping = Promise.withResolvers<void>();
  const { fingerprint } = context.identity;
  const networks = new Networks({ ...options, fingerprint });
  const parts = assemble(context, { defer, environment, networks, onStop: stopping.resolve });
  const { listening } = parts;
  try {
    await parts.trail.begin(instantOf(effects.clock));
    await listening.start();
    const closeControl = await parts.control(`${files.folder}/${stateNames.socket}`);
    const cancelSweep = sweepInTurn(parts);
    log.info("started", { version, listen: listening.listen, fingerprint });
    const stop = async (): Promise<void> => {
      cancelSweep();
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
  parts.trail.sign(now);
  parts.watching.close();
  parts.memories.close();
  parts.listening.stop();
  await parts.networks.stop();
  await parts.listener.stop();
}

interface Assembled extends SweptInTurn {
  readonly memories: PeerMemories;
  readonly late: LateRecords;
  readonly listening: Listening;
  readonly networks: Networks;
  /** Binds the control API; resolves to what closes it. */
  readonly control: (socketPath: string) => Promise<() => Promise<void>>;
}

interface Wiring extends Pick<DaemonOptions, "defer" | "environment"> {
  readonly networks: Networks;
  readonly onStop: () => void;
}

function assemble(context: Context, wiring: Wiring): Assembled {
  const { networks } = wiring;
  const pause = () => new Promise<void>((resolve) => wiring.defer(resolve));
  const window = new PairingWindow(context, () => listening.listen);
  const refusals = new RefusalCounts();
  const memories = new PeerMemories(context);
  const late = lateRecords(context);
  const trail = new Trail(context, pause);
  const finder = new Finder(context, networks.sources());
  const port = (): number | null => listening.port;
  const links = new Links({ context, memories, trail, port, finder });
  const greet = (fingerprint: string): Promise<void> =>
    links.greet(fingerprint, { deadlineMs: greetingMs });
  const pairing = { context, window, refusals, port, greet };
  /** The reply to the last call goes first: it has half of the time there is. */
  const endConnectionsOf = (fingerprint: string): void => {
    memories.forget(fingerprint);
    const ended = listener.connectionsOf(fingerprint);
    context.effects.timers.after(revokeMs / 2, () => {
      for (const connection of ended) connection.destroy();
    });
  };
  const answering = { ...pairing, memories, trail, finder, endConnectionsOf };
  const listener: Listener = listenerOf(answering, networks);
  const listening: Listening = new Listening({
    effects: context.effects,
    config: context.config.listen,
    listener,
    lanAddresses: () => networks.lanAddresses(),
    tailnetAddresses: () => networks.tailnetAddresses(),
    onChange: (listen) => {
      detach(context.effects.log, "announcing", () => networks.listensOn(listen));
      memories.hurry();
      context.events.tell({ of: "memory" });
      links.sweep(instantOf(context.effects.clock));
    },
  });
  const startedAtMs = Math.floor(context.effects.clock.wallMs());
  const shown = { context, memories, window, listen: () => listening.listen, startedAtMs };
  const watching = new Watching({ ...shown, trail });
  const kept = { context, window, refusals, memories, trail, links, late, listener, listening };
  const shared = { ...kept, watching };
  const control = controlOf({ ...shared, ...wiring, finder, pairing, shown });
  return { ...shared, networks, control };
}

/** The peer listener, which answers the wire table. */
const listenerOf = (answering: AnsweringParts, { tailnet }: Networks): Listener =>
  peerApi({
    context: answering.context,
    refusals: answering.refusals,
    place: placing((ends) => tailnet.originOf(ends)),
    handlers: { ...pairingHandlers(answering), ...answeringHandlers(answering) },
  });

interface ControlParts extends Omit<Assembled, "control">, Wiring {
  readonly shown: StatusParts;
  readonly finder: Finder;
  readonly pairing: PairingParts;
}

/** The control API of a daemon. */
function controlOf(parts: ControlParts): Assembled["control"] {
  const { context, memories, window, links, trail, finder, networks, shown } = parts;
  const { effects } = context;
  const { listen } = shown;
  const { closeConnectionsOf } = parts.listener;
  return controlApi(context, {
    ...sessionHandlers(context),
    ...keepingHandlers(context),
    ...hookHandlers({
      context,
      peers: (now) => memories.all(now),
      environment: parts.environment,
    }),
    ...joiningHandlers({ ...parts.pairing, resolve: (host) => networks.resolve(host) }),
    ...askingHandlers({ context, links, memories, late: parts.late }),
    ...previewHandlers(context),
    ...auditHandlers(context, trail),
    ...statusHandlers(shown),
    ...peerHandlers({ ...shown, closeConnectionsOf }),
    ...findingHandlers(context, finder),
    ...observingHandlers({ context, memories, finder, listen, networks }),
    "pair/open": ({ from, ...input }, { now, attended }) =>
      window.open({ ...input, attended, from: from === null ? null : canonical(from) }, now),
    watch: (input) => parts.watching.open(input),
    stop: async (_input, { now }) => {
      parts.defer(parts.onStop);
      return { stopping: true, unremembered: noteStop(effects.files, now.wallMs) };
    },
  });
}
