/** The first tab: every session of every machine in one list; a click opens one beside it. */

import { computed, signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { Empty } from "../map/empty.tsx";
import { Panel } from "../panel/panel.tsx";
import { isSame, opened } from "../state/selection.ts";
import { elapsed, isBlank, machine, own, peers, type Told } from "../state/state.ts";
import { Foreign, Mark, steppedThrough } from "../ui.tsx";
import { type Aged, filtered, type Row, rowsOf, type Seen, sumOf } from "./rows.ts";

const aged = <T,>(told: Told<T>): Aged<T> => ({ value: told.value, agedMs: elapsed(told) });

const seen = computed((): Seen => ({ own: own.value.map(aged), peers: peers.value.map(aged) }));
const rows = computed(() => rowsOf(seen.value));
const filter = signal("");
/** Lines drawn until a person requests all. */
const shownMax = 200;
const isAll = signal(false);

/** The tab. */
export const Sessions = () => (
  <main class={opened.value === null ? "split sessions" : "split sessions opened"} id="main">
    <h1 class="hidden">Sessions</h1>
    <div class="list">
      <div class="list-top">
        <p role="status">{machine.value !== null && sumOf(machine.value.name, seen.value)}</p>
        <label>
          <span class="hidden">Filter the sessions</span>
          <input
            type="search"
            placeholder="Filter"
            value={filter.value}
            spellcheck={false}
            onInput={(event) => {
              filter.value = event.currentTarget.value;
            }}
          />
        </label>
      </div>
      {isBlank.value ? (
        <div class="blank">
          <Empty />
        </div>
      ) : (
        <List />
      )}
    </div>
    <Panel />
  </main>
);

function List() {
  const all = filter.value.trim() === "" ? rows.value : filtered(rows.value, filter.value);
  const shown = isAll.value ? all : all.slice(0, shownMax);
  const chosen = shown.findIndex(({ part }) => isSame(part, opened.value));
  return (
    <>
      <ol class="lines" aria-label="Sessions" onKeyDown={keyed}>
        {shown.map((row, index) => (
          <Line
            key={row.key}
            row={row}
            isChosen={index === chosen}
            isFirst={index === Math.max(0, chosen)}
          />
        ))}
      </ol>
      {all.length === 0 && <p class="why end">Nothing fits the filter.</p>}
      {all.length > shown.length && (
        <button
          type="button"
          class="quiet"
          onClick={() => {
            isAll.value = true;
          }}
        >
          {all.length - shown.length} more
        </button>
      )}
    </>
  );
}

interface LineParts {
  readonly row: Row;
  readonly isChosen: boolean;
  /** True when Tab stops here; arrows move on. */
  readonly isFirst: boolean;
}

/** A line that is redrawn only when one of its values has changed. */
function Line({ row, isChosen, isFirst }: LineParts) {
  const text = JSON.stringify(row);
  return useMemo(
    () => (
      <li>
        <button
          type="button"
          class={`session ${row.kind}${isChosen ? " chosen" : ""}`}
          aria-pressed={isChosen}
          tabIndex={isFirst ? 0 : -1}
          onClick={() => {
            opened.value = isChosen ? null : row.part;
          }}
        >
          <Mark kind={row.kind} text={row.word} />
          <span class="name">
            <Foreign text={row.name} />
          </span>
          <span class="since">{row.since}</span>
          <span class="git">
            <span>
              <Foreign text={row.branch} />
            </span>
            <span>{row.counts}</span>
          </span>
          <span class="program">
            <Foreign text={row.agent} />
          </span>
          <span class={row.isForeign ? "text" : "text plain"}>
            <Foreign text={row.text} />
          </span>
        </button>
      </li>
    ),
    [text, isChosen, isFirst],
  );
}

/** Arrows move through the lines; Escape closes the open part. */
function keyed(event: KeyboardEvent): void {
  if (event.key === "Escape") opened.value = null;
  steppedThrough(event);
}
