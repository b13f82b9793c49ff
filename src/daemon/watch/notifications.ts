/**
 * Desktop notifications: one when a session here or on a peer begins to wait, at most one a minute
 * for all of them and for mail. Looks only after an event, and shows only counts.
 */

import { notifyEveryMs, notifyLookMs } from "../../contract/errands/limits.ts";
import { liveLeases } from "../../core/sessions/lease.ts";
import {
  begunToWait,
  type Known,
  knownAfter,
  notificationOf,
  type Waiting,
} from "../../core/sessions/waiting.ts";
import { type Cancel, type Instant, instantOf } from "../../platform/effects.ts";
import { type Context, nowOf } from "../context/context.ts";
import { detach } from "../context/detached.ts";
import type { Errands } from "../context/ports.ts";
import type { PeerMemories } from "../peers/memories.ts";

/** Dependencies of notifications. */
export interface NotifyingParts {
  readonly context: Context;
  readonly memories: PeerMemories;
  readonly errands: Errands;
  readonly limit: NotificationLimit;
}

/** The next instant at which any notification may be shown, by the monotonic clock. */
export interface NotificationLimit {
  nextMs: number;
}

/** No notification was shown yet. */
export const unlimited = (): NotificationLimit => ({ nextMs: Number.NEGATIVE_INFINITY });

interface Progress {
  readonly fromBootMs: number;
  known: Known;
  /** Sessions that began to wait without a notification so far. */
  readonly unshown: Map<string, Waiting>;
  /** The next look. */
  cancel: Cancel | null;
}

/** Shows notifications until it is cancelled; none when the settings forbid them. */
export function notifyWaiting(parts: NotifyingParts): Cancel {
  const { config, effects, events } = parts.context;
  if (!config.notify.desktop) return () => {};
  const { clock, timers, log } = effects;
  const progress: Progress = {
    fromBootMs: clock.bootMs(),
    known: new Map(),
    unshown: new Map(),
    cancel: null,
  };
  const lookIn = (ms: number): void => {
    progress.cancel ??= timers.after(ms, () => {
      progress.cancel = null;
      detach(log, "notifying", () => {
        const restMs = look(parts, progress);
        if (restMs !== null) lookIn(restMs);
      });
    });
  };
  const leave = events.listen(({ of }) => {
    if (of !== "visit" && of !== "ask") lookIn(notifyLookMs);
  });
  return () => {
    leave();
    progress.cancel?.();
  };
}

/** Shows new waits, if a notification may be shown now; else returns the ms until one may. */
function look(parts: NotifyingParts, progress: Progress): number | null {
  const now = instantOf(parts.context.effects.clock);
  const waiting = waitingNow(parts, now);
  for (const begun of begunToWait(waiting, progress.known, progress.fromBootMs)) {
    progress.unshown.set(begun.key, begun);
  }
  progress.known = knownAfter(waiting, progress.known);
  const keys = new Set(waiting.map(({ key }) => key));
  for (const key of progress.unshown.keys()) if (!keys.has(key)) progress.unshown.delete(key);
  if (progress.unshown.size === 0) return null;
  const restMs = parts.limit.nextMs - now.monotonicMs;
  if (restMs > 0) return restMs;
  parts.limit.nextMs = now.monotonicMs + notifyEveryMs;
  const input = notificationOf([...progress.unshown.values()]);
  progress.unshown.clear();
  const { log } = parts.context.effects;
  detach(log, "a notification", async () => {
    const ended = await parts.errands.run({ kind: "notify", input });
    if (!ended.done) log.warn("notification_failed", { why: ended.why });
  });
  return null;
}

/** Every waiting session, here and on peers. */
function waitingNow({ context, memories }: NotifyingParts, now: Instant): readonly Waiting[] {
  const here = liveLeases(context.tables.leases.all(), nowOf(context, now)).flatMap(
    ({ name, state, state_since_boot_ms }): readonly Waiting[] =>
      state === "waiting"
        ? [{ key: `/${name}`, peer: null, sinceBootMs: state_since_boot_ms }]
        : [],
  );
  const there = memories.all(now).flatMap(({ fingerprint, handles }) =>
    handles.flatMap(({ handle, state, state_for_ms }): readonly Waiting[] => {
      if (state !== "waiting" || state_for_ms === null) return [];
      const sinceBootMs = now.bootMs - state_for_ms;
      const name = handle.slice(handle.indexOf("/") + 1);
      return [{ key: `${fingerprint}/${name}`, peer: fingerprint, sinceBootMs }];
    }),
  );
  return [...here, ...there];
}
