/** Tells a peer the records here that are about it, a page at a time. */

import { accept, type Outcome } from "../../contract/errors.ts";
import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import { subjectsPageMax } from "../../contract/subjects/limits.ts";
import type { ToldRecord } from "../../contract/subjects/subjects.ts";
import type { Wire } from "../../contract/wire.ts";
import { between, lastId } from "../../core/subjects/interruptions.ts";
import type { Instant } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Context } from "../context/context.ts";
import { noPlace, pageOf, trailOf } from "./pages.ts";

/** A peer's request for records about it. */
export interface Comparing {
  readonly peer: PeerRow;
  readonly input: InputOf<Wire["subjects"]>;
  readonly now: Instant;
}

/** Answers a page of records about the caller, and of nobody else. */
export function answerSubjects(
  context: Context,
  { peer, input, now }: Comparing,
): Outcome<OutputOf<Wire["subjects"]>> {
  const { only } = input;
  const after = input.after ?? noPlace;
  const place = only === null || only === after.subject_id ? after : { subject_id: only, seq: 0 };
  const page = pageOf(context, { peer, now, place, only, limit: subjectsPageMax });
  const { interruptions, archived } = trailOf(context, peer.fingerprint);
  const upTo = page.more ? (page.records.at(-1)?.subject_id ?? lastId) : lastId;
  const span = only === null ? { after: after.subject_id, upTo } : { after: only, upTo: only };
  const records: ToldRecord[] = [...page.records];
  return accept({
    ...{ records, more: page.more, archived },
    interruptions: [...between(interruptions, span)],
  });
}
