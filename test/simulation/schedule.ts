/**
 * One thing after another: everything that happens in a simulated run is an event at an instant,
 * drawn from the run's seed. Between two events whatever became ready runs to its end.
 */

import type { Draw } from "../support/histories.ts";

/** The owner of an event: once the owner has ended, its events do not happen. */
export interface Owner {
  isOver: boolean;
}

interface Event {
  atMs: number;
  readonly order: number;
  readonly owner: Owner;
  readonly run: () => void;
  cancelled: boolean;
}

/** Instants and events of one run. */
export interface Schedule {
  readonly nowMs: number;
  readonly draw: Draw;
  /** The number of past events, which orders them. */
  readonly happened: number;
  /** Has something happen later; returns what prevents it. */
  after(ms: number, owner: Owner, run: () => void): () => void;
  /** Puts off everything that is to happen to an owner, as sleep does. */
  postpone(owner: Owner, ms: number): void;
  /** Lets everything happen until an instant. */
  run(untilMs: number): Promise<void>;
}

/** More than any run needs. */
const eventsMax = 50_000;

/** An empty schedule. */
export function schedule(draw: Draw): Schedule {
  const events: Event[] = [];
  let nowMs = 0;
  let order = 0;
  let happened = 0;
  return {
    get nowMs() {
      return nowMs;
    },
    get happened() {
      return happened;
    },
    draw,
    after: (ms, owner, run) => {
      const atMs = nowMs + Math.max(0, Math.ceil(ms));
      const event = { atMs, order: order++, owner, run, cancelled: false };
      events.push(event);
      return () => {
        event.cancelled = true;
      };
    },
    postpone: (owner, ms) => {
      for (const event of events) if (event.owner === owner) event.atMs += ms;
    },
    run: async (untilMs) => {
      for (;;) {
        const event = earliest(events);
        if (event === undefined || event.atMs > untilMs) break;
        events.splice(events.indexOf(event), 1);
        if (event.cancelled || event.owner.isOver) continue;
        nowMs = event.atMs;
        happened += 1;
        if (happened > eventsMax) throw new Error("the run never ends");
        event.run();
        // A turn of the loop empties the promises; nothing simulated waits for anything else.
        await new Promise((done) => setImmediate(done));
      }
      nowMs = untilMs;
    },
  };
}

/** The next event: the earliest, and of several at one instant the first that was scheduled. */
function earliest(events: readonly Event[]): Event | undefined {
  let first = events[0];
  for (const event of events) {
    if (first === undefined) break;
    const isSame = event.atMs === first.atMs;
    if (event.atMs < first.atMs || (isSame && event.order < first.order)) first = event;
  }
  return first;
}
