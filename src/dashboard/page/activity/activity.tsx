/**
 * The audit trail as it grows: filtered, read on during scrolling, and drawn only where visible.
 */

import { computed, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Verb } from "../../../contract/audit.ts";
import type { AuditLine } from "../../../contract/text/audit-lines.ts";
import { offer } from "../state/browser.ts";
import { peers } from "../state/state.ts";
import { Failed } from "../ui.tsx";
import { Chain } from "./chain.tsx";
import { dayTextOf, Entry, verbs } from "./record.tsx";
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
  const chosen = useSignal<AuditLine | null>(null);
  return (
    <main class="activity" id="main">
      <h1 class="hidden">Activity</h1>
      <div class="bar">
        <Filters />
        <Chain>
          <Export />
        </Chain>
      </div>
      {readError.value !== null && <Failed error={readError.value} />}
      <div class={chosen.value === null ? "trail" : "trail with-record"}>
        <Rows
          chosen={chosen.value}
          choose={(line) => {
            chosen.value = line;
          }}
        />
        {chosen.value !== null && (
          <Whole
            line={chosen.value}
            close={() => {
              chosen.value = null;
            }}
          />
        )}
      </div>
    </main>
  );
}

const outcomes = { ok: "went well", refused: "did not" };

function Filters() {
  const wanted = filter.value;
  const set = (more: Partial<typeof wanted>): void => void choose({ ...filter.value, ...more });
  const names = Object.fromEntries(peers.value.map(({ value: { name } }) => [name, name]));
  return (
    <fieldset class="filters" aria-label="Filter">
      <Pick label="Machine" value={wanted.peer} values={names} set={(peer) => set({ peer })} />
      <Pick
        label="Kind"
        value={wanted.verb}
        values={verbs}
        // The choice's values are the verbs, and the empty string for all of them.
        set={(verb) => set({ verb: verb as Verb | "" })}
      />
      <Pick
        label="Outcome"
        value={wanted.outcome}
        values={outcomes}
        set={(outcome) => set({ outcome })}
      />
      <label class="check" title="Also what peernet did by itself">
        <input type="checkbox" checked={wanted.all} onChange={() => set({ all: !wanted.all })} />
        All records
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
  /** The words for each value. */
  readonly values: Readonly<Record<string, string>>;
  readonly set: (value: string) => void;
}) => (
  <label class="pick">
    <span>{label}</span>
    <select value={value} onChange={(event) => set(event.currentTarget.value)}>
      <option value="">all</option>
      {Object.entries(values).map(([each, text]) => (
        <option key={each} value={each}>
          {text}
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
    <button type="button" class="quiet" disabled={isBusy.value} onClick={save}>
      {isBusy.value ? "Exporting…" : "Export"}
    </button>
  );
}

/** A row of the list: the heading of a day, or a line of that day. */
type TrailRow = { readonly day: string } | { readonly line: AuditLine };

const rows = computed((): readonly TrailRow[] => {
  let day = "";
  return lines.value.flatMap((line): readonly TrailRow[] => {
    const next = dayTextOf(line.record);
    const heading = next === day ? [] : [{ day: next }];
    day = next;
    return [...heading, { line }];
  });
});

interface Choice {
  readonly chosen: AuditLine | null;
  readonly choose: (line: AuditLine) => void;
}

function Rows({ chosen, choose: pick }: Choice) {
  const frame = useRef<HTMLElement>(null);
  const seen = useSignal({ first: 0, count: 30 });
  const see = (): void => {
    const { scrollTop = 0, clientHeight = 0 } = frame.current ?? {};
    const first = Math.max(0, Math.floor(scrollTop / rowPx) - beyond);
    const count = Math.ceil(clientHeight / rowPx) + 2 * beyond;
    if (seen.peek().first !== first || seen.peek().count !== count) seen.value = { first, count };
    if ((first + count) * rowPx >= rows.peek().length * rowPx) void readOlder();
  };
  const newestSeq = useRef(0);
  useLayoutEffect(() => {
    // Visible records keep their position when newer ones arrive above them.
    const added = lines.value.findIndex(({ record }) => record.seq === newestSeq.current);
    const list = frame.current;
    if (list !== null && list.scrollTop > rowPx && added > 0) list.scrollTop += added * rowPx;
    newestSeq.current = lines.value[0]?.record.seq ?? 0;
    see();
  }, [lines.value]);
  const all = rows.value;
  const { first, count } = seen.value;
  return (
    <section class="rows" ref={frame} onScroll={see} aria-label="Records, newest first">
      <div style={{ height: `${all.length * rowPx}px` }}>
        <ol style={{ transform: `translateY(${first * rowPx}px)` }}>
          {all.slice(first, first + count).map((row) =>
            "day" in row ? (
              <li key={row.day} class="day">
                <h2>{row.day}</h2>
              </li>
            ) : (
              <Row
                key={row.line.record.seq}
                line={row.line}
                isChosen={chosen?.record.seq === row.line.record.seq}
                pick={pick}
              />
            ),
          )}
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
        ? `The beginning of the record; ${count} shown`
        : "";
  return (
    <p class="why end" role="status">
      {text}
    </p>
  );
}

const Row = ({
  line,
  isChosen,
  pick,
}: {
  readonly line: AuditLine;
  readonly isChosen: boolean;
  readonly pick: (line: AuditLine) => void;
}) => (
  <li>
    <button
      type="button"
      class={isChosen ? "line chosen" : "line"}
      aria-pressed={isChosen}
      onClick={() => pick(line)}
    >
      <Entry line={line} />
    </button>
  </li>
);
