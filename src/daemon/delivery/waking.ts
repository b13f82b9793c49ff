/**
 * Starts turns of idle sessions for their mail: by the process that waits for that, or by the
 * client's own command. Decides in one transaction, acts after its commit, and notes what failed.
 */

import { wakeRetryMs } from "../../contract/delivery/limits.ts";
import { wakerWords } from "../../contract/delivery/notices.ts";
import { notWakeable, type Reader, wakeStep } from "../../core/messages/telling.ts";
import { type Lease, liveLeases, shownState } from "../../core/sessions/lease.ts";
import { type Instant, instantOf } from "../../platform/effects.ts";
import { nowOf, type Work } from "../context/context.ts";
import { detach } from "../context/detached.ts";
import { elapsedAt } from "../context/elapsed.ts";
import { readerOf, type TellingParts, wakeableFacts } from "./parts.ts";
import { endWaker, orphans, ring } from "./wakers.ts";

/** A session to wake, and the way. */
interface Waking {
  readonly lease: Lease;
  readonly reader: Reader;
  /** The pipe of its waker; null for a session that its client's command wakes. */
  readonly pipe: string | null;
}

/** Wakes each session that may be woken now. Resolves to the ms until the next may be; or null. */
export async function wakeAll(parts: TellingParts, now: Instant): Promise<number | null> {
  const { context } = parts;
  const { waits, wakings } = await context.transact(now, (work) => {
    for (const orphan of orphans(context)) endWaker(context, work, orphan);
    const live = liveLeases(work.tables.leases.all(), nowOf(context, now));
    const steps = live.flatMap((lease) => stepFor(parts, work, { lease, now }) ?? []);
    const waits = steps.filter((step) => typeof step === "number");
    return { value: { waits, wakings: steps.filter((step) => typeof step === "object") } };
  });
  for (const waking of wakings) {
    detach(context.effects.log, "waking", () => wake(parts, waking));
    waits.push(wakeRetryMs);
  }
  return waits.length === 0 ? null : Math.min(...waits);
}

/** The next act for one session: the wait in ms, a wake that is noted already, or null. */
function stepFor(
  parts: TellingParts,
  work: Work,
  { lease, now }: { readonly lease: Lease; readonly now: Instant },
): Waking | number | null {
  const { context, mail } = parts;
  const reader = readerOf(work, lease);
  if (reader === null || work.tables.messages.unread(lease.name).length === 0) return null;
  const mailbox = mail.mailboxOf(lease);
  const unread = mail.waiting(work, mailbox, now);
  if (notWakeable(wakeableFacts(parts, work, { lease, unread })) !== null) return null;
  const nowMs = elapsedAt(context, now);
  const state = shownState(lease, nowOf(context, now));
  const step = wakeStep(reader, unread, { state, nowMs });
  if (step.do === "wait") return step.ms;
  if (step.do === "nothing" || unread.newest === null) return null;
  if (step.tries === 1) mail.woken(work, mailbox, now);
  const { newest, ids } = unread;
  const wake = { newest, tries: step.tries, at_ms: nowMs, answered: false, failed: null };
  work.tables.readers.put({ ...reader, wake, told: ids, told_by: "wake" });
  const pipe = work.tables.readers.wakersOf(lease).at(-1)?.pipe ?? null;
  return { lease, reader: { ...reader, wake }, pipe };
}

async function wake(parts: TellingParts, { lease, reader, pipe }: Waking): Promise<void> {
  if (pipe !== null) {
    const isRung = ring(parts.context.effects, pipe, wakerWords.wake);
    // A rung waker ends. One that was killed woke nobody: another may, as soon as it is there.
    return note(parts, reader, { pipe, wake: isRung ? reader.wake : null });
  }
  const input = { thread: reader.session_id, process: lease.process };
  const ended = await parts.errands.run({ kind: "queue", input });
  if (ended.done || reader.wake === null) return;
  const failed = `codex queue: ${ended.why}`;
  return note(parts, reader, { pipe, wake: { ...reader.wake, failed } });
}

/** Notes the end of a waker, and what came of a wake that no event has followed. */
function note(
  { context }: TellingParts,
  reader: Reader,
  { pipe, wake }: { readonly pipe: string | null; readonly wake: Reader["wake"] },
): Promise<void> {
  return context.transact(instantOf(context.effects.clock), ({ tables: { readers } }) => {
    if (pipe !== null) readers.removeWaker(pipe);
    const current = readers.get(reader);
    const isSame = current !== null && Bun.deepEquals(current.wake, reader.wake);
    if (isSame && wake !== reader.wake) readers.put({ ...current, wake });
    return { value: undefined };
  });
}
