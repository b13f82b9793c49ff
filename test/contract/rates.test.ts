/** The rate of each row of the wire table, and the answers that leave a record. */

import { expect, test } from "bun:test";
import type { WireOperation } from "../../src/contract/wire/rows.ts";
import { wire } from "../../src/contract/wire.ts";

const rows: readonly (readonly [string, WireOperation])[] = Object.entries(wire);

/** The rate of a path by the first word of it. */
const rateOf = (path: string): string => {
  const [word = ""] = path.split("/");
  if (["message", "receipt", "task", "reached"].includes(word)) return "mail";
  return ["read", "blob", "subjects"].includes(word) ? "pieces" : "asks";
};

test("every row that a peer calls counts against the rate of its kind, and can say so", () => {
  for (const [path, row] of rows) {
    const isPeers = row.caller === "peer" || row.caller === "exchange";
    expect([path, "rate" in row]).toEqual([path, isPeers]);
    if (!("rate" in row)) continue;
    expect([path, row.rate]).toEqual([path, rateOf(path)]);
    expect([path, row.errors.includes("rate_limited")]).toEqual([path, true]);
  }
});

test("an exchange, a hello and the end of a wait leave no record that a day limits", () => {
  const recorded = rows.flatMap(([path, row]) => ("rate" in row && row.recorded ? [path] : []));
  for (const path of ["token", "hello", "wait/end", "reached", "overlap", "receipt"]) {
    expect(recorded).not.toContain(path);
  }
  expect(recorded).toEqual(expect.arrayContaining(["ask", "wait"]));
});
