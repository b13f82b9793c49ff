/**
 * Remembers refused messages for as long as another attempt of the same call may come: a call can
 * leave twice, and both attempts get one answer, even if a right came between them.
 */

import type { PeernetError } from "../../../contract/errors.ts";
import { outboxCallMs } from "../../../contract/reach/limits.ts";
import type { MessageKey } from "../../../core/messages/message.ts";
import type { Instant } from "../../../platform/effects.ts";
import type { Context } from "../../context/context.ts";

/** Refusals that are remembered: more attempts are under way at no time. */
const refusedMax = 512;
/** An attempt ends within the time of its call. */
const refusedMs = 2 * outboxCallMs;

interface Refused {
  readonly error: PeernetError;
  readonly untilMs: number;
}

/** The refusals of each daemon in this process, the oldest first. */
const refusals = new WeakMap<Context, Map<string, Refused>>();

const textOf = ({ fingerprint, message_id }: MessageKey): string => `${fingerprint} ${message_id}`;

/** The refusal that this message got a moment ago; null for any other. */
export function refusedBefore(
  context: Context,
  key: MessageKey,
  { monotonicMs }: Instant,
): PeernetError | null {
  const known = refusals.get(context)?.get(textOf(key));
  return known !== undefined && monotonicMs < known.untilMs ? known.error : null;
}

/** Notes a refusal. */
export function noteRefused(
  context: Context,
  key: MessageKey,
  { error, now }: { readonly error: PeernetError; readonly now: Instant },
): void {
  const all = refusals.get(context) ?? new Map<string, Refused>();
  refusals.set(context, all);
  if (all.has(textOf(key))) return;
  all.set(textOf(key), { error, untilMs: now.monotonicMs + refusedMs });
  const [oldest] = all.keys();
  if (all.size > refusedMax && oldest !== undefined) all.delete(oldest);
}
