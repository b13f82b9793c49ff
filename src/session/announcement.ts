/** The announcement that a handle is live: the same words in every place that takes one. */

import type { ActivateOutput } from "../contract/lease.ts";
import { nameHalf } from "../contract/text/handle.ts";
import { listed } from "../contract/text/words.ts";

/** The largest number of peers listed by name; a longer list is only counted. */
const namedMax = 4;

/** Announces a live handle and who may ask: `live as mini/hydrate, laptop may ask`. */
export function announced(
  live: Pick<ActivateOutput, "handle" | "visible_to"> & Partial<ActivateOutput>,
): string {
  const { handle, visible_to, renamed_from = null } = live;
  const before = renamed_from === null ? "" : ` (was ${renamed_from})`;
  const named = visible_to.slice(0, namedMax);
  const rest = visible_to.length - named.length;
  const who = rest === 0 ? listed(named) : listed([...named, `${rest} more`]);
  const may = visible_to.length === 0 ? "no paired machine may ask yet" : `${who} may ask`;
  return `live as ${handle}${before}, ${may}`;
}

/** The command by which a person leaves: `peernet deactivate hydrate`. */
export const leaving = (handle: string): string => `peernet deactivate ${nameHalf(handle)}`;
