/** The shape of a row of the wire table. */

import type { Operation } from "../operation/operation.ts";

/**
 * The allowed callers of a row: anyone; anyone with a proven certificate; a peer, with a token that
 * for `exchange` alone may be past its `exp`.
 */
export type Caller = "anyone" | "certificate" | "peer" | "exchange";

/** A row of the wire table: an operation, and its allowed callers. */
export type WireOperation = Operation & { readonly caller: Caller };

/** Rows of the wire table, by path. */
export type WireTable = Readonly<Record<string, WireOperation>>;
