/** One line of the audit trail, as people read it. */

import type { AuditRecord, Verb } from "../../../contract/audit.ts";
import type { AuditLine } from "../../../contract/text/audit-lines.ts";
import { needsLook, sentenceOf } from "../../../contract/text/audit-sentence.ts";
import { dateOf, today } from "../state/browser.ts";
import { Foreign } from "../ui.tsx";

/** The kinds of record, in the words of a filter. */
export const verbs: Readonly<Record<Verb, string>> = {
  trail: "the first record",
  archive: "archive",
  ask: "ask",
  wait: "wait",
  overlap: "compared files",
  activate: "handle taken",
  deactivate: "handle given up",
  expire: "handle ended",
  window_open: "window opened",
  window_close: "window closed",
  confirm: "code typed",
  evict: "attempt made room",
  pair: "paired",
  grant: "grant",
  rename: "new name",
  unpair: "unpaired",
  move: "new address",
  refused: "refused",
  probe: "probe",
  hello: "hello",
  witness: "witness",
  compare: "compared records",
  message: "message",
  handover: "handover",
  policy: "policy",
  read: "read",
  task: "task",
};

const clockTime = new Intl.DateTimeFormat(undefined, { timeStyle: "medium", hourCycle: "h23" });
const dayAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const dayOnly = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });

/** The day of a record, as a heading. */
export function dayTextOf({ at_ms }: AuditRecord): string {
  const day = dayOnly.format(dateOf(at_ms));
  return day === dayOnly.format(dateOf(today())) ? "Today" : day;
}
/** The day and second of a record. */
export const dateTextOf = ({ at_ms }: AuditRecord): string => dayAndTime.format(dateOf(at_ms));

/** A line of the trail as a sentence; text of another machine stays plain. */
export const Words = ({ line }: { readonly line: AuditLine }) => {
  const { act, question, outcome } = sentenceOf(line);
  return (
    <span class={needsLook(line.record) ? "words look" : "words"}>
      <Foreign text={act} />
      {question !== null && (
        <>
          {": “"}
          <span class="question">
            <Foreign text={question} />
          </span>
          ”
        </>
      )}
      {outcome !== "" && (
        <span class="outcome">
          , <Foreign text={outcome} />
        </span>
      )}
    </span>
  );
};

/** A line with the second of its record. */
export const Entry = ({ line }: { readonly line: AuditLine }) => (
  <span class="entry">
    <time>{clockTime.format(dateOf(line.record.at_ms))}</time>
    <Words line={line} />
  </span>
);
