/** All rows of the document for people of other tools. */

import { moreRows } from "./coming-from-more.ts";
import { type ComingRow, firstRows } from "./coming-from-rows.ts";

/** The rows, by tool. */
export const comingRows: Readonly<Record<string, readonly ComingRow[]>> = {
  ...firstRows,
  ...moreRows,
};
