/**
 * The daemon's events, delivered to listeners at once. Keeps nothing, and costs nothing without
 * listeners. A listener only takes note.
 */

import type { WatchEvent } from "../../contract/watch.ts";
import type { Effects, Log } from "../../platform/effects.ts";
import { detach } from "./detached.ts";

/** One event. */
export type Item =
  /** A transaction is durable; `recorded` when the trail has grown. */
  | { readonly of: "commit"; readonly recorded: boolean }
  /** A value that is only in memory has changed. */
  | { readonly of: "memory" }
  /** A visit: a new connection, an outgoing reply, or a new reader of changes. */
  | { readonly of: "visit" }
  /** A lease was renewed. */
  | { readonly of: "renewed"; readonly name: string }
  /** A hello succeeded. */
  | { readonly of: "greeted"; readonly fingerprint: string; readonly direction: "in" | "out" }
  | { readonly of: "ask"; readonly event: AskBegun | AskEnded };

/** An ask in progress. */
export type AskBegun = Extract<WatchEvent, { event: "ask_begun" }>;
/** An ask that has its answer or refusal. */
export type AskEnded = Extract<WatchEvent, { event: "ask_ended" }>;

/** The source of events. */
export interface Events {
  tell(item: Item): void;
  /** Calls a function with each item; returns the function that ends that. */
  listen(run: (item: Item) => void): () => void;
}

/** Makes an event source without listeners; a listener's error is logged. */
export function createEvents(log: Log): Events {
  const listeners = new Set<(item: Item) => void>();
  return {
    tell: (item) => {
      for (const listener of listeners) detach(log, "an event", () => listener(item));
    },
    listen: (run) => {
      listeners.add(run);
      return () => {
        listeners.delete(run);
      };
    },
  };
}

/** Reports the beginning of an ask; returns the function that reports its end, with its outcome. */
export function askBegun(
  { events, effects }: { readonly events: Events; readonly effects: Pick<Effects, "clock"> },
  ask: Omit<AskBegun, "event">,
): (outcome: string) => void {
  const startedMs = effects.clock.monotonicMs();
  events.tell({ of: "ask", event: { event: "ask_begun", ...ask } });
  return (outcome) => {
    const took_ms = Math.round((effects.clock.monotonicMs() - startedMs) * 10) / 10;
    events.tell({ of: "ask", event: { event: "ask_ended", ask_id: ask.ask_id, outcome, took_ms } });
  };
}
