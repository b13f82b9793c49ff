/**
 * A machine of a run: the product's own handlers, links, window, trail and store, put together as
 * the daemon does it. In place of TLS and of the signature of tokens stands who really calls; the
 * clocks, timers, randomness, files, network and commits are the run's.
 */

import { errorTable, PeernetError } from "../../src/contract/errors.ts";
import { wire } from "../../src/contract/wire.ts";
import {
  type Credential,
  isGood,
  type RemoteCaller,
} from "../../src/daemon/network/authenticate.ts";
import type { Connection } from "../../src/daemon/network/connection.ts";
import { type Effects, type Instant, instantOf } from "../../src/platform/effects.ts";
import { sha256 } from "../../src/platform/real.ts";
import { fakeFiles, fakeLog, seededRandom } from "../support/effects.ts";
import { Disk } from "./crashing-store.ts";
import { assemble, type Daemon, type DelegatingOf } from "./daemon.ts";
import { type Arrived, hostOf, type Left, type Network } from "./network.ts";
import type { Owner, Schedule } from "./schedule.ts";
import { asIs, type Variant } from "./variant.ts";
import { digest, identityOf } from "./who.ts";

/** Dependencies of a machine. */
export interface MachineParts {
  readonly index: number;
  readonly schedule: Schedule;
  readonly network: Network;
  readonly variant: Variant;
  readonly path: string;
  /** Is told of each reply as it leaves. */
  readonly onReply: (replied: Replied) => void;
  /** The tasks of its daemons; none unless given. */
  readonly delegating?: DelegatingOf;
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
  const made = new Disk({ path, schedule, variant });
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

/** A connection that a machine made. */
export function connectionOf(from: number, isReverse = false): Connection {
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
    isReverse,
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
  { from, path, token, body, isReverse }: Arrived,
  connection: Connection = connectionOf(from, isReverse),
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
