/** Words the list of sessions for a terminal of any width. Pure; the printer cuts and colours. */

import type { State } from "../../contract/lease.ts";
import { isHidden, notShown, told } from "../../contract/text/fact-groups.ts";
import { ageText, past } from "../../contract/text/words.ts";
import { gitListed, harnessName, nothing } from "../frame/facts.ts";
import type { Cell, Column, Row } from "../terminal/output.ts";
import { counted } from "../terminal/text.ts";
import type { ListRow, MachineRow, SessionList, SessionRow } from "./list.ts";

/** The columns of a wide list. */
export const columns: readonly Column[] = [
  { gap: 2, min: 5 },
  { gap: 2, min: 8, max: 28 },
  { gap: 2, min: 6 },
  { gap: 2, max: 30 },
  { gap: 2, max: 12 },
];

/** On a narrower terminal each session takes two lines. */
const narrowColumns = 72;
/** A terminal wider than this shows the agent too. */
const wideColumns = 100;

/** The head line: the watched machines, and the number of waiting sessions. */
export function headOf({ machine, machines, sessions, waiting }: SessionList): string {
  const others = machines === 0 ? machine : `${machine} + ${counted(machines, "machine")}`;
  const wait = waiting === 0 ? "none waits" : `${waiting} ${waiting === 1 ? "waits" : "wait"}`;
  return [others, counted(sessions, "session"), wait].join(" · ");
}

/** The rows of the list, each with its lines at a width. */
export function rowsOf(list: SessionList, width: number): readonly (readonly Row[])[] {
  if (list.rows.length === 0) return [[{ cells: [{ text: emptyText, style: "dim" }] }]];
  return list.rows.map((row) => linesOf(row, width));
}

const emptyText = "no session has a handle; in one: peernet activate";

function linesOf(row: ListRow, width: number): readonly Row[] {
  if (row.kind === "machine") return machineLines(row);
  if (row.kind === "mail") return [{ cells: [{ text: "mail", style: "warning" }, row.said] }];
  if (row.kind === "tasks") {
    const name = { text: "tasks", style: row.waits ? "warning" : "dim" } as const;
    return [{ cells: [name, row.said] }];
  }
  return width < narrowColumns ? narrowLines(row) : [wideLine(row, width)];
}

function wideLine(row: SessionRow, width: number): Row {
  const agent = width < wideColumns ? [] : [agentOf(row)];
  return {
    cells: [
      stateCell(row),
      nameCell(row),
      sinceOf(row),
      row.git === null ? nothing : gitListed(row.git, row.hidden),
      ...agent,
      summaryCell(row),
    ],
  };
}

/** On a narrow terminal the summary comes below, and git is left out: the summary matters more. */
const narrowLines = (row: SessionRow): readonly Row[] => [
  { cells: [stateCell(row), nameCell(row), sinceOf(row)] },
  ...(row.summary === null && !isHidden(row.hidden, "summary")
    ? []
    : [{ cells: [summaryCell(row)], indent: 7 }]),
];

function machineLines({ name, link, said, last }: MachineRow): readonly Row[] {
  const head: Row = { cells: [{ text: link, style: "bad" }, { text: name, style: "bold" }, said] };
  if (last === null || last.handles.length === 0) return [head];
  const handles = last.handles.map(({ handle, state, hidden }) => {
    const short = handle.slice(handle.indexOf("/") + 1);
    const known = isHidden(hidden, "state") ? stateNotShown : words[state ?? "unknown"];
    return `${short} ${state === null ? known : words[state].toLowerCase()}`;
  });
  const text = `last known ${past(last.age_ms)}: ${handles.join(", ")}`;
  return [head, { cells: [{ text, style: "dim" }], indent: 7 }];
}

const stateNotShown = `state ${notShown}`;

const words: Readonly<Record<State | "unknown", string>> = {
  waiting: "WAITS",
  working: "works",
  idle: "idle",
  unknown: nothing,
};

function stateCell({ state, harness, hidden }: SessionRow): Cell {
  if (state === null && isHidden(hidden, "state")) return { text: notShown, style: "dim" };
  const text = harness === "shell" && state === null ? "shell" : words[state ?? "unknown"];
  if (state === "waiting") return { text, style: "warning" };
  return state === "working" ? { text, style: "good" } : { text, style: "dim" };
}

const nameCell = ({ handle }: SessionRow): Cell => ({ text: handle, style: "bold" });
const sinceOf = ({ forMs }: SessionRow): string => (forMs === null ? nothing : ageText(forMs));
const agentOf = ({ harness, hidden }: SessionRow): string =>
  harness === null && !isHidden(hidden, "harness") ? nothing : harnessName(harness, hidden);

function summaryCell({ summary, hidden }: SessionRow): Cell {
  const fact = told(summary, { of: "summary", hidden, why: "no summary" });
  if (fact.is === "known") return fact.value;
  const text = fact.is === "hidden" ? `summary ${notShown}` : `${nothing}  ${fact.why}`;
  return { text, style: "dim" };
}
