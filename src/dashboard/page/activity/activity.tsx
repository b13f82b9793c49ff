/**
 * The audit trail as it grows: filtered, read on during scrolling, and drawn only where visible.
 */

import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { AuditRecord, Verb } from "../../../contract/audit.ts";
import type { AuditLine } from "../../../contract/text/audit-lines.ts";
import { offer } from "../state/browser.ts";
import { peers } from "../state/state.ts";
import { Failed, Foreign } from "../ui.tsx";
import { Chain } from "./chain.tsx";
import { Entry, verbs } from "./record.tsx";
import { Whole } from "./record-details.tsx";
import {
  choose,
  everything,
  exported,
  filter,
  isReading,
  isWhole,
  lines,
  readError,
  readOlder,
} from "./trail.ts";

/** The height of a row, as in the style sheet. */
const rowPx = 40;
const beyond = 8;

/** The tab. */
export function Activity() {
  const chosen = useSignal<AuditRecord | null>(null);
  return (
    <main class="activity" id="main">
      <h1 class="hidden">Activity</h1>
      <div class="bar">
        <Filters />
        <Chain />
        <Export />
      </div>
      {readError.value !== null && <Failed error={readError.value} />}
      <div class={chosen.value === null ? "trail" : "trail with-record"}>
        <Rows
          chosen={chosen.value}
          choose={(record) => {
            chosen.value = record;
          }}
        />
        {chosen.value !== null && (
          <Whole
            record={chosen.value}
            close={() => {
              chosen.value = null;
            }}
          />
        )}
      </div>
    </main>
  );
}

const outcomes = [
  "ok",
  "refused",
  "handle_unknown",
  "scope_denied",
  "peer_unreachable",
  "peer_timeout",
  "rate_limited",
  "code_rejected",
];

function Filters() {
  const wanted = filter.value;
  const set = (more: Partial<typeof wanted>): void => void choose({ ...filter.value, ...more });
  const names = peers.value.map(({ value }) => value.name);
  return (
    <fieldset class="filters" aria-label="Filter">
      <Pick label="Peer" value={wanted.peer} values={names} set={(peer) => set({ peer })} />
      <Pick
        label="Verb"
        value={wanted.verb}
        values={Object.keys(verbs)}
        // The choice's values are the verbs, and the empty string for all of them.
        set={(verb) => set({ verb: verb as Verb | "" })}
      />
      <Pick
        label="Outcome"
        value={wanted.outcome}
        values={outcomes}
        set={(outcome) => set({ outcome })}
      />
      <label class="check">
        <input type="checkbox" checked={wanted.all} onChange={() => set({ all: !wanted.all })} />
        Lease events
      </label>
      {wanted.thread !== "" && (
        <button type="button" class="chip" onClick={() => set({ thread: "" })}>
          thread {wanted.thread.slice(0, 8)} ×
        </button>
      )}
      {JSON.stringify(wanted) !== JSON.stringify(everything) && (
        <button type="button" class="quiet" onClick={() => void choose(everything)}>
          Clear
        </button>
      )}
    </fieldset>
  );
}

const Pick = ({
  label,
  value,
  values,
  set,
}: {
  readonly label: string;
  readonly value: string;
  readonly values: readonly string[];
  readonly set: (value: string) => void;
}) => (
  <label class="pick">
    <span>{label}</span>
    <select value={value} onChange={(event) => set(event.currentTarget.value)}>
      <option value="">all</option>
      {values.map((each) => (
        <option key={each} value={each}>
          {each}
        </option>
      ))}
    </select>
  </label>
);

function Export() {
  const isBusy = useSignal(false);
  const save = async (): Promise<void> => {
    isBusy.value = true;
    offer("peernet-audit.jsonl", await exported());
    isBusy.value = false;
  };
  return (
    <button type="button" disabled={isBusy.value} onClick={save}>
      {isBusy.value ? "Exporting…" : "Export"}
    </button>
  );
}

function Rows({
  chosen,
  choose: pick,
}: {
  readonly chosen: AuditRecord | null;
  readonly choose: (record: AuditRecord) => void;
}) {
  const frame = useRef<HTMLElement>(null);
  const seen = useSignal({ first: 0, count: 30 });
  const see = (): void => {
    const { scrollTop = 0, clientHeight = 0 } = frame.current ?? {};
    const first = Math.max(0, Math.floor(scrollTop / rowPx) - beyond);
    const count = Math.ceil(clientHeight / rowPx) + 2 * beyond;
    if (seen.peek().first !== first || seen.peek().count !== count) seen.value = { first, count };
    if ((first + count) * rowPx >= lines.peek().length * rowPx) void readOlder();
  };
  const newestSeq = useRef(0);
  useLayoutEffect(() => {
    // Visible records keep their position when newer ones arrive above them.
    const added = lines.value.findIndex(({ record }) => record.seq === newestSeq.current);
    const rows = frame.current;
    if (rows !== null && rows.scrollTop > rowPx && added > 0) rows.scrollTop += added * rowPx;
    newestSeq.current = lines.value[0]?.record.seq ?? 0;
    see();
  }, [lines.value]);
  const all = lines.value;
  const { first, count } = seen.value;
  return (
    <section class="rows" ref={frame} onScroll={see} aria-label="Records, newest first">
      <div style={{ height: `${all.length * rowPx}px` }}>
        <ol style={{ transform: `translateY(${first * rowPx}px)` }}>
          {all.slice(first, first + count).map((line) => (
            <Row
              key={line.record.seq}
              line={line}
              isChosen={chosen?.seq === line.record.seq}
              pick={pick}
            />
          ))}
        </ol>
      </div>
      <End />
    </section>
  );
}

/** The line below the last record that was read. */
function End() {
  const count = lines.value.length;
  const text = isReading.value
    ? "Reading…"
    : count === 0
      ? "Nothing to show. Every ask, attempt and grant will appear here."
      : isWhole.value
        ? `The beginning of the trail; ${count} shown`
        : "";
  return (
    <p class="why end" role="status">
      {text}
    </p>
  );
}

const Row = ({
  line: { record, text },
  isChosen,
  pick,
}: {
  readonly line: AuditLine;
  readonly isChosen: boolean;
  readonly pick: (record: AuditRecord) => void;
}) => (
  <li>
    <button
      type="button"
      class={isChosen ? "line chosen" : "line"}
      aria-pressed={isChosen}
      onClick={() => pick(record)}
    >
      <span class="seq">{record.seq}</span>
      <Entry record={record} />
      <span class="question">{text !== null && <Foreign text={text} />}</span>
    </button>
  </li>
);
