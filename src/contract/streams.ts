/**
 * The names of the control streams and the frames they are sent in, one JSON object a line:
 * first a head, at once, then events. Loads no zod.
 */

/** Rows of the control table whose kind is `stream`; a test holds the two together. */
export const streamNames = ["pair/open", "audit/follow", "audit/export"] as const;
export type StreamName = (typeof streamNames)[number];

/** The first line: which run of the daemon this is, and the newest event it has. */
export interface StreamHead {
  readonly seq: number;
  readonly epoch: string;
}

/** Each further line: an event of the row's output shape, or the error that ends the stream. */
export type StreamFrame<E> =
  | { readonly seq: number; readonly event: E }
  | { readonly error: { readonly code: string; readonly message: string; readonly hint: string } };
