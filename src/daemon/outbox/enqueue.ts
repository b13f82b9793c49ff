/** Queues entries, in the transaction of their cause. */

import { accept, type Outcome } from "../../contract/errors.ts";
import { type EntryKind, entryKinds } from "../../contract/reach/outbox.ts";
import { room } from "../../core/outbox.ts";
import type { Instant } from "../../platform/effects.ts";
import type { OutboxRow } from "../../store/outbox.ts";
import type { Context, Work } from "../context/context.ts";
import { elapsedAt } from "../context/elapsed.ts";

/** An entry in the form from its cause. */
export interface Draft extends Pick<OutboxRow, "fingerprint" | "subject_id" | "scope" | "session"> {
  readonly kind: EntryKind;
  /** The id by which people know it already, as that of a message; a new one unless given. */
  readonly id?: string;
  /** JSON of the content. */
  readonly body: string;
  /** Bytes of text that the entry stands for and that its row holds; else those of the body. */
  readonly textBytes?: number;
  /** Replaces the entry of the same kind and subject. */
  readonly replaces?: true;
}

/** Queues an entry. Refuses with {outbox_full} {body_too_large}, with nothing queued. */
export function enqueue(
  context: Context,
  work: Work,
  { draft, now }: { readonly draft: Draft; readonly now: Instant },
): Outcome<string> {
  const { replaces, textBytes, id = context.effects.random.uuid(), ...given } = draft;
  const { lane, rank } = entryKinds[draft.kind];
  const bytes = textBytes ?? new TextEncoder().encode(draft.body).length;
  const { outbox } = work.tables;
  const admitted = room(outbox.queued(draft.fingerprint, draft.session), { lane, bytes });
  if (!admitted.ok) return admitted;
  const queued_ms = elapsedAt(context, now);
  const fresh = { version: 1, failures: 0, first_failure_ms: null, stuck: false };
  const entry = { ...given, ...fresh, id, lane, rank, bytes, queued_ms };
  if (replaces) outbox.replace(entry);
  else outbox.add(entry);
  return accept(id);
}
