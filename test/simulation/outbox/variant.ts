/** The places where a run of the outbox may replace the product's decision by a wrong one. */

import type { Tables } from "../../../src/store/database.ts";

/** A variant of the product. The one without any field is the product itself. */
export interface OutboxVariant {
  /** The tables as decisions read them. */
  readonly tables?: (real: Tables) => Tables;
  /** An entry is queued after the commit of its cause. */
  readonly queuesLate?: boolean;
  /** An entry leaves with the content that was composed for it first. */
  readonly keepsBytes?: boolean;
  /** An entry leaves under another id each time. */
  readonly renames?: boolean;
  /** The boot clock goes with the wall clock. */
  readonly countsByWall?: boolean;
  /** A failure of the peer counts as taken. */
  readonly takesFailures?: boolean;
  /** An entry leaves as it was composed, whatever has changed during its dial. */
  readonly leavesLate?: boolean;
}
