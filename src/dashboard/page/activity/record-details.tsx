/** A record of the audit trail with every field, and its thread. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { AuditRecord } from "../../../contract/audit.ts";
import { Fact, Foreign } from "../ui.tsx";
import { dateTextOf, Entry, verbs, whoOf } from "./record.tsx";
import { choose, everything, threadOf } from "./trail.ts";

interface Opened {
  readonly record: AuditRecord;
  readonly close: () => void;
}

/** An open record. */
export function Whole({ record, close }: Opened) {
  const thread = useSignal<readonly AuditRecord[]>([]);
  useEffect(() => {
    thread.value = [];
    if (record.thread_id === null) return;
    void threadOf(record.thread_id).then((found) => {
      thread.value = found;
    });
  }, [record.thread_id, thread]);
  const id = record.thread_id;
  return (
    <section class="whole" aria-label={`Record ${record.seq}`}>
      <header>
        <p class="over-title">Record {record.seq}</p>
        <h2>
          {verbs[record.verb]} <Foreign text={whoOf(record)} />
        </h2>
        <button type="button" class="close" aria-label="Close the record" onClick={close}>
          ×
        </button>
      </header>
      {thread.value.length > 1 && <Thread records={thread.value} />}
      {id !== null && (
        <div class="actions">
          <button type="button" onClick={() => void choose({ ...everything, thread: id })}>
            Only this thread
          </button>
        </div>
      )}
      <Fields record={record} />
    </section>
  );
}

const Thread = ({ records }: { readonly records: readonly AuditRecord[] }) => (
  <>
    <h3>Its thread, {records.length} records</h3>
    <ol class="thread">
      {records.map((each) => (
        <li key={each.seq}>
          <Entry record={each} />
          {each.text !== null && (
            <blockquote>
              <Foreign text={each.text} />
            </blockquote>
          )}
        </li>
      ))}
    </ol>
  </>
);

const Fields = ({ record }: { readonly record: AuditRecord }) => (
  <dl>
    <Fact name="when">{dateTextOf(record)}</Fact>
    {Object.entries(record)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => (
        <Fact key={name} name={name}>
          <Foreign text={String(value)} />
        </Fact>
      ))}
  </dl>
);
