/** Finds the events that webhooks are told: looks after a change, and keeps no history. */

import { webhookBodyBytesMax, webhookLookMs } from "../../contract/webhooks/limits.ts";
import type { WebhookEvent } from "../../contract/webhooks/webhooks.ts";
import type { Message } from "../../core/messages/message.ts";
import { liveLeases } from "../../core/sessions/lease.ts";
import {
  endedSince,
  newsBetween,
  roundKey,
  type Seen,
  seenAfter,
} from "../../core/webhooks/events.ts";
import type { WebhookConfig } from "../../platform/config.ts";
import { type Cancel, type Instant, instantOf } from "../../platform/effects.ts";
import { type Context, nowOf } from "../context/context.ts";
import { detach } from "../context/detached.ts";
import { elapsedAt } from "../context/elapsed.ts";
import type { PeerMemories } from "../peers/memories.ts";

/** Dependencies of finding events. */
export interface NewsParts {
  readonly context: Context;
  readonly memories: PeerMemories;
}

/** An event of a kind; its body depends on what the webhook may have. */
export interface News {
  readonly of: WebhookEvent;
  bodyFor(hook: Pick<WebhookConfig, "text">): string;
}

/** Tells of each event until it is cancelled. */
export function findNews(parts: NewsParts, tell: (news: readonly News[]) => void): Cancel {
  const { effects, events, tables } = parts.context;
  let seen: Seen | null = null;
  let seq = tables.messages.lastSeq();
  const endings = endingsOf(parts);
  let cancel: Cancel | null = null;
  const look = (): void => {
    cancel = null;
    const now = instantOf(effects.clock);
    const present = seenNow(parts, now);
    const changes = seen === null ? [] : newsBetween(seen, present);
    seen = seen === null ? present : seenAfter(seen, present);
    const news: News[] = changes.map(({ type, data }) => ({
      of: type.startsWith("peer") ? "peer" : "session",
      bodyFor: () => bodyOf(type, data, now),
    }));
    for (;;) {
      const next = tables.messages.arrivedAfter(seq, null);
      if (next === null) break;
      seq = next.seq;
      news.push({ of: "message", bodyFor: (hook) => arrived(parts, next.message, { hook, now }) });
    }
    news.push(...endings(now));
    if (news.length > 0) tell(news);
  };
  const lookSoon = (): void => {
    cancel ??= effects.timers.after(webhookLookMs, () => detach(effects.log, "webhooks", look));
  };
  lookSoon();
  const leave = events.listen(({ of }) => {
    if (of !== "visit" && of !== "ask") lookSoon();
  });
  return () => {
    leave();
    cancel?.();
  };
}

/** Rounds of tasks that are looked at: more end at once on no machine. */
const roundsMax = 64;

/** Makes the function that finds rounds of tasks that ended since its last call. */
function endingsOf({ context }: NewsParts): (now: Instant) => readonly News[] {
  const { tasks } = context.tables;
  const fromMs = elapsedAt(context, instantOf(context.effects.clock));
  const told = new Set<string>();
  let changes = tasks.changes();
  return (now) => {
    if (tasks.changes() === changes) return [];
    changes = tasks.changes();
    const rounds = tasks.list({ directions: ["in", "out"], all: true, limit: roundsMax });
    return endedSince(rounds, { fromMs, told }).map((task) => {
      told.add(roundKey(task));
      const { task_id, round, name, direction, repository, profile, state, reason } = task;
      const peer = context.tables.peers.get(task.fingerprint)?.name ?? task.peer_name;
      const data = { task_id, round, name, direction, peer, repository, profile, state, reason };
      return { of: "task", bodyFor: () => bodyOf("task.ended", data, now) };
    });
  };
}

const bodyOf = (type: string, data: object, { wallMs }: Instant): string =>
  JSON.stringify({ type, timestamp: new Date(wallMs).toISOString(), data });

/** A message as a program is told of it; its text only where the settings say so. */
function arrived(
  { context }: NewsParts,
  message: Message,
  { hook, now }: { readonly hook: Pick<WebhookConfig, "text">; readonly now: Instant },
): string {
  const { message_id, thread_id, reply_to, name: mailbox, other, by, stage, topic } = message;
  const machine =
    message.peer_name === null
      ? context.config.machine.name
      : (context.tables.peers.get(message.fingerprint)?.name ?? message.peer_name);
  const from = other === null ? machine : `${machine}/${other}`;
  const data = { message_id, thread_id, reply_to, from, mailbox, by, stage, topic };
  const whole = bodyOf("message.arrived", { ...data, text: message.text }, now);
  const isLong = new TextEncoder().encode(whole).length > webhookBodyBytesMax;
  return hook.text && !isLong ? whole : bodyOf("message.arrived", data, now);
}

/** The sessions that are known now, and the peers. */
function seenNow({ context, memories }: NewsParts, now: Instant): Seen {
  const own = context.config.machine.name;
  const here = liveLeases(context.tables.leases.all(), nowOf(context, now)).map(
    ({ name, state }) => ({ handle: `${own}/${name}`, state }),
  );
  const all = memories.all(now);
  const peers = all.map(({ name: peer, link }) => ({ peer, isUp: isUp(link) }));
  const there = all
    .filter(({ link }) => isUp(link))
    .flatMap(({ handles }) => handles.map(({ handle, state }) => ({ handle, state })));
  return { sessions: [...here, ...there], peers };
}

const isUp = (link: string): boolean => link === "up" || link === "one-way";
