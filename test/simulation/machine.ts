/**
 * A machine of a run: the product's own handlers, links, window, trail and store, put together as
 * the daemon does it. In place of TLS and of the signature of tokens stands who really calls; the
 * clocks, timers, randomness, files, network and commits are the run's.
 */

import { hex } from "../../src/contract/encoding.ts";
import { errorTable, PeernetError } from "../../src/contract/errors.ts";
import type { Handlers } from "../../src/contract/operation.ts";
import { type Wire, wire } from "../../src/contract/wire.ts";
import { answeringHandlers } from "../../src/daemon/answering.ts";
import { askingHandlers } from "../../src/daemon/asking.ts";
import { type Credential, isGood, type RemoteCaller } from "../../src/daemon/authenticate.ts";
import type { Connection } from "../../src/daemon/connection.ts";
import { type Context, createContext } from "../../src/daemon/context.ts";
import { Finder } from "../../src/daemon/finding.ts";
import { hookHandlers } from "../../src/daemon/hooks.ts";
import { keepingHandlers } from "../../src/daemon/keeping.ts";
import { Links } from "../../src/daemon/links.ts";
import type { Listener } from "../../src/daemon/listener.ts";
import { pairingHandlers } from "../../src/daemon/pairing.ts";
import { PeerMemories } from "../../src/daemon/peer-state.ts";
import { peerHandlers } from "../../src/daemon/peers.ts";
import { sessionHandlers } from "../../src/daemon/sessions.ts";
import { StrangerCounts } from "../../src/daemon/strangers.ts";
import { sweep } from "../../src/daemon/sweep.ts";
import { Trail } from "../../src/daemon/trail.ts";
import { PairingWindow } from "../../src/daemon/window.ts";
import { type Identity, loadOrCreate } from "../../src/peer/identity.ts";
import {
  type Effects,
  type Instant,
  instantOf,
  type StateFiles,
} from "../../src/platform/effects.ts";
import { sha256 } from "../../src/platform/real.ts";
import { fakeEffects, fakeFiles, fakeLog, seededRandom } from "../support/effects.ts";
import { type Disk, disk } from "./crashing-store.ts";
import { type Arrived, hostOf, type Left, type Network } from "./network.ts";
import type { Owner, Schedule } from "./schedule.ts";
import { asIs, type Variant } from "./variant.ts";

/** The port every machine of a run listens on. */
export const port = 7337;
/** A name for a machine of a run. */
export const nameOf = (machine: number): string => `m${machine}`;

// They take long to make, and no decision depends on them.
const identities: Identity[] = [0, 1].map((seed) => loadOrCreate(fakeEffects(seed)));

/** Who a machine of a run is. @throws RangeError when there are not so many */
export function identityOf(machine: number): Identity {
  const identity = identities[machine];
  if (identity === undefined) throw new RangeError("no such machine");
  return identity;
}

/** The index of the machine with a fingerprint. */
export const machineOf = (fingerprint: string): number =>
  identities.findIndex((identity) => identity.fingerprint === fingerprint);

/** SHA-256 of a text, as rows have it. */
export const digest = (text: string): string => hex(sha256(new TextEncoder().encode(text)));

type Local = ReturnType<typeof sessionHandlers> &
  ReturnType<typeof keepingHandlers> &
  ReturnType<typeof hookHandlers> &
  ReturnType<typeof askingHandlers> &
  ReturnType<typeof peerHandlers>;

/** One life of a machine's daemon. */
export interface Daemon extends Owner {
  readonly run: string;
  readonly context: Context;
  readonly window: PairingWindow;
  readonly trail: Trail;
  readonly memories: PeerMemories;
  /** What its own user calls. */
  readonly local: Local;
  /** What is called over the network. */
  readonly remote: Handlers<Wire, RemoteCaller>;
  sweep(): Promise<void>;
}

/** What a machine is made of. */
export interface MachineParts {
  readonly index: number;
  readonly schedule: Schedule;
  readonly network: Network;
  readonly variant: Variant;
  readonly path: string;
  /** Is told of each reply as it leaves. */
  readonly onReply: (replied: Replied) => void;
}

/** A request, when it arrived, and its reply. */
export interface Replied extends Arrived {
  readonly machine: Machine;
  readonly reply: Left;
  /** By the boot clock, and as the how-manieth event. */
  readonly bootMs: number;
  readonly arrived: number;
  readonly run: string;
}

