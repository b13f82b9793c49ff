/** The listeners to waits of sessions here, and the timers of each wait. */

import type { WaitEvent } from "../../contract/reach/waits.ts";
import type { OutgoingWait } from "../../core/waits.ts";
import type { Cancel, Effects } from "../../platform/effects.ts";
import { detach } from "../context/detached.ts";
import type { Channel } from "../context/queue.ts";

type Listener = Channel<WaitEvent>;

/** The listeners of each wait. */
export interface Listeners {
  add(id: string, listener: Listener): void;
  has(id: string): boolean;
  ids(): readonly string[];
  /** Sends an event; the end is the last one. True when there was a listener. */
  tell(id: string, event: WaitEvent): boolean;
  fail(id: string, error: unknown): void;
  remove(id: string, listener: Listener): void;
  /** Ends every stream. */
  close(): void;
}

/** Makes a set of listeners. */
export function waitListeners(): Listeners {
  const all = new Map<string, Set<Listener>>();
  return {
    add: (id, listener) => {
      all.set(id, (all.get(id) ?? new Set()).add(listener));
    },
    has: (id) => all.has(id),
    ids: () => [...all.keys()],
    tell: (id, event) => {
      const listeners = all.get(id);
      if (listeners === undefined) return false;
      for (const listener of listeners) {
        listener.send(event);
        if (event.event === "ended") listener.end();
      }
      if (event.event === "ended") all.delete(id);
      return true;
    },
    fail: (id, error) => {
      for (const listener of all.get(id) ?? []) listener.fail(error);
      all.delete(id);
    },
    remove: (id, listener) => {
      const listeners = all.get(id);
      listeners?.delete(listener);
      if (listeners?.size === 0) all.delete(id);
    },
    close: () => {
      for (const listeners of all.values()) for (const listener of listeners) listener.end();
      all.clear();
    },
  };
}

/** A timer of a wait: its end, its next repeat, or the time for a listener to return. */
export type TimerName = "end" | "repeat" | "return";

/** The timers of waits, by wait and name. */
export interface WaitTimers {
  /** Runs after a time, replacing the timer of that name. */
  arm(id: string, name: TimerName, after: { ms: number; run: () => Promise<void> }): void;
  /** True while a timer is armed, or what it runs has not ended. */
  isArmed(id: string, name: TimerName): boolean;
  disarm(id: string): void;
  close(): void;
}

/** Makes timers of waits; logs their errors. */
export function waitTimers({ timers, log }: Pick<Effects, "timers" | "log">): WaitTimers {
  const armed = new Map<string, Cancel>();
  const running = new Map<string, number>();
  const cancel = (key: string): void => {
    armed.get(key)?.();
    armed.delete(key);
  };
  return {
    arm: (id, name, { ms, run }) => {
      const key = `${name} ${id}`;
      cancel(key);
      const fire = (): void => {
        armed.delete(key);
        running.set(key, (running.get(key) ?? 0) + 1);
        const ended = (): void => {
          const left = (running.get(key) ?? 0) - 1;
          if (left > 0) running.set(key, left);
          else running.delete(key);
        };
        detach(log, "a wait", () => run().finally(ended));
      };
      armed.set(key, timers.after(Math.max(1, ms), fire));
    },
    isArmed: (id, name) => armed.has(`${name} ${id}`) || running.has(`${name} ${id}`),
    disarm: (id) => {
      for (const name of ["end", "repeat", "return"]) cancel(`${name} ${id}`);
    },
    close: () => {
      for (const key of [...armed.keys()]) cancel(key);
    },
  };
}

/** Tells which steps an open wait lacks: its next repeat, and a listener or the time for one. */
export const lacksOf = (
  { wait_id: id, fingerprint, stays }: OutgoingWait,
  listeners: Listeners,
  timers: WaitTimers,
): { readonly repeat: boolean; readonly listener: boolean } => ({
  repeat: fingerprint !== null && !timers.isArmed(id, "repeat"),
  listener: !stays && !listeners.has(id) && !timers.isArmed(id, "return"),
});
