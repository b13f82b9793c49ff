/**
 * The names of the control streams, and their frames, one JSON object a line: first a head, at
 * once, then events. Loads no zod.
 */

/** Rows of the control table whose kind is `stream`; a test keeps the two equal. */
export const streamNames = [
  "pair/open",
  "audit/follow",
  "audit/export",
  "audit/compare",
  "watch",
  "errands",
  "wait",
  "receipts/follow",
  "inbox/follow",
] as const;
export type StreamName = (typeof streamNames)[number];

/** The first line, sent at once: the run of the daemon, and the end of its trail. */
export interface StreamHead {
  readonly epoch: string;
  readonly head: number;
}

/** Each further line: an event of the row's output shape, or the error that ends the stream. */
export type StreamFrame =
  | { readonly event: unknown }
  | { readonly error: { readonly code: string; readonly message: string; readonly hint: string } };
