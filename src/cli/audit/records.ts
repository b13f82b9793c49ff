/** Shows lines of the audit trail, grouped by day. */

import type { AuditRecord } from "../../contract/audit.ts";
import { errorTable, isErrorCode } from "../../contract/errors.ts";
import { askDeadlineMsMax } from "../../contract/limits.ts";
import type { AuditLine } from "../../contract/text/audit-lines.ts";
import { isFailure, refusalText } from "../../contract/text/audit-sentence.ts";
import { nothing } from "../frame/facts.ts";
import { dateOf } from "../terminal/date.ts";
import type { Io } from "../terminal/io.ts";
import { type Cell, type Column, printLine, printTable, type Row } from "../terminal/output.ts";

const columns: readonly Column[] = [
  { gap: 2 },
  { gap: 2, min: 12, max: 28 },
  { gap: 1, min: 3 },
  { gap: 2, min: 12, max: 40 },
  { gap: 2, min: 7 },
];

/** Prints lines below their days; `dayBefore` was printed last. Returns the last day. */
export function printLines(
  io: Io,
  lines: readonly AuditLine[],
  dayBefore: string | null,
): string | null {
  let day = dayBefore;
  let rows: Row[] = [];
  const flush = (): void => {
    if (rows.length > 0) printTable(io, rows, columns);
    rows = [];
  };
  for (const line of lines) {
    const written = dayOf(line.record.at_ms, io.clock.wallMs());
    if (written !== day) {
      flush();
      printLine(io, { text: written, style: "bold" });
      day = written;
    }
    rows.push(rowOf(line, io.clock.wallMs()));
  }
  flush();
  return day;
}

function rowOf(line: AuditLine, nowMs: number): Row {
  const { record } = line;
  return {
    cells: [
      timeOf(record.at_ms),
      `${arrows[record.direction]} ${whoOf(record)}`,
      record.verb,
      record.handle ?? nothing,
      line.isOpen ? openOf(record, nowMs) : outcomeOf(record),
      detailsOf(line),
    ],
  };
}

const arrows: Readonly<Record<AuditRecord["direction"], string>> = {
  in: "←",
  out: "→",
  local: "·",
};

const whoOf = (record: AuditRecord): string =>
  record.peer_name ?? record.origin_address ?? (record.direction === "local" ? "here" : nothing);

function outcomeOf({ outcome }: AuditRecord): Cell {
  if (!isFailure(outcome)) return outcome;
  if (outcome === "disagrees") return { text: outcome, style: "bad" };
  // An outcome that may succeed later without a change is no refusal.
  const failed = isErrorCode(outcome) && errorTable[outcome].exit >= 5;
  return { text: failed ? "failed" : "refused", style: "bad" };
}

/** A question without an end: it is in progress, or the daemon ended before the end was written. */
const openOf = ({ at_ms }: AuditRecord, nowMs: number): Cell =>
  Math.abs(nowMs - at_ms) < askDeadlineMsMax ? "asked" : { text: "no end", style: "bad" };

function detailsOf({ record, text, isOpen }: AuditLine): string {
  const parts: string[] = [];
  if (text !== null) parts.push(`"${text}"`);
  if (record.details !== null) parts.push(...saidOf(record.details));
  if (isFailure(record.outcome) && !isOpen) parts.push(...reasonOf(record));
  if (record.count !== null && record.count > 1) parts.push(`${record.count} times`);
  const origin = originOf(record);
  if (origin !== "") parts.push(`(${origin})`);
  return parts.join(" ");
}

/** The details of a record in words: its reason, or a peer's rights from then on. */
function saidOf(details: string): readonly string[] {
  const said: unknown = JSON.parse(details);
  if (typeof said !== "object" || said === null) return [];
  if ("reason" in said && typeof said.reason === "string") return [said.reason];
  if (!("scopes" in said)) return [];
  const { scopes } = said;
  if (!Array.isArray(scopes)) return [];
  return [scopes.length === 0 ? "may do nothing here" : `may ${scopes.join(" ")}`];
}

function reasonOf(record: AuditRecord): readonly string[] {
  if (record.outcome === "code_rejected") return ["wrong code"];
  const text = refusalText(record);
  return text === null ? [] : [text];
}

/** The known facts about a caller that is no peer. */
function originOf(record: AuditRecord): string {
  if (record.peer_name !== null || record.direction !== "in") return "";
  return record.origin_login === null ? "not paired" : `${record.origin_login}, not paired`;
}

const two = (number: number): string => String(number).padStart(2, "0");

function timeOf(ms: number): string {
  const date = new Date(ms);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The local day of an instant: `today`, `yesterday`, else `2026-11-24`. */
export function dayOf(ms: number, nowMs: number): string {
  const day = dateOf(new Date(ms));
  const now = new Date(nowMs);
  if (day === dateOf(now)) return "today";
  const before = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  return day === dateOf(before) ? "yesterday" : day;
}
