/** One record of the audit trail, in words. */

import type { AuditRecord, Verb } from "../../../contract/audit.ts";
import { rightHalf } from "../names.ts";
import { dateOf } from "../state/browser.ts";
import { Foreign } from "../ui.tsx";

const arrows = { in: "←", out: "→", local: "·" } as const;
const ways = { in: "from", out: "to", local: "here" } as const;

/** Each verb in words for a person. */
export const verbs: Readonly<Record<Verb, string>> = {
  trail: "trail begins",
  archive: "archive",
  ask: "ask",
  wait: "wait",
  activate: "activate",
  deactivate: "deactivate",
  expire: "expire",
  window_open: "window open",
  window_close: "window close",
  confirm: "attempt",
  evict: "evict",
  pair: "pair",
  grant: "grant",
  rename: "rename",
  unpair: "unpair",
  move: "move",
  refused: "refused",
  probe: "probe",
  hello: "hellos",
  witness: "witness",
};

const clockTime = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const dayAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** The hour of a record. */
export const timeOf = ({ at_ms }: AuditRecord): string => clockTime.format(dateOf(at_ms));
/** The day and second of a record. */
export const dateTextOf = ({ at_ms }: AuditRecord): string => dayAndTime.format(dateOf(at_ms));

/** The subject of a record: a peer's name, else an address, else this machine. */
export const whoOf = (record: AuditRecord): string =>
  record.peer_name ??
  record.origin_address ??
  (record.direction === "local" ? "this machine" : "unknown");

/** A record in one short line. */
export const Entry = ({ record }: { readonly record: AuditRecord }) => (
  <span class={`entry ${record.outcome === "ok" ? "ok" : "bad"}`}>
    <time>{timeOf(record)}</time>
    <span class={`way ${record.direction}`} role="img" aria-label={ways[record.direction]}>
      {arrows[record.direction]}
    </span>
    <span class="who">
      <Foreign text={whoOf(record)} />
    </span>
    <span class="verb">
      {verbs[record.verb]}
      {record.handle !== null && (
        <>
          {" "}
          <code>
            <Foreign text={rightHalf(record.handle)} />
          </code>
        </>
      )}
    </span>
    <span class="outcome">
      {record.outcome === "ok" ? "ok" : <Foreign text={record.outcome} />}
    </span>
  </span>
);
