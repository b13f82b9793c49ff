/** The shape of a row of the wire table. */

import type { Rate } from "../limits/rates.ts";
import type { Operation } from "../operation/operation.ts";

/**
 * The allowed callers of a row: anyone; anyone with a proven certificate; a peer, with a token that
 * for `exchange` alone may be past its `exp`.
 */
export type Caller = "anyone" | "certificate" | "peer" | "exchange";

/** A row that a paired machine calls: each call counts against one of that machine's rates. */
interface Paced {
  readonly caller: "peer" | "exchange";
  readonly rate: Rate;
  /** True where each answer leaves a record of its own: the answers of a day are limited. */
  readonly recorded: boolean;
}

/** A row without a credential: its callers are bounded by their connections. */
interface Unpaced {
  readonly caller: "anyone" | "certificate";
}

/** A row of the wire table: an operation, its allowed callers, and the rate of their calls. */
export type WireOperation = Operation & (Paced | Unpaced);

/** Rows of the wire table, by path. */
export type WireTable = Readonly<Record<string, WireOperation>>;
