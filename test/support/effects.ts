/**
 * Effects for tests: clocks that a test moves by hand, timers that fire in order, randomness from
 * a seed, files in memory, a log that remembers. Refuses to touch the real ones; SHA-256 is real.
 */

import type { PeernetError } from "../../src/contract/errors.ts";
import type {
  Cancel,
  Clock,
  Effects,
  Log,
  Random,
  StateFiles,
  Timers,
} from "../../src/platform/effects.ts";

/** More than any test means to fire: a timer that re-arms itself at once never ends. */
const firingsMax = 100_000;

/** Clocks that stand still until moved. Each starts elsewhere, so that a mix-up shows. */
export interface FakeClock extends Clock {
  /** Moves all three clocks; fires no timer. */
  move(ms: number): void;
  /** Lets the machine sleep: the monotonic clock and the timers stand still. */
  suspend(ms: number): void;
  /** Sets the wall clock, as a person or NTP does. */
  setWall(ms: number): void;
}

/** Timers on a FakeClock's monotonic clock. */
export interface FakeTimers extends Timers {
  /** The number of timers that are armed. */
  pending(): number;
  /** The time until the next one fires; infinite when none is armed. */
  dueInMs(): number;
  /**
   * Moves the clocks on, stopping at each timer that falls due, in the order of their instants and
   * then of their arming. Whatever became ready runs to its end before the clocks move again.
   */
  advance(ms: number): Promise<void>;
}

/** Files by their name. */
export interface FakeFiles extends StateFiles {
  readonly contents: Map<string, string>;
  /** The error that every write and append throws, once set. */
  failure: PeernetError | null;
  /** Pipes that a process reads; a line that is rung takes its reader away, as it ends then. */
  readonly pipes: Set<string>;
  /** Every line that was rung, behind the name of its pipe. */
  readonly rung: string[];
}

/** One line of a log. */
export interface LogEntry {
  readonly level: "info" | "warn" | "error";
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A log that remembers. */
export interface FakeLog extends Log {
  readonly entries: LogEntry[];
}

/** Effects whose every part a test can move or look into. */
export interface FakeEffects extends Effects {
  readonly clock: FakeClock;
  readonly timers: FakeTimers;
  readonly files: FakeFiles;
  readonly log: FakeLog;
}

/** Makes fresh effects; equal seeds give equal randomness. */
export function fakeEffects(seed = 1): FakeEffects {
  const clock = fakeClock();
  return {
    clock,
    timers: fakeTimers(clock),
    random: seededRandom(seed, clock),
    sha256: (bytes) => new Uint8Array(new Bun.CryptoHasher("sha256").update(bytes).digest()),
    files: fakeFiles(),
    log: fakeLog(),
  };
}

/** Makes clocks that stand still. */
export function fakeClock(): FakeClock {
  let wallMs = 1_800_000_000_000;
  let bootMs = 50_000_000;
  let monotonicMs = 7_000;
  return {
    wallMs: () => wallMs,
    bootMs: () => bootMs,
    monotonicMs: () => monotonicMs,
    move: (ms) => {
      if (ms < 0) throw new Error("clocks go forward");
      wallMs += ms;
      bootMs += ms;
      monotonicMs += ms;
    },
    suspend: (ms) => {
      wallMs += ms;
      bootMs += ms;
    },
    setWall: (ms) => {
      wallMs = ms;
    },
  };
}

interface Armed {
  dueMs: number;
  readonly order: number;
  readonly everyMs: number | null;
  readonly run: () => void;
}

/** Makes timers that fire when the clock is moved through them. */
export function fakeTimers(clock: FakeClock): FakeTimers {
  const armed = new Set<Armed>();
  let order = 0;
  const arm = (ms: number, everyMs: number | null, run: () => void): Cancel => {
    const timer = { dueMs: clock.monotonicMs() + Math.max(ms, 0), order: order++, everyMs, run };
    armed.add(timer);
    return () => {
      armed.delete(timer);
    };
  };
  const fire = (timer: Armed): void => {
    clock.move(Math.max(timer.dueMs - clock.monotonicMs(), 0));
    if (timer.everyMs === null) armed.delete(timer);
    else timer.dueMs += timer.everyMs;
    timer.run();
  };
  return {
    after: (ms, run) => arm(ms, null, run),
    every: (ms, run) => {
      if (ms <= 0) throw new Error("an interval must be longer than nothing");
      return arm(ms, ms, run);
    },
    pending: () => armed.size,
    dueInMs: () => (earliest(armed)?.dueMs ?? Number.POSITIVE_INFINITY) - clock.monotonicMs(),
    advance: async (ms) => {
      const endMs = clock.monotonicMs() + ms;
      await settled();
      for (let firings = 0; ; firings += 1) {
        const timer = earliest(armed);
        if (timer === undefined || timer.dueMs > endMs) break;
        if (firings >= firingsMax) throw new Error("a timer re-arms itself without end");
        fire(timer);
        await settled();
      }
      clock.move(Math.max(endMs - clock.monotonicMs(), 0));
    },
  };
}

const earliest = (armed: Iterable<Armed>): Armed | undefined =>
  [...armed].sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)[0];

