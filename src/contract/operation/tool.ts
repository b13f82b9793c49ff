/** The form of a tool: an operation that a model calls by name. */

import type { Operation } from "./operation.ts";

/** An operation that a model calls by name. */
export interface Tool extends Operation {
  readonly kind: "call";
  readonly title: string;
  /** Hints by which a client describes a call to its user, or allows it without asking. */
  readonly annotations: {
    /** True when the call changes only the record of who asked. */
    readonly readOnlyHint: boolean;
    readonly destructiveHint: boolean;
    readonly idempotentHint: boolean;
    /** True when the call reaches another machine. */
    readonly openWorldHint: boolean;
  };
  /** Set when a client that loads tools on demand should always load this one. */
  readonly alwaysLoad?: true;
}
