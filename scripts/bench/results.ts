/** Measured rows, each with its comparator and its goal, as one table. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { median, quantile, ratioOf, type Samples } from "./measure.ts";
import { next } from "./next.ts";

/** One row of the table. */
export interface Row {
  /** `P1`, and a letter where one metric has several comparators. */
  readonly id: string;
  readonly metric: string;
  readonly unit: string;
  readonly ours: Samples;
  readonly comparator: string;
  readonly theirs: Samples;
  /** The figure to compare with the goal: the ratio of medians in a round, unless given. */
  readonly judged?: { readonly value: number; readonly unit: string };
  /** Null for a figure that is shown and not judged. */
  readonly goal: number | null;
  readonly moonshot: number | null;
  /** More is better. */
  readonly isMore?: boolean;
  /** The method, when the metric does not name it. */
  readonly how?: string;
}

/** A row that could not be measured. */
export interface NotMeasured {
  readonly id: string;
  readonly metric: string;
  readonly why: string;
}

const figure = (value: number): string => {
  if (!Number.isFinite(value)) return "failed";
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(value >= 1 ? 2 : 3);
};

/** The figure to compare with the goal. */
export const judgedOf = (row: Row): { readonly value: number; readonly unit: string } =>
  row.judged ?? { value: ratioOf(row.ours, row.theirs), unit: "×" };

/** True when a row reaches a bound. */
const reaches = (row: Row, bound: number): boolean => {
  const { value } = judgedOf(row);
  return row.isMore === true ? value >= bound : value <= bound;
};

function verdict(row: Row): string {
  if (row.moonshot !== null && reaches(row, row.moonshot)) return "met, and the moonshot";
  if (row.goal === null) return "a figure";
  if (reaches(row, row.goal)) return "met";
  return `**not met**: ${next[row.id] ?? "not looked into yet"}`;
}

/** The line of a row. */
export function lineOf(row: Row | NotMeasured): string {
  if ("why" in row) return `| ${row.id} | ${row.metric} | | | | | | not measured: ${row.why} |`;
  const { value, unit } = judgedOf(row);
  const sign = row.isMore === true ? "≥" : "≤";
  const tries = row.ours.length === 1 ? "" : ` (${row.ours.length})`;
  const spread = `${figure(median(row.ours))} / ${figure(quantile(row.ours, 0.99))}`;
  const ours = `${spread} ${row.unit}${tries}`;
  const theirs =
    row.theirs.length === 0
      ? row.comparator
      : `${row.comparator}: ${figure(median(row.theirs))} / ` +
        `${figure(quantile(row.theirs, 0.99))} ${row.unit}`;
  const bound = (goal: number | null): string => (goal === null ? "" : `${sign} ${goal}${unit}`);
  const metric = row.how === undefined ? row.metric : `${row.metric} (${row.how})`;
  const cells = [row.id, metric, ours, theirs, `${figure(value)}${unit}`];
  return `| ${[...cells, bound(row.goal), bound(row.moonshot), verdict(row)].join(" | ")} |`;
}

/** The head of the table. */
export const head = [
  "| # | metric | ours, p50 / p99 (tries) | comparator, p50 / p99 | judged | goal | moonshot " +
    "| verdict |",
  "|---|---|---|---|---|---|---|---|",
].join("\n");

/** Keeps the measured samples, try by try. */
export function keepRaw(folder: string, row: Row): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${row.id}.json.gz`), gzipSync(JSON.stringify(row)));
}