/** A machine of a run. */
export interface Machine {
  readonly index: number;
  readonly effects: Effects;
  readonly disk: Disk;
  readonly daemon: Daemon;
  /** While it sleeps nothing reaches it. */
  readonly isAsleep: boolean;
  now(): Instant;
  /** Lets the machine sleep: only the boot clock and the wall clock go on. */
  suspend(ms: number): void;
  /** Sets the wall clock. */
  setWall(byMs: number): void;
  /** Starts a daemon where none runs. */
  start(): void;
  /** Takes in a request of the wire table from a machine that proved its key. */
  serve(arrived: Arrived, connection?: Connection): Promise<Left | null>;
}

/** Effects whose clocks and timers are the schedule's. */
function effectsOf({ index, schedule }: MachineParts, owner: () => Owner) {
  const slept = { ms: 0 };
  const wall = { ms: 1_800_000_000_000 + index * 3_333 };
  const clock = {
    wallMs: () => schedule.nowMs + wall.ms,
    bootMs: () => schedule.nowMs + 50_000_000 * (index + 1),
    monotonicMs: () => schedule.nowMs + 7_000 - slept.ms,
  };
  const files = fakeFiles();
  files.contents.set("config.toml", 'sessions.activate = "repositories"\n');
  const effects: Effects = {
    clock,
    random: seededRandom(schedule.draw.below(2 ** 32), { ...clock }),
    timers: {
      after: (ms, run) => schedule.after(ms, owner(), run),
      every: () => {
        throw new Error("a run sweeps by itself");
      },
    },
    sha256,
    files,
    log: fakeLog(),
  };
  return { effects, slept, wall };
}

/** Makes a machine whose daemon runs. */
export function machine(parts: MachineParts): Machine {
  const { index, schedule, network, variant, path } = parts;
  let daemon: Daemon;
  const { effects, slept, wall } = effectsOf(parts, () => daemon);
  const made = disk({ path, schedule, variant });
  const started = (): Daemon => {
    const process: Owner = { isOver: false };
    return Object.assign(process, assemble({ ...parts, effects, disk: made, process }));
  };
  daemon = started();
  let wakesMs = 0;
  const machine: Machine = {
    index,
    effects,
    disk: made,
    get daemon() {
      return daemon;
    },
    get isAsleep() {
      return schedule.nowMs < wakesMs;
    },
    now: () => instantOf(effects.clock),
    suspend: (ms) => {
      slept.ms += ms;
      wakesMs = schedule.nowMs + ms;
      schedule.postpone(daemon, ms);
    },
    setWall: (byMs) => {
      wall.ms += byMs;
    },
    start: () => {
      daemon = started();
      network.attach(index, (arrived) => machine.serve(arrived));
    },
    serve: async (arrived, connection) => {
      if (daemon.isOver || machine.isAsleep) return null;
      const serving = { daemon, variant, now: machine.now() };
      const at = { bootMs: serving.now.bootMs, arrived: schedule.happened, run: daemon.run };
      const left = await serve(serving, arrived, connection);
      if (left !== null) parts.onReply({ machine, ...arrived, ...at, reply: left });
      return left;
    },
  };
  network.attach(index, (arrived) => machine.serve(arrived));
  return machine;
}

interface Assembling extends MachineParts {
  readonly effects: Effects;
  readonly disk: Disk;
  readonly process: Owner;
}

