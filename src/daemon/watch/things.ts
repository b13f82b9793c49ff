/**
 * The things in a change feed, and the event of each at an instant. Remembers nothing: `feed.ts`
 * tracks the readers.
 */

import type { WatchEvent } from "../../contract/watch.ts";
import { liveLeases } from "../../core/sessions/lease.ts";
import type { Instant } from "../../platform/effects.ts";
import type { Trail } from "../audit/trail.ts";
import { nowOf } from "../context/context.ts";
import { mailOf } from "./mail.ts";
import { handlesOf, machineOf, type StatusParts, windowOf } from "./status.ts";
import { tasksOf } from "./tasks.ts";

/** The parts that the change feed observes. */
export interface WatchedParts extends StatusParts {
  readonly trail: Trail;
  /** Called when the first reader has come, and when the last has gone. */
  readonly onReading: () => void;
}

/** The key of a thing: its kind, with the handle or the fingerprint when there are several. */
export type Key =
  | ("machine" | "window" | "chain" | "mail" | "tasks")
  | (`handle ${string}` | `peer ${string}`);

/** The hello or the lease renewal that just happened. */
export type Beat = "in" | "out" | "renewed";

/**
 * Every thing, each with a text that changes exactly when there is news of it. Values that change
 * with time alone, ages and times left, are not in it.
 */
export function thingsOf(parts: WatchedParts, now: Instant): ReadonlyMap<Key, string> {
  const { context, memories, window, trail, ways } = parts;
  const open = windowOf(parts, now).open ? window.current : null;
  const things = new Map<Key, string>([
    ["machine", JSON.stringify(machineOf(parts))],
    ["window", open === null ? "" : `${open.expires_monotonic_ms} ${open.attempts_left}`],
    ["chain", `${trail.verifiedTo}`],
    ["mail", `${context.tables.messages.changes()}`],
    ["tasks", `${context.tables.tasks.changes()}`],
  ]);
  for (const lease of liveLeases(context.tables.leases.all(), nowOf(context, now))) {
    const { name, generation, project, harness, summary, git, git_why } = lease;
    const { state, state_since_boot_ms } = lease;
    const way = ways.here(lease, now);
    const facts = [generation, project, harness, summary, git, git_why, way];
    const told = [...facts, state, state_since_boot_ms];
    things.set(`handle ${context.config.machine.name}/${name}`, JSON.stringify(told));
  }
  for (const row of context.tables.peers.all()) {
    const { last_seen_at_ms: _at, last_seen_age_ms: _age, ...peer } = memories.shown(row, now);
    const handles = peer.handles.map(
      ({ state_for_ms: _for, expires_in_ms: _left, ...facts }) => facts,
    );
    const tailnet = peer.tailnet?.online;
    const fixed = { round_trip_ms: null, last_known: null, tailnet };
    const told = JSON.stringify({ ...peer, ...fixed, handles });
    things.set(`peer ${row.fingerprint}`, told);
  }
  return things;
}

/** The present event of a thing; null when it no longer exists. */
export function eventOf(
  parts: WatchedParts,
  key: Key,
  { now, beat }: { readonly now: Instant; readonly beat: Beat | null },
): WatchEvent | null {
  if (key === "machine") return { event: key, machine: machineOf(parts) };
  if (key === "window") return { event: key, window: windowOf(parts, now) };
  if (key === "chain") return { event: key, verified_to: parts.trail.verifiedTo };
  if (key === "mail") return { event: key, mail: mailOf(parts.context) };
  if (key === "tasks") return { event: key, tasks: tasksOf(parts.context) };
  const name = key.slice(key.indexOf(" ") + 1);
  if (key.startsWith("handle ")) {
    const handle = handlesOf(parts, now).find((live) => live.handle === name);
    return handle === undefined ? null : { event: "handle", handle, renewed: beat === "renewed" };
  }
  const row = parts.context.tables.peers.get(name);
  if (row === null) return null;
  const greeted = beat === "renewed" ? null : beat;
  return { event: "peer", peer: parts.memories.shown(row, now), greeted };
}

/** The event of a thing that no longer exists. */
export function goneOf(key: Key): WatchEvent | null {
  const name = key.slice(key.indexOf(" ") + 1);
  if (key.startsWith("handle ")) return { event: "handle_gone", handle: name };
  return key.startsWith("peer ") ? { event: "peer_gone", fingerprint: name } : null;
}
