/**
 * Housekeeping: ends expired things, although nobody asks, when a task is due and at no other time.
 * The time of a sweep never decides whether a thing has expired.
 */

import { PeernetError } from "../contract/errors.ts";
import { askMemoryMs, sweepMs } from "../contract/limits.ts";
import { goneInMs, restMs } from "../core/due.ts";
import { endsInMs as grantEndsInMs, withoutEnded } from "../core/grants.ts";
import { expiresInMs } from "../core/sessions/lease.ts";
import { type Cancel, type Instant, instantOf } from "../platform/effects.ts";
import type { PeerRow } from "../store/peers.ts";
import type { Trail } from "./audit/trail.ts";
import { type Context, nowOf } from "./context/context.ts";
import { detach } from "./context/detached.ts";
import type { Ways } from "./context/ports.ts";
import type { Delegating } from "./delegating.ts";
import type { Links } from "./links/links.ts";
import type { ReverseDials } from "./links/reverse-dials.ts";
import { tellingWatchers } from "./links/telling.ts";
import type { Listener } from "./network/listener.ts";
import type { RefusalCounts } from "./network/refusals.ts";
import type { PairingWindow } from "./pairing/window.ts";
import type { PeerMemories } from "./peers/memories.ts";
import type { Post } from "./post.ts";
import type { Reach } from "./reach.ts";
import { expire } from "./sessions/leases.ts";
import type { Meetings } from "./trust/meetings.ts";
import type { Watching } from "./watch/feed.ts";

/** The swept parts. */
export interface Swept {
  readonly context: Context;
  readonly window: PairingWindow;
  readonly refusals: RefusalCounts;
  readonly links: Links;
  readonly dials: Pick<ReverseDials, "sweep" | "dueInMs">;
  readonly trail: Trail;
  readonly listener: Listener;
  readonly reach: Pick<Reach, "sweep">;
  readonly post: Pick<Post, "sweep">;
  readonly meetings: Meetings;
  readonly reading: { readonly tasks: Pick<Delegating, "sweep" | "dueInMs"> };
}

/** Does every due task at an instant; writes only when there is one. */
export async function sweep(swept: Swept, now: Instant): Promise<void> {
  const { context, window, refusals, links, trail, listener } = swept;
  listener.sweep();
  links.sweep(now);
  swept.dials.sweep(now);
  const windowIsDue = window.dueInMs(now) <= 0;
  const refusalsAreDue = refusals.dueInMs(now) <= 0;
  const asksAreDue = asksInMs(context, now) < 0;
  await endGrants(context, now);
  if (leasesInMs(context, now) <= 0 || windowIsDue || refusalsAreDue || asksAreDue) {
    await context.transact(now, (work) => {
      expire(context, work, nowOf(context, now));
      if (windowIsDue) window.sweep(work, now);
      if (refusalsAreDue) refusals.flush(work, now);
      const kept = { fromBootMs: now.bootMs - askMemoryMs, toBootMs: now.bootMs };
      if (asksAreDue) work.tables.peers.forgetAnsweredOutside(kept);
      return { value: undefined };
    });
  }
  await swept.reach.sweep(now);
  await swept.post.sweep(now);
  await swept.meetings.sweep(now);
  await swept.reading.tasks.sweep(now);
  trail.sweep(now);
  // Links and remote handles end by time alone: a watching reader must see that.
  context.events.tell({ of: "memory" });
}

/** Removes the entries of grants that have ended, in every peer's row. */
async function endGrants(context: Context, now: Instant): Promise<void> {
  const isOver = ({ grants }: Pick<PeerRow, "grants">): boolean =>
    withoutEnded(grants, now) !== grants;
  if (!context.tables.peers.grants().some(isOver)) return;
  await context.transact(now, ({ tables }) => {
    for (const peer of tables.peers.all().filter(isOver)) {
      tables.peers.put({ ...peer, grants: withoutEnded(peer.grants, now) });
    }
    return { value: undefined };
  });
}

/** Milliseconds until the first entry of a grant ends. */
const grantsInMs = ({ tables }: Context, now: Instant): number =>
  Math.min(...tables.peers.grants().map(({ grants }) => grantEndsInMs(grants, now)));

/** Milliseconds until the first lease expires. */
function leasesInMs(context: Context, now: Instant): number {
  const leases = context.tables.leases.all();
  return Math.min(...leases.map((lease) => expiresInMs(lease, nowOf(context, now))));
}

const endsInMs = ({ expired }: Context, { bootMs }: Instant): number =>
  goneInMs(
    [...expired.values()].map((each) => each.bootMs),
    bootMs,
  );

/**
 * Milliseconds until the first answered ask exceeds its memory; an ask from a later boot counts as
 * due.
 */
function asksInMs({ tables }: Context, { bootMs }: Instant): number {
  const span = tables.peers.answeredSpan();
  if (span === null) return Number.POSITIVE_INFINITY;
  return span.toBootMs > bootMs ? -1 : span.fromBootMs + askMemoryMs - bootMs;
}

/** The swept parts, and the readers who must see what ends by time alone. */
export interface SweptInTurn extends Swept {
  readonly watching: Watching;
  readonly memories: PeerMemories;
  readonly ways: Ways;
}

/** Sweeps whenever a task is due, and within `sweepMs` of any event, until it is cancelled. */
export function sweepInTurn(swept: SweptInTurn): Cancel {
  const { effects, events } = swept.context;
  const { clock, timers, log } = effects;
  let isOver = false;
  let restsMs = 0;
  let cancel: Cancel = () => {};
  // An interval: while a sweep waits for its commit, or has failed, there is another.
  const rest = (ms: number): void => {
    if (isOver || ms === restsMs) return;
    restsMs = ms;
    cancel();
    cancel = timers.every(ms, () => detach(log, "sweeping", turn));
  };
  const soon = (): void => {
    if (restsMs > sweepMs) rest(sweepMs);
  };
  const turn = async (): Promise<void> => {
    soon();
    try {
      await sweep(swept, instantOf(clock));
      rest(restOf(swept, instantOf(clock)));
    } catch (error) {
      const code = error instanceof PeernetError ? error.code : "internal";
      log.error("sweep_failed", { code });
    }
  };
  rest(sweepMs);
  const leaves = [events.listen(soon), events.listen(tellingWatchers(swept))];
  return () => {
    isOver = true;
    for (const leave of leaves) leave();
    cancel();
  };
}

/** The time until a task may be due, as far as is known now. */
function restOf(swept: SweptInTurn, now: Instant): number {
  const { context, window, refusals, links, dials, trail, listener, meetings, watching } = swept;
  if (watching.isRead) return sweepMs;
  const { tasks } = swept.reading;
  const dated = [window, refusals, links, dials, trail, listener, meetings, tasks];
  const parts = dated.map((part) => part.dueInMs(now));
  return restMs([
    ...parts,
    ...[leasesInMs, asksInMs, endsInMs, grantsInMs].map((inMs) => inMs(context, now)),
  ]);
}
