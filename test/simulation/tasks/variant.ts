/** The places where a run of tasks may replace the product's decision by a wrong one. */

import type { Seen } from "../../../src/contract/tasks/errands.ts";
import type { Policies } from "../../../src/daemon/context/ports.ts";
import type { Variant } from "../variant.ts";

/** A variant of the product. The one without any field is the product itself. */
export interface TaskVariant extends Pick<Variant, "tables"> {
  /** A supervisor begins a round although it was begun before. */
  readonly beginsAgain?: boolean;
  /** An act that happens more often than in other runs. */
  readonly often?: "stop" | "unpair";
  /** A folder as the daemon sees it. */
  readonly seen?: (seen: Seen) => Seen;
  /** The policy as the daemon of one life reads it. */
  readonly policy?: (policies: Policies, run: string) => Policies;
  /** A supervisor begins although it was told to stop. */
  readonly ignoresStop?: boolean;
}
