/**
 * Tells webhooks of events: each has a bounded queue in memory, and the keeper carries one event at
 * a time. A webhook that fails delays no other. Opens nothing itself.
 */

import type { WebhookFailure } from "../../contract/webhooks/webhooks.ts";
import type { WebhookSeen } from "../../core/webhooks/doctor.ts";
import {
  afterAttempt,
  noEvents,
  pauseMs,
  type Queue,
  withEvent,
  withoutOld,
} from "../../core/webhooks/queue.ts";
import type { WebhookConfig } from "../../platform/config.ts";
import type { Cancel } from "../../platform/effects.ts";
import { detach } from "../context/detached.ts";
import type { Errands, Undone } from "../context/ports.ts";
import { findNews, type News, type NewsParts } from "./news.ts";

/** Dependencies of telling webhooks. */
export interface WebhookParts extends NewsParts {
  readonly errands: Errands;
}

interface Hook {
  readonly config: WebhookConfig;
  queue: Queue;
  why: WebhookFailure | Undone | null;
  status: number | null;
  tried: boolean;
  isUnderWay: boolean;
  cancel: Cancel | null;
}

/** The webhooks of a daemon. */
export interface Webhooks {
  seen(): readonly WebhookSeen[];
  /** Tells them until it is cancelled; without one it does nothing. */
  begin(): Cancel;
}

/** Makes the webhooks of the settings. */
export function webhooksOf(parts: WebhookParts): Webhooks {
  const { context } = parts;
  const hooks = (context.config.webhooks ?? []).map(
    (config): Hook => ({
      ...{ config, queue: noEvents, why: null, status: null },
      ...{ tried: false, isUnderWay: false, cancel: null },
    }),
  );
  return {
    seen: () =>
      hooks.map(({ config, why, status, queue, tried }) => ({
        ...{ url: config.url, why, status, tried },
        ...{ waiting: queue.waiting.length, lost: queue.lost },
      })),
    begin: () => {
      if (hooks.length === 0) return () => {};
      const leave = findNews(parts, (news) => {
        for (const hook of hooks) add(parts, hook, news);
      });
      return () => {
        leave();
        for (const hook of hooks) {
          hook.cancel?.();
          // As a pause without an end: no further attempt begins.
          hook.cancel = () => {};
        }
      };
    },
  };
}

function add(parts: WebhookParts, hook: Hook, news: readonly News[]): void {
  const { clock, random } = parts.context.effects;
  const wanted = news.filter(({ of }) => hook.config.events.includes(of));
  for (const each of wanted) {
    const body = each.bodyFor(hook.config);
    const event = { id: random.uuid(), body, sinceMs: clock.monotonicMs() };
    hook.queue = withEvent(hook.queue, event);
  }
  next(parts, hook);
}

/** Tries the oldest event, unless an attempt or a pause goes on. */
function next(parts: WebhookParts, hook: Hook): void {
  const { clock, log, timers } = parts.context.effects;
  if (hook.isUnderWay || hook.cancel !== null) return;
  hook.queue = withoutOld(hook.queue, clock.monotonicMs());
  if (hook.queue.waiting.length === 0) return;
  hook.isUnderWay = true;
  detach(log, "a webhook", async () => {
    try {
      await attempt(parts, hook);
    } finally {
      hook.isUnderWay = false;
    }
    if (hook.cancel !== null) return;
    const ms = pauseMs(hook.queue);
    if (ms === 0) return next(parts, hook);
    hook.cancel = timers.after(ms, () => {
      hook.cancel = null;
      next(parts, hook);
    });
  });
}

async function attempt({ errands, context }: WebhookParts, hook: Hook): Promise<void> {
  const [event] = hook.queue.waiting;
  if (event === undefined) return;
  const { url, secretFile: secret_file } = hook.config;
  const input = { url, secret_file, event_id: event.id, body: event.body };
  const ended = await errands.run({ kind: "webhook", input });
  const before = hook.why;
  hook.tried = true;
  hook.why = ended.done ? ended.output.why : ended.why;
  hook.status = ended.done ? ended.output.status : null;
  hook.queue = afterAttempt(hook.queue, event.id, hook.why === null);
  if (hook.why !== null && hook.why !== before) {
    context.effects.log.warn("webhook_failed", { url, why: hook.why });
  }
}
