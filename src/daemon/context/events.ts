/**
 * What happens in the daemon, told to whoever listens, in the moment it is so. Keeps nothing, and
 * costs nothing while nobody listens. A listener only takes note.
 */

import type { WatchEvent } from "../../contract/watch.ts";
import type { Effects, Log } from "../../platform/effects.ts";
import { detach } from "./detached.ts";

/** One thing that happened. */
export type Item =
  /** A transaction is durable; `recorded` when the trail has grown. */
  | { readonly of: "commit"; readonly recorded: boolean }
  /** Something that is only held in memory is other than it was. */
  | { readonly of: "memory" }
  /** Somebody came: a connection was taken, a reply goes out, or a reader of changes has begun. */
  | { readonly of: "visit" }
  /** A lease was renewed. */
  | { readonly of: "renewed"; readonly name: string }
  /** A hello succeeded. */
  | { readonly of: "greeted"; readonly fingerprint: string; readonly direction: "in" | "out" }
  | { readonly of: "ask"; readonly event: AskBegun | AskEnded };

/** An ask on its way. */
export type AskBegun = Extract<WatchEvent, { event: "ask_begun" }>;
/** An ask that has come to an answer or a refusal. */
export type AskEnded = Extract<WatchEvent, { event: "ask_ended" }>;

/** Where things are told and heard. */
export interface Events {
  tell(item: Item): void;
  /** Is called with each item; returns what ends that. */
  listen(run: (item: Item) => void): () => void;
}

/** Makes an event source without listeners; what one of them throws is logged. */
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

/** Tells that an ask has begun; returns what tells its end, by its outcome. */
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
