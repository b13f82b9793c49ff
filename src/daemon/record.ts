/** Joins the parts about the trail: its own rows, and its comparison with a peer's. */

import type { Control } from "../contract/control.ts";
import type { Handlers } from "../contract/operation/operation.ts";
import { auditHandlers } from "./audit/handlers.ts";
import type { Trail } from "./audit/trail.ts";
import type { LocalCaller } from "./context/context.ts";
import { type ComparingParts, compare } from "./subjects/comparing.ts";

/** Dependencies of the rows about the trail. */
export interface RecordParts extends Omit<ComparingParts, "pause"> {
  readonly trail: Trail;
  /** Runs a function after the requests that have already arrived. */
  readonly defer: (run: () => void) => void;
}

type Rows =
  | ("audit" | "audit/follow" | "audit/export" | "audit/verify" | "audit/archive" | "show")
  | "audit/compare";

/** Handlers of the rows about the trail. */
export function recordHandlers(parts: RecordParts): Pick<Handlers<Control, LocalCaller>, Rows> {
  const { context, trail, links, defer } = parts;
  const pause = (): Promise<void> => new Promise((resolve) => defer(resolve));
  return {
    ...auditHandlers(context, trail, { handHead: () => links.handHead() }),
    "audit/compare": ({ peer }) => compare({ ...parts, pause }, peer),
  };
}
