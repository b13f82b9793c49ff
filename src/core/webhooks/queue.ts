/** Decides which events wait for a webhook, and when the next one is tried. */

import {
  webhookLifeMs,
  webhookPauseMs,
  webhookPauseMsMax,
  webhookQueueMax,
} from "../../contract/webhooks/limits.ts";

/** An event that waits. */
export interface Waiting {
  readonly id: string;
  readonly body: string;
  readonly sinceMs: number;
}

/** The events of one webhook, oldest first. */
export interface Queue {
  readonly waiting: readonly Waiting[];
  /** Failures in a row. */
  readonly failures: number;
  /** Events that left without being taken. */
  readonly lost: number;
}

/** A queue without events. */
export const noEvents: Queue = { waiting: [], failures: 0, lost: 0 };

/** The queue with a further event; the oldest leaves where there is no room. */
export function withEvent(queue: Queue, event: Waiting): Queue {
  const over = Math.max(0, queue.waiting.length + 1 - webhookQueueMax);
  return { ...queue, waiting: [...queue.waiting.slice(over), event], lost: queue.lost + over };
}

/** The queue without the events that waited too long. */
export function withoutOld(queue: Queue, nowMs: number): Queue {
  const waiting = queue.waiting.filter(({ sinceMs }) => nowMs - sinceMs < webhookLifeMs);
  return { ...queue, waiting, lost: queue.lost + queue.waiting.length - waiting.length };
}

/** The queue after an attempt to tell of an event. */
export function afterAttempt(queue: Queue, id: string, wasTaken: boolean): Queue {
  if (!wasTaken) return { ...queue, failures: queue.failures + 1 };
  return { ...queue, waiting: queue.waiting.filter((each) => each.id !== id), failures: 0 };
}

/** Milliseconds before the next attempt. */
export const pauseMs = ({ failures }: Queue): number =>
  failures === 0 ? 0 : Math.min(webhookPauseMs * 2 ** (failures - 1), webhookPauseMsMax);
