/** Handlers that read the audit trail. */

import type { AuditRecord } from "../../contract/audit.ts";
import type { Control } from "../../contract/control.ts";
import { auditPageMax } from "../../contract/limits.ts";
import type { Handlers, InputOf } from "../../contract/operation/operation.ts";
import type { AuditFilter } from "../../store/audit.ts";
import { type Context, type LocalCaller, unknownPeer } from "../context/context.ts";
import type { Witness } from "../context/ports.ts";
import { pulled } from "../context/queue.ts";
import { show } from "./show.ts";
import type { Trail } from "./trail.ts";

type Rows = "audit" | "audit/follow" | "audit/export" | "audit/verify" | "audit/archive" | "show";
type Filter = Omit<InputOf<Control["audit/follow"]>, "after_seq">;

/** Handlers of the audit rows. */
export function auditHandlers(
  context: Context,
  trail: Trail,
  witness: Witness,
): Pick<Handlers<Control, LocalCaller>, Rows> {
  const { audit } = context.tables;
  return {
    audit: async (input, { now }) => {
      await trail.verifyFurther();
      const since = input.since_ms === undefined ? 0 : Math.floor(now.wallMs) - input.since_ms;
      const time = { sinceAtMs: Math.max(0, since), beforeSeq: input.before_seq };
      const records = audit.newest({ ...filterOf(context, input), ...time }, input.limit);
      const { total, lease_events } = audit.count(Math.max(0, since));
      const { hash: head } = audit.head();
      const hidden_lease_events = input.all ? 0 : lease_events;
      return {
        records: [...records],
        hidden_lease_events,
        total,
        head,
        verified_to: trail.verifiedTo,
      };
    },
    "audit/follow": (input) =>
      following(context, filterOf(context, input), input.after_seq ?? audit.head().seq),
    "audit/export": ({ after_seq }) => exporting(context, after_seq),
    show: async ({ id }) => show(context, id),
    "audit/verify": async (_input, { now }) => {
      const output = await trail.verify();
      if (!output.ok) return output;
      // An intact trail is signed to its end, and reachable peers keep a copy of that signature.
      trail.sign(now);
      await witness.handHead();
      return trail.covered(output);
    },
    "audit/archive": async ({ before_ms }, { now }) => ({
      segments: [...(await trail.archive(before_ms, now))],
    }),
  };
}

function filterOf(context: Context, input: Filter): AuditFilter {
  const peer = input.peer === undefined ? undefined : context.tables.peers.named(input.peer);
  if (peer === null) throw unknownPeer(input.peer ?? "");
  const { handle, verb, thread_id: threadId, all } = input;
  return { peerFingerprint: peer?.fingerprint, handle, verb, threadId, all };
}

/** New records as they come; each wakes the reader, without polling. */
function following(
  context: Context,
  filter: AuditFilter,
  afterSeq: number,
): AsyncIterableIterator<AuditRecord> {
  let seq = afterSeq;
  const page: AuditRecord[] = [];
  const take = (): AuditRecord | null => {
    if (page.length === 0) {
      page.push(...context.tables.audit.next({ ...filter, afterSeq: seq }, auditPageMax));
    }
    const record = page.shift() ?? null;
    if (record !== null) seq = record.seq;
    return record;
  };
  const leave = context.events.listen((item) => {
    if (item.of === "commit" && item.recorded) stream.wake();
  });
  const stream = pulled(take, leave);
  return stream;
}

async function* exporting(context: Context, afterSeq: number): AsyncGenerator<AuditRecord> {
  const end = context.tables.audit.head().seq;
  let seq = afterSeq;
  while (seq < end) {
    const page = context.tables.audit.next({ afterSeq: seq, all: true }, auditPageMax);
    for (const record of page) if (record.seq <= end) yield record;
    const last = page.at(-1);
    if (last === undefined) return;
    seq = last.seq;
  }
}
