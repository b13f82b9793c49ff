/**
 * Starts turns of idle sessions for their mail: by the process that waits for that, or by the
 * client's own command. Decides in one transaction, acts after its commit, and notes what failed.
 */

import { wakeRetryMs } from "../../contract/delivery/limits.ts";
import { wakerWords } from "../../contract/delivery/notices.ts";
import { obstacleTo, type Reader, type Wake, wakeStep } from "../../core/messages/telling.ts";
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
  readonly wake: Wake;
  /** The messages that it is woken for. */
  readonly ids: readonly string[];
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
    const wakings = steps.filter((step) => typeof step === "object");
    // A command may take seconds: it is noted first, so that no second one is started.
    for (const waking of wakings) if (waking.pipe === null) note(parts, work, { waking, now });
    return { value: { waits, wakings } };
  });
  for (const waking of wakings) {
    if (waking.pipe === null) detach(context.effects.log, "waking", () => queue(parts, waking));
    else await rings(parts, waking, waking.pipe);
    waits.push(wakeRetryMs);
  }
  return waits.length === 0 ? null : Math.min(...waits);
}

/** The next act for one session: the wait in ms, a wake, or null. */
function stepFor(
  parts: TellingParts,
  work: Work,
  { lease, now }: { readonly lease: Lease; readonly now: Instant },
): Waking | number | null {
  const { context, mail } = parts;
  const reader = readerOf(work, lease);
  if (reader === null || work.tables.messages.unread(lease.name).length === 0) return null;
  const unread = mail.waiting(work, mail.mailboxOf(lease), now);
  if (obstacleTo(wakeableFacts(parts, work, { lease, unread })) !== null) return null;
  const nowMs = elapsedAt(context, now);
  const state = shownState(lease, nowOf(context, now));
  const step = wakeStep(reader, unread, { state, nowMs });
  if (step.do === "wait") return step.ms;
  if (step.do === "nothing" || unread.newest === null) return null;
  const { newest, ids } = unread;
  const wake = { newest, tries: step.tries, at_ms: nowMs, answered: false, failed: null };
  const pipe = work.tables.readers.wakersOf(lease).at(-1)?.pipe ?? null;
  return { lease, reader, wake, ids, pipe };
}

/** Notes a wake: it counts in the budgets once, and its messages are told of. */
function note(
  { mail }: TellingParts,
  work: Work,
  { waking, now }: { readonly waking: Waking; readonly now: Instant },
): void {
  const { lease, reader, wake, ids } = waking;
  if (wake.tries === 1) mail.woken(work, mail.mailboxOf(lease), now);
  const current = work.tables.readers.get(reader) ?? reader;
  work.tables.readers.put({ ...current, wake, told: ids, told_by: "wake" });
}

/** Rings at a waker, which ends by that; one that was killed wakes nobody, and counts for none. */
async function rings(parts: TellingParts, waking: Waking, pipe: string): Promise<void> {
  const { context } = parts;
  const isRung = ring(context.effects, pipe, wakerWords.wake);
  const now = instantOf(context.effects.clock);
  await context.transact(now, (work) => {
    work.tables.readers.removeWaker(pipe);
    if (isRung) note(parts, work, { waking, now });
    return { value: undefined };
  });
}

/** Has the keeper wake a thread of Codex; notes a failure until the session's next event. */
async function queue({ context, errands }: TellingParts, waking: Waking): Promise<void> {
  const { reader, lease, wake } = waking;
  const input = { thread: reader.session_id, process: lease.process, cwd: lease.cwd };
  const ended = await errands.run({ kind: "queue", input });
  if (ended.done && ended.output.queued) return;
  const failed = ended.done ? "terminal" : "command";
  await context.transact(instantOf(context.effects.clock), ({ tables: { readers } }) => {
    const current = readers.get(reader);
    const isSame = current !== null && Bun.deepEquals(current.wake, wake);
    if (isSame) readers.put({ ...current, wake: { ...wake, failed } });
    return { value: undefined };
  });
}
