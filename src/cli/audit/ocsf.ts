/**
 * A record as an event of the Open Cybersecurity Schema Framework, for a tool that gathers such
 * events: the class API Activity (6003) of its version 1.8.0. Leaves out the text of a question
 * unless it is asked for.
 */

import type { AuditRecord, Verb } from "../../contract/audit.ts";
import {
  isBackground,
  isFailure,
  needsLook,
  sentenceOf,
} from "../../contract/text/audit-sentence.ts";
import { printable } from "../../contract/text/printable.ts";

/** The version of the schema, as each event names it. */
export const ocsfVersion = "1.8.0";
const classUid = 6_003;

/** The machine whose trail is exported. */
export interface Exporter {
  readonly name: string;
  readonly fingerprint: string;
  readonly version: string;
  /** True to include the text of questions. */
  readonly withText: boolean;
}

/** The schema's activities: create, read, update, delete; other ones are named. */
const activities: Readonly<Record<Verb, 1 | 2 | 3 | 4 | 99>> = {
  ...{ trail: 1, activate: 1, window_open: 1, pair: 1, message: 1, task: 1, handover: 1 },
  ...{ ask: 2, wait: 2, overlap: 2, read: 2, hello: 2, probe: 2, witness: 2, compare: 2 },
  ...{ archive: 3, grant: 3, policy: 3, rename: 3, move: 3 },
  ...{ deactivate: 4, expire: 4, window_close: 4, evict: 4, unpair: 4 },
  ...{ confirm: 99, refused: 99 },
};

/** A record as an event. */
export function ocsfEvent(record: AuditRecord, exporter: Exporter): object {
  const { verb, outcome, at_ms, count } = record;
  const activity = activities[verb];
  const isOpen = outcome === "asked" || outcome === "waiting";
  const failed = isFailure(outcome);
  return {
    ...{ category_uid: 6, category_name: "Application Activity" },
    ...{ class_uid: classUid, class_name: "API Activity" },
    ...{ activity_id: activity, type_uid: classUid * 100 + activity },
    ...(activity === 99 ? { activity_name: verb } : {}),
    ...severityOf(record),
    time: at_ms,
    ...(count === null ? {} : { count }),
    message: messageOf(record),
    ...(isOpen ? { status_id: 0 } : { status_id: failed ? 2 : 1 }),
    status_code: outcome,
    metadata: metadataOf(record, exporter),
    actor: actorOf(record),
    api: apiOf(record),
    ...endpointsOf(record, exporter),
    ...(record.handle === null ? {} : { resources: [{ name: record.handle, type: "session" }] }),
    unmapped: unmappedOf(record, exporter),
  };
}

/** A forbidden attempt or a failed proof needs a look; other failures are low. */
function severityOf(record: AuditRecord): object {
  if (needsLook(record)) return { severity_id: 3, severity: "Medium" };
  const isLow = isFailure(record.outcome) && !isBackground(record);
  return isLow
    ? { severity_id: 2, severity: "Low" }
    : { severity_id: 1, severity: "Informational" };
}

function messageOf(record: AuditRecord): string {
  const { act, outcome } = sentenceOf({ record, asked: null, text: null, isOpen: false });
  return printable(outcome === "" ? act : `${act}: ${outcome}`);
}

const metadataOf = (
  { hash, seq, thread_id, verb }: AuditRecord,
  { version }: Exporter,
): object => ({
  version: ocsfVersion,
  product: { name: "peernet", vendor_name: "peernet", version },
  ...{ uid: hash, sequence: seq, log_name: "audit", event_code: verb },
  ...(thread_id === null ? {} : { correlation_uid: thread_id }),
});

/** The session or the caller that acted. */
function actorOf({
  direction,
  from_handle,
  harness,
  origin_login,
  peer_name,
}: AuditRecord): object {
  const session = direction === "in" ? null : from_handle;
  return {
    app_name: (direction === "in" ? null : harness) ?? "peernet",
    ...(session === null ? {} : { session: { uid: session } }),
    ...(origin_login === null ? {} : { user: { name: origin_login } }),
    ...(direction === "in" && peer_name !== null ? { invoked_by: peer_name } : {}),
  };
}

const apiOf = ({ verb, subject_id, outcome }: AuditRecord): object => ({
  operation: verb,
  service: { name: "peernet" },
  ...(subject_id === null ? {} : { request: { uid: subject_id } }),
  ...(isFailure(outcome) ? { response: { error: outcome } } : {}),
});

/** The machine that acted, and the one that was acted upon. */
function endpointsOf(record: AuditRecord, { name, fingerprint }: Exporter): object {
  const own = { name, uid: fingerprint };
  const { direction, peer_name, peer_fingerprint, origin_address, origin_node } = record;
  const other = {
    ...(peer_name === null ? {} : { name: peer_name }),
    ...(peer_fingerprint === null ? {} : { uid: peer_fingerprint }),
    ...(origin_address === null ? {} : { ip: origin_address }),
    ...(origin_node === null ? {} : { instance_uid: origin_node }),
  };
  const isKnown = Object.keys(other).length > 0;
  if (direction === "in") {
    return { src_endpoint: isKnown ? other : { name: "unknown" }, dst_endpoint: own };
  }
  return { src_endpoint: own, ...(isKnown && direction === "out" ? { dst_endpoint: other } : {}) };
}

/** The facts of a record for which the schema has no place, by peernet's own names. */
function unmappedOf(record: AuditRecord, { withText }: Exporter): object {
  const { direction, origin_transport, content_sha256, details, prev_hash, text } = record;
  return {
    ...{ direction, origin_transport, content_sha256, prev_hash },
    details: details === null ? null : JSON.parse(details),
    ...(withText ? { text } : {}),
  };
}
