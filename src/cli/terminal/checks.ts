/** Shows checks: a mark, the subject, the observation, and one fix for each problem. */

import type { Check } from "../../contract/doctor.ts";
import type { Io } from "./io.ts";
import { printBlock, type Row, type Style } from "./output.ts";

/** The mark of each state, and its style. */
export const marks: Readonly<
  Record<Check["state"], { readonly text: string; readonly style: Style }>
> = {
  ok: { text: "✓", style: "good" },
  warning: { text: "!", style: "warning" },
  failed: { text: "✗", style: "bad" },
};

/** Prints checks as results. */
export function printChecks(io: Io, checks: readonly Check[]): void {
  const rows = checks.flatMap(({ name, state, detail, fix }): Row[] => [
    { cells: [marks[state], name, detail] },
    ...(fix === null ? [] : [{ cells: [`fix: ${fix}`], indent: 2 }]),
  ]);
  printBlock(io, rows, [{ gap: 1 }, { gap: 3 }]);
}
