/** The shape of every call that crosses a boundary, and the types that follow from a table. */

import type { z } from "zod";
import type { ErrorCode } from "../errors.ts";

/** The places where a person or a model meets an operation. */
export type Surface = "cli" | "mcp" | "dashboard";

/** One row: its input, its output, its errors. Its key in the table is its path. */
export interface Operation {
  /** A call answers once; a stream sends events, each shaped like `output`. */
  readonly kind: "call" | "stream";
  /** Marks a person's act: refused to a coding agent, and shown later if no person attended it. */
  readonly person?: true;
  readonly surfaces: readonly Surface[];
  readonly summary: string;
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  readonly errors: readonly ErrorCode[];
}

/** Errors that any operation may answer, besides those of its row. */
export const always: readonly ErrorCode[] = [
  "bad_request",
  "body_too_large",
  "unsupported_media",
  "storage_full",
  "database_damaged",
  "internal",
];

/** True when a row lists an error. */
export const mayAnswer = ({ errors }: Pick<Operation, "errors">, code: ErrorCode): boolean =>
  errors.includes(code) || always.includes(code);

/** Operations by path: the row `peers/rename` is `POST /v1/peers/rename`. */
export type Table = Readonly<Record<string, Operation>>;

/** A row's validated input. */
export type InputOf<O extends Operation> = z.output<O["input"]>;
/** A row's answer, or each event of its stream. */
export type OutputOf<O extends Operation> = z.output<O["output"]>;

/** One function for each row; a missing one is a type error. C describes the caller. */
export type Handlers<T extends Table, C> = {
  readonly [K in keyof T]: T[K]["kind"] extends "stream"
    ? (input: InputOf<T[K]>, caller: C) => AsyncIterable<OutputOf<T[K]>>
    : (input: InputOf<T[K]>, caller: C) => Promise<OutputOf<T[K]>>;
};

/** Options of a call, besides its input. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** The silence of the daemon that ends the call, in ms; `daemonSilenceMs` unless given. */
  readonly silenceMs?: number;
}

/** The same functions from the caller's side. */
export type Calls<T extends Table> = {
  readonly [K in keyof T]: T[K]["kind"] extends "stream"
    ? (input: z.input<T[K]["input"]>, options?: CallOptions) => AsyncIterable<OutputOf<T[K]>>
    : (input: z.input<T[K]["input"]>, options?: CallOptions) => Promise<OutputOf<T[K]>>;
};
