/**
 * One machine's leases as they are in use: the real handlers over a real database in memory, with
 * clocks that a test moves, a daemon that it restarts, and sessions that beat for themselves.
 */

import type { ActivateInput } from "../../../src/contract/lease.ts";
import { seal } from "../../../src/core/audit-chain.ts";
import type { Now } from "../../../src/core/sessions/lease.ts";
import type { LocalCaller } from "../../../src/daemon/context/context.ts";
import { type Context, createContext, nowOf } from "../../../src/daemon/context/context.ts";
import { PeerMemories } from "../../../src/daemon/peers/memories.ts";
import { sessionHandlers } from "../../../src/daemon/sessions/handlers.ts";
import { hookHandlers } from "../../../src/daemon/sessions/hooks.ts";
import { keepingHandlers } from "../../../src/daemon/sessions/keeping.ts";
import { expire } from "../../../src/daemon/sessions/leases.ts";
import { loadOrCreate } from "../../../src/peer/identity.ts";
import type { Config } from "../../../src/platform/config.ts";
import { type Instant, instantOf } from "../../../src/platform/effects.ts";
import { openStore } from "../../../src/store/database.ts";
import { type FakeClock, type FakeTimers, fakeEffects } from "../../support/effects.ts";

// Leases need none; one for all, since it takes long to make.
const identity = loadOrCreate(fakeEffects());

type Handling = ReturnType<typeof sessionHandlers> &
  ReturnType<typeof keepingHandlers> &
  ReturnType<typeof hookHandlers>;

/** A machine's leases. */
export interface World extends Disposable {
  readonly clock: FakeClock;
  readonly timers: FakeTimers;
  readonly context: Context;
  readonly now: Now;
  readonly handlers: Handling;
  /** Edits config.toml. */
  configure(text: string): void;
  /** The caller of this very moment. */
  caller(): LocalCaller;
  /** Ends the daemon and starts another on the same database. */
  restart(): void;
  /** The part of a sweep that concerns leases. */
  sweep(): Promise<void>;
}

const config: Config = {
  machine: { name: "mini" },
  listen: { addresses: [], port: 0 },
  discovery: { tailnet: false, addresses: [] },
  tailnet: { sameUserOnly: true },
  sessions: { activate: "none", folders: [], exclude: [], headless: false },
  messages: { to: ["mine"], wake: "always", wakeUnattended: [] },
  notify: { desktop: false, bell: false },
};

/** Makes one; equal seeds give equal runs. */
export function world(seed: number): World {
  const effects = fakeEffects(seed);
  const { clock, timers, random, sha256 } = effects;
  const store = openStore({
    path: ":memory:",
    seal: (previous, draft) => seal(previous, draft, sha256),
    defer: (run) => run(),
  });
  const start = () => {
    const run = { id: random.uuid(), started_boot_ms: clock.bootMs() };
    const context = createContext({ effects, config, identity, version: "0", run, store });
    const memories = new PeerMemories(context);
    const turns = { follow: () => null };
    const hook = { context, peers: (now: Instant) => memories.all(now), environment: {}, turns };
    const handlers = {
      ...sessionHandlers(context),
      ...keepingHandlers(context, { isWanted: () => false }, { noted: () => {} }),
      ...hookHandlers(hook),
    };
    return { context, handlers };
  };
  let running = start();
  const now = (): Now => nowOf(running.context, instantOf(clock));
  return {
    clock,
    timers,
    get context() {
      return running.context;
    },
    get now() {
      return now();
    },
    get handlers() {
      return running.handlers;
    },
    configure: (text) => {
      effects.files.contents.set("config.toml", text);
    },
    caller: () => ({ now: instantOf(clock) }),
    restart: () => {
      running = start();
    },
    sweep: () =>
      running.context.transact(instantOf(clock), (work) => {
        expire(running.context, work, now());
        return { value: undefined };
      }),
    [Symbol.dispose]: () => store.close(),
  };
}

/** The input by which session number `index` activates. */
export const activation = (index: number, project: string): ActivateInput => ({
  harness: index % 2 === 0 ? "claude-code" : "shell",
  session_id: index % 2 === 0 ? `id-${index}` : null,
  process: { pid: 100 + index, start_time: "1" },
  cwd: `/src/${index}`,
  project,
  git: null,
  summary: `session ${index}`,
});
