/**
 * Follows the turns of sessions, in the transaction of each hook: what an event proves about mail,
 * and the notice in its answer.
 */

import { judgedAgainMs, noticeNamesMax } from "../../contract/delivery/limits.ts";
import type { Notice, Turn } from "../../contract/delivery/turn.ts";
import { follow, type Sign } from "../../core/messages/handover.ts";
import { type Reader, type Told, toldAt } from "../../core/messages/telling.ts";
import type { Work } from "../context/context.ts";
import { elapsedAt } from "../context/elapsed.ts";
import type { TurnEvent, UnreadMail } from "../context/ports.ts";
import { saveHandover } from "./handovers.ts";
import { mayGoOn, readerOf, type TellingParts, wakeableFacts } from "./parts.ts";

/** Notes an event of a session that holds a handle; returns the notice for the hook's answer. */
export function followTurn(parts: TellingParts, work: Work, told: TurnEvent): Notice | null {
  const { event, lease, now } = told;
  const { turn } = event;
  if (turn === undefined) return null;
  const nowMs = elapsedAt(parts.context, now);
  const before = readerOf(work, { ...lease, session_id: event.session_id });
  const followed = { told, turn, before, nowMs };
  // A subagent is not told: its memory ends before its session's does.
  if (turn.subagent) {
    judgeBy(parts, work, followed);
    return null;
  }
  const mailbox = parts.mail.mailboxOf(lease);
  const reader = heard(parts, work, followed);
  judgeBy(parts, work, followed);
  if (turn.moment === "prompt" && !event.headless) parts.mail.personActed(work, mailbox, now);
  const unread = parts.mail.waiting(work, mailbox, now);
  const facts = wakeableFacts(parts, work, { lease, unread });
  const asked = { ...reader, wake: before?.wake ?? null };
  const how = toldAt(turn, {
    ...{ reader: asked, mail: unread },
    mayGoOn: mayGoOn({ ...facts, reader }),
  });
  work.tables.readers.put(remembering(reader, { how, turn, unread, nowMs }));
  if (how === "continue") parts.mail.woken(work, mailbox, now);
  return how === "none" ? null : rung(parts, noticeOf(unread, how));
}

interface Followed {
  readonly told: TurnEvent;
  readonly turn: Turn;
  readonly before: Reader | null;
  readonly nowMs: number;
}

const sessionOf = ({ event, lease }: TurnEvent) => ({
  harness: event.harness,
  session_id: event.session_id,
  process: event.process ?? lease.process,
});

/** Judges the handovers of the session, and those of its predecessors on the handle. */
function judgeBy({ mail }: TellingParts, work: Work, followed: Followed): void {
  const { told, turn, before, nowMs } = followed;
  const { lease, now } = told;
  const session = sessionOf(told);
  const heard_ms = before?.heard_ms ?? null;
  const sign: Sign = { session, name: lease.name, turn, heard_ms };
  const sinceMs = Math.max(0, (heard_ms ?? 0) - judgedAgainMs);
  for (const handover of work.tables.handovers.concerning(session, lease.name, sinceMs)) {
    const after = follow(handover, sign, nowMs);
    if (after !== handover) saveHandover(work, mail, { before: handover, after, now });
  }
}

/** The memory of a session after an event, which proves the notice before it. */
function heard({ mail }: TellingParts, work: Work, followed: Followed): Reader {
  const { told, turn, before, nowMs } = followed;
  const { event, now } = told;
  const begins = turn.moment === "prompt" || turn.moment === "woken";
  const isProof = before !== null && before.told.length > 0;
  const proves = isProof && (before.told_by === "hook" || begins);
  if (proves) mail.announced(work, before.told, { evidence: `hook ${turn.moment}`, now });
  const wake = before?.wake ?? null;
  return {
    ...sessionOf(told),
    record: turn.record?.path ?? before?.record ?? null,
    bytes: turn.record?.bytes ?? before?.bytes ?? 0,
    asks: turn.asks ?? before?.asks ?? null,
    headless: event.headless,
    heard_ms: nowMs,
    noticed: begins || turn.moment === "clear" ? null : (before?.noticed ?? null),
    told: proves ? [] : (before?.told ?? []),
    told_by: before?.told_by ?? "hook",
    wake: wake === null ? null : { ...wake, answered: true, failed: null },
  };
}

interface Notifying {
  readonly how: Told;
  readonly turn: Turn;
  readonly unread: UnreadMail;
  readonly nowMs: number;
}

/** The memory of a session after the notice that it is given. */
function remembering(reader: Reader, { how, unread, nowMs }: Notifying): Reader {
  if (how === "none") return reader;
  const noticed = { ...reader, noticed: unread.newest, told: unread.ids, told_by: "hook" as const };
  if (how !== "continue" || unread.newest === null) return noticed;
  // A turn that goes on is a started turn: without an event after it the session is woken.
  const wake = { newest: unread.newest, tries: 1, at_ms: nowMs, answered: false, failed: null };
  return { ...noticed, wake };
}

/** The notice, which rings where the settings say so. */
const rung = ({ context }: TellingParts, notice: Notice): Notice =>
  context.config.notify.bell ? { ...notice, bell: true } : notice;

/** A notice of unread mail: it names only machines that a person named. */
function noticeOf({ count, peers }: UnreadMail, how: Told): Notice {
  const names = [...new Set(peers.filter((name) => name !== null))];
  const from = names.slice(0, noticeNamesMax);
  const others = names.length > from.length || peers.includes(null);
  return { count, from, others, model: how !== "person" };
}
