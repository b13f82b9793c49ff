/** Handlers of the rows that show the outbox and drop its entries. */

import type { Control } from "../../contract/control.ts";
import { PeernetError } from "../../contract/errors.ts";
import type { Handlers } from "../../contract/operation/operation.ts";
import type { ShownOutboxEntry } from "../../contract/reach/outbox.ts";
import { type EntryHead, leftMs } from "../../core/outbox.ts";
import type { Context, LocalCaller } from "../context/context.ts";
import { elapsedAt } from "../context/elapsed.ts";
import type { Kinds } from "./kinds.ts";

/** Dependencies of the handlers of the outbox. */
export interface OutboxParts {
  readonly context: Context;
  readonly kinds: Kinds;
  readonly isUnderWay: (entry: EntryHead) => boolean;
}

/** Entries of one listing; only peers that are away for days have more. */
const listedMax = 1_000;

/** Handlers of the rows about the outbox. */
export function outboxHandlers({
  context,
  kinds,
  isUnderWay,
}: OutboxParts): Pick<Handlers<Control, LocalCaller>, "outbox" | "outbox/drop"> {
  const shown = (entry: EntryHead, elapsed: number): ShownOutboxEntry => ({
    id: entry.id,
    peer: context.tables.peers.get(entry.fingerprint)?.name ?? "",
    kind: entry.kind,
    lane: entry.lane,
    subject_id: entry.subject_id,
    bytes: entry.bytes,
    age_ms: Math.max(0, elapsed - entry.queued_ms),
    expires_in_ms: leftMs(entry, elapsed),
    failures: entry.failures,
    stuck: entry.stuck,
  });
  return {
    outbox: async (_input, { now }) => {
      const elapsed = elapsedAt(context, now);
      return { entries: context.tables.outbox.all(listedMax).map((each) => shown(each, elapsed)) };
    },
    "outbox/drop": async ({ id: typed }, { now }) => {
      const [id, ...others] = context.tables.outbox.alike(typed);
      if (id === undefined) {
        throw new PeernetError("id_unknown", {
          message: "no entry of the outbox has that id",
          hint: "peernet outbox",
        });
      }
      if (others.length > 0) throw new PeernetError("id_several");
      return context.transact(now, (work) => {
        const entry = work.tables.outbox.get(id);
        const wasUnderWay = entry !== null && isUnderWay(entry);
        if (entry !== null && work.tables.outbox.remove(id, entry.version)) {
          kinds[entry.kind].ended(work, entry, { end: "dropped", now });
        }
        return { value: { id, outcome: wasUnderWay ? "unknown" : "dropped" } };
      });
    },
  };
}
