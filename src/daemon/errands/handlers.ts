/** Handlers of the keeper's rows about errands. */

import type { Control } from "../../contract/control.ts";
import type { Handlers } from "../../contract/operation/operation.ts";
import type { LocalCaller } from "../context/context.ts";
import type { PendingErrands } from "./pending.ts";

/** Handlers of the rows `errands` and `errand`. */
export const errandHandlers = (
  pending: PendingErrands,
): Pick<Handlers<Control, LocalCaller>, "errands" | "errand"> => ({
  errands: (input) => pending.open(input),
  errand: async ({ id, outcome }) => ({ awaited: pending.finish(id, outcome) }),
});
