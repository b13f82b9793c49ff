/** Tells those who wait for a message's next stage, once that stage is durable. */

import type { Message } from "../../core/messages/message.ts";
import type { Cancel } from "../../platform/effects.ts";
import type { Context } from "../context/context.ts";

type Waiters = Map<string, Set<() => void>>;

/** The waiting of each daemon in this process. */
const waiting = new WeakMap<Context, Waiters>();

const keyIn = ({ direction, fingerprint, message_id }: Message): string =>
  `${direction} ${fingerprint} ${message_id}`;

/** Calls a function at each further stage of a message, until it is cancelled. */
export function onRaised(context: Context, message: Message, run: () => void): Cancel {
  const waiters: Waiters = waiting.get(context) ?? new Map();
  waiting.set(context, waiters);
  const key = keyIn(message);
  const runs = (waiters.get(key) ?? new Set()).add(run);
  waiters.set(key, runs);
  return () => {
    runs.delete(run);
    if (runs.size === 0) waiters.delete(key);
  };
}

/** Tells those who wait for a message; called once its stage is durable. */
export function tellRaised(context: Context, message: Message): void {
  for (const run of waiting.get(context)?.get(keyIn(message)) ?? []) run();
}
