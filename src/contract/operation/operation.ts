/** The shape of every call that crosses a boundary, and the types that follow from a table. */

import type { z } from "zod";
import type { ErrorCode } from "../errors.ts";

/** Where a person or a model meets an operation. */
export type Surface = "cli" | "mcp" | "dashboard";

/** One row: what goes in, what comes out, how it may fail. Its key in the table is its path. */
export interface Operation {
  /** A call answers once; a stream sends events, each of the shape of `output`. */
  readonly kind: "call" | "stream";
  /** A person's act: refused to a coding agent, shown later where nobody attended it. */
  readonly person?: true;
  readonly surfaces: readonly Surface[];
  readonly summary: string;
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  readonly errors: readonly ErrorCode[];
}

/** Errors that any operation may answer, beside those of its row. */
export const always: readonly ErrorCode[] = [
  "bad_request",
  "body_too_large",
  "unsupported_media",
  "storage_full",
  "database_damaged",
  "internal",
];

/** True where a row says that it may answer an error. */
export const mayAnswer = ({ errors }: Pick<Operation, "errors">, code: ErrorCode): boolean =>
  errors.includes(code) || always.includes(code);

/** Operations by path: the row `peers/rename` is `POST /v1/peers/rename`. */
export type Table = Readonly<Record<string, Operation>>;

/** What a row's input is once validated. */
export type InputOf<O extends Operation> = z.output<O["input"]>;
/** What a row answers, or each event of it. */
export type OutputOf<O extends Operation> = z.output<O["output"]>;

/** One function for each row; a missing one is a type error. C is what is known of the caller. */
export type Handlers<T extends Table, C> = {
  readonly [K in keyof T]: T[K]["kind"] extends "stream"
    ? (input: InputOf<T[K]>, caller: C) => AsyncIterable<OutputOf<T[K]>>
    : (input: InputOf<T[K]>, caller: C) => Promise<OutputOf<T[K]>>;
};

/** What a client needs besides the input. */
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
