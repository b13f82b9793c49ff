/** One behaviour for every kind of entry, for tests of the outbox itself. */

import type { Kind, Kinds } from "../../src/daemon/outbox/kinds.ts";

/** Every kind, each of them the given one. */
export const everyKind = (kind: Kind): Kinds => ({
  ...{ reached: kind, receipt: kind, message: kind },
  ...{ task_stop: kind, task_event: kind, task_result: kind },
});
