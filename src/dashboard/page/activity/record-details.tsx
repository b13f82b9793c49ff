/** A line of the audit trail with its thread, and its stored fields. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { AuditRecord } from "../../../contract/audit.ts";
import { type AuditLine, linesOf } from "../../../contract/text/audit-lines.ts";
import { Fact, Foreign } from "../ui.tsx";
import { dateTextOf, Entry, Words } from "./record.tsx";
import { choose, everything, threadOf } from "./trail.ts";

interface Opened {
  readonly line: AuditLine;
  readonly close: () => void;
}

/** An open line. */
export function Whole({ line, close }: Opened) {
  const thread = useSignal<readonly AuditLine[]>([]);
  const { record, asked } = line;
  const id = record.thread_id;
  useEffect(() => {
    thread.value = [];
    if (id === null) return;
    void threadOf(id).then((found) => {
      thread.value = linesOf(found);
    });
  }, [id, thread]);
  return (
    <section class="whole" aria-label={`Record ${record.seq}`}>
      <header>
        <p class="over-title">{dateTextOf(record)}</p>
        <h2>
          <Words line={line} />
        </h2>
        <button type="button" class="close" aria-label="Close the record" onClick={close}>
          ×
        </button>
      </header>
      {thread.value.length > 1 && <Thread lines={thread.value} />}
      {id !== null && (
        <div class="actions">
          <button type="button" onClick={() => void choose({ ...everything, thread: id })}>
            Only this thread
          </button>
        </div>
      )}
      <Fields name={`Record ${record.seq}, as it is kept`} record={record} />
      {asked !== null && <Fields name={`Record ${asked.seq}: the question left`} record={asked} />}
    </section>
  );
}

const Thread = ({ lines }: { readonly lines: readonly AuditLine[] }) => (
  <>
    <h3>Its thread</h3>
    <ol class="thread">
      {lines.map((each) => (
        <li key={each.record.seq}>
          <Entry line={each} />
        </li>
      ))}
    </ol>
  </>
);

const Fields = ({ name, record }: { readonly name: string; readonly record: AuditRecord }) => (
  <details class="more">
    <summary>{name}</summary>
    <dl>
      {Object.entries(record)
        .filter(([, value]) => value !== null)
        .map(([field, value]) => (
          <Fact key={field} name={field}>
            <Foreign text={String(value)} />
          </Fact>
        ))}
    </dl>
  </details>
);
