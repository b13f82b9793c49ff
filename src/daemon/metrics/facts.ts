/** Counts what a fleet's tool may read of this machine. */

import type { Control } from "../../contract/control.ts";
import type { Handlers } from "../../contract/operation/operation.ts";
import { stateOf } from "../../core/ask.ts";
import { type MetricFacts, openMetrics } from "../../core/metrics.ts";
import type { Window } from "../../core/pairing.ts";
import { windowState } from "../../core/pairing.ts";
import { liveLeases } from "../../core/sessions/lease.ts";
import type { Instant } from "../../platform/effects.ts";
import { type Context, type LocalCaller, nowOf } from "../context/context.ts";
import type { PeerMemories } from "../peers/memories.ts";

/** Dependencies of the counts. */
export interface MetricParts {
  readonly context: Context;
  readonly memories: PeerMemories;
  readonly window: { readonly current: Window | null };
  readonly startedAtMs: number;
  readonly expected: (now: Instant) => readonly unknown[];
}

/** The counts of a machine. */
export interface Metrics {
  /** The present counts as OpenMetrics text. */
  text(now: Instant): string;
  readonly handlers: Pick<Handlers<Control, LocalCaller>, "metrics">;
}

/** Counts from now on. */
export function metricsOf(parts: MetricParts): Metrics {
  const asks = countedAsks(parts.context);
  const text = (now: Instant): string => openMetrics({ ...factsOf(parts, now), asks: asks() });
  return { text, handlers: { metrics: async (_input, { now }) => ({ text: text(now) }) } };
}

/** Counts the ends of asks by direction and outcome; returns the function that tells them. */
function countedAsks({ events }: Context): () => MetricFacts["asks"] {
  const begun = new Map<string, string>();
  const counts = new Map<string, { direction: string; outcome: string; count: number }>();
  events.listen((item) => {
    if (item.of !== "ask") return;
    const { event } = item;
    if (event.event === "ask_begun") {
      begun.set(event.ask_id, event.direction);
      return;
    }
    const direction = begun.get(event.ask_id) ?? "in";
    begun.delete(event.ask_id);
    const key = `${direction} ${event.outcome}`;
    const known = counts.get(key) ?? { direction, outcome: event.outcome, count: 0 };
    counts.set(key, { ...known, count: known.count + 1 });
  });
  return () => [...counts.values()];
}

function factsOf(parts: MetricParts, now: Instant): Omit<MetricFacts, "asks"> {
  const { context, memories, window } = parts;
  const { tables, config } = context;
  const at = nowOf(context, now);
  const states = Map.groupBy(liveLeases(tables.leases.all(), at), (lease) => {
    return stateOf(lease, at).state ?? "unknown";
  });
  const queues = new Map(tables.outbox.peers().map((queue) => [queue.fingerprint, queue]));
  // In the order of their pairing: a name would tell who works with whom.
  const peers = memories.all(now).sort((one, other) => one.paired_at_ms - other.paired_at_ms);
  const isNamed = config.metrics?.names === true;
  const open = window.current;
  return {
    version: context.version,
    startedAtMs: parts.startedAtMs,
    sessions: Object.fromEntries([...states].map(([state, of]) => [state, of.length])),
    peers: peers.map(({ name, fingerprint, link, round_trip_ms }, index) => {
      const { entries = 0, stuck = 0 } = queues.get(fingerprint) ?? {};
      const label = isNamed ? name : String(index + 1);
      return { label, link, roundTripMs: round_trip_ms, waiting: entries, stuck };
    }),
    expected: parts.expected(now).length,
    isWindowOpen: open !== null && windowState(open, now.monotonicMs) === "open",
    records: tables.audit.head().seq,
  };
}