/** Puts a daemon together, as `daemon/daemon.ts` does, without sockets. */
function assemble(parts: Assembling): Omit<Daemon, "isOver"> {
  const { index, network, process, variant } = parts;
  const effects = { ...parts.effects, files: filesOf(parts.effects.files, process) };
  const run = { id: effects.random.uuid(), started_boot_ms: effects.clock.bootMs() };
  const config = {
    machine: { name: nameOf(index) },
    listen: { addresses: [], port },
    discovery: { tailnet: false, addresses: [] },
    tailnet: { sameUserOnly: true },
    sessions: { activate: "none" as const, folders: [], exclude: [], headless: false },
  };
  const store = parts.disk.open(process, run.id, () => trail.sign(instantOf(effects.clock)));
  const identity = identityOf(index);
  const context = createContext({ effects, config, identity, version: "0", run, store });
  const memories = new PeerMemories(context);
  memories.client = (peer) => network.client({ index, process }, machineOf(peer.fingerprint));
  const window = new PairingWindow(context, () => []);
  if (variant.forgetsAttempts === true) window.spend = () => {};
  const strangers = new StrangerCounts();
  const trail: Trail = new Trail(context, () => Promise.resolve());
  const finder = new Finder(context, []);
  finder.locate = async () => ({ found: null, searched: true });
  finder.seen = async () => {};
  const links = new Links({ context, memories, trail, port: () => port, finder });
  // A token that is refused stays refused: its exchange signs, outside of the schedule.
  links.exchange = () => Promise.reject(new PeernetError("peer_refused"));
  const pairing = { context, window, strangers, port: () => port, greet: async () => {} };
  const endConnectionsOf = (fingerprint: string): void => memories.forget(fingerprint);
  const closeConnectionsOf = (): number => 0;
  const listener = { sweep: () => {} } satisfies Partial<Listener>;
  // The sweep asks nothing else of a listener.
  const swept = { context, window, strangers, links, trail, listener: listener as never };
  return {
    run: run.id,
    context,
    window,
    trail,
    memories,
    local: {
      ...sessionHandlers(context),
      ...keepingHandlers(context),
      ...hookHandlers({ context, memories, environment: {} }),
      ...askingHandlers({ context, links, memories }),
      ...peerHandlers({
        context,
        memories,
        window,
        listen: () => [],
        startedAtMs: 0,
        closeConnectionsOf,
      }),
    },
    remote: {
      ...pairingHandlers(pairing),
      ...answeringHandlers({ ...pairing, memories, trail, finder, endConnectionsOf }),
    },
    sweep: () => sweep(swept, instantOf(effects.clock)),
  };
}

/** The files as a process has them: one that is over writes no more. */
const filesOf = (files: StateFiles, process: Owner): StateFiles => ({
  ...files,
  append: (name, text) => {
    if (!process.isOver) files.append(name, text);
  },
});

/** A connection that a machine made. */
export function connectionOf(from: number): Connection {
  const { fingerprint, certificate } = identityOf(from);
  const address = hostOf(from);
  return {
    fingerprint,
    certificate,
    origin: { address, transport: "lan", node: null, login: null, refusal: null },
    isPlaced: true,
    ends: { localAddress: "", remoteAddress: address, remotePort: 1 },
    exporter: () => new Uint8Array(32),
    requests: 2,
    closeSoon: false,
  };
}

interface Serving {
  readonly daemon: Daemon;
  readonly variant: Variant;
  readonly now: Instant;
}

/** Admits, parses and answers, as `daemon/peer-api.ts` and `daemon/mount.ts` do. */
async function serve(
  { daemon, variant, now }: Serving,
  { from, path, token, body }: Arrived,
  connection: Connection = connectionOf(from),
): Promise<Left | null> {
  try {
    const credential = credentialOf(connection, token);
    const needsOne = wire[path].caller === "peer" || wire[path].caller === "exchange";
    if (needsOne && !isGood(daemon.context.tables, credential)) {
      throw new PeernetError("unauthenticated");
    }
    const input = wire[path].input.safeParse(JSON.parse(body));
    if (!input.success) throw new PeernetError("bad_request");
    // Each path's handler takes what the schema of its own row gives.
    const run = daemon.remote[path] as (input: unknown, caller: RemoteCaller) => unknown;
    const caller = { now: variant.instant?.(now) ?? now, connection, credential };
    const output = await run(input.data, caller);
    return daemon.isOver ? null : { status: 200, body: JSON.stringify(output) };
  } catch (error) {
    if (daemon.isOver) return null;
    // Where nothing is planted, nothing but refusals may be thrown.
    if (!(error instanceof PeernetError) && variant === asIs) throw error;
    if (!(error instanceof PeernetError)) return { status: 500, body: "{}" };
    const status = errorTable[error.code].status ?? 500;
    return { status, body: JSON.stringify({ error: error.body }) };
  }
}

const credentialOf = ({ fingerprint }: Connection, token: string): Credential => ({
  fingerprint: fingerprint ?? "",
  jti: token.slice("token-".length),
  sha256: digest(token),
});