/** Resolves once every promise that was ready, and every one that became so thereby, has run. */
export async function settled(): Promise<void> {
  // One turn empties the promises; work handed on through setImmediate takes a turn each time.
  for (let turn = 0; turn < 8; turn += 1) await new Promise((done) => setImmediate(done));
}

/** Randomness that a seed decides (SplitMix32), and UUIDv7 by the clock's wall time. */
export function seededRandom(seed: number, clock: Clock = fakeClock()): Random {
  let state = seed >>> 0;
  const word = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  const bytes = (length: number) => Uint8Array.from({ length }, () => word() >>> 24);
  return {
    bytes,
    // 53 bits over any bound a test uses: the bias is far below what a test can see.
    integer: (below) => Math.floor(((word() * 2 ** 21 + (word() >>> 11)) / 2 ** 53) * below),
    uuid: () => {
      const time = Math.floor(clock.wallMs()).toString(16).padStart(12, "0");
      const tail = bytes(10);
      tail[0] = 0x70 | ((tail[0] ?? 0) & 0x0f);
      tail[2] = 0x80 | ((tail[2] ?? 0) & 0x3f);
      return (time + tail.toHex()).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    },
  };
}

/** Makes a state folder in memory, below a path that does not exist. */
export function fakeFiles(folder = "/nonexistent/peernet"): FakeFiles {
  const contents = new Map<string, string>();
  const files: FakeFiles = {
    folder,
    contents,
    failure: null,
    pipes: new Set(),
    rung: [],
    read: (name) => contents.get(name) ?? null,
    readTrusted: (name) => contents.get(name) ?? null,
    readOpen: (name) => contents.get(name) ?? null,
    names: () => [...contents.keys()].filter((name) => !name.includes("/")),
    has: (name) => contents.has(name),
    write: (name, text) => {
      if (files.failure !== null) throw files.failure;
      contents.set(name, text);
    },
    append: (name, text) => {
      if (files.failure !== null) throw files.failure;
      contents.set(name, (contents.get(name) ?? "") + text);
    },
    lengthen: (name, bytes) => {
      const text = contents.get(name);
      if (text !== undefined) contents.set(name, text.padEnd(bytes, "\0"));
    },
    remove: (name) => {
      contents.delete(name);
    },
    check: () => {},
    ring: (name, line) => {
      if (!files.pipes.delete(name)) return false;
      files.rung.push(`${name} ${line}`);
      return true;
    },
  };
  return files;
}

/** Makes a log that remembers. */
export function fakeLog(): FakeLog {
  const entries: LogEntry[] = [];
  const at =
    (level: LogEntry["level"]): Log["info"] =>
    (event, fields = {}) => {
      entries.push({ level, event, fields });
    };
  return { entries, info: at("info"), warn: at("warn"), error: at("error") };
}
