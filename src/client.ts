/**
 * Typed calls of the control table over the daemon's unix socket. Loads no zod: a row's key is its
 * path, the daemon validates. Does not interpret an error: it throws it.
 */

import { type Watch, watchSilence } from "./client/silence.ts";
import { attendedHeader, personNames } from "./contract/acts.ts";
import type { Control } from "./contract/control.ts";
import { errorTable, isErrorCode, PeernetError } from "./contract/errors.ts";
import { streamLineBytesMax } from "./contract/limits.ts";
import type { CallOptions, Calls } from "./contract/operation/operation.ts";
import { linesOf } from "./contract/operation/reading.ts";
import { type StreamFrame, type StreamHead, streamNames } from "./contract/operation/streams.ts";
import type { Timers } from "./platform/effects.ts";

/**
 * Called before a row that is a person's act: true when a person is at a terminal.
 * @throws {not_a_person} when a coding agent runs this
 */
export type Attends = (path: string) => Promise<boolean>;

/** A connection to one daemon. */
export interface ControlClient {
  readonly calls: Calls<Control>;
}

/** The timers of calls, and the listener for long waits. */
export interface Waiting {
  readonly timers: Timers;
  /** Called the first time that the daemon has been silent for about a second in a call. */
  readonly onWait?: () => void;
  readonly attends?: Attends | undefined;
  /**
   * Resolves once the caller can take more. Nothing more is read before: the output of a slow
   * reader does not pile up here.
   */
  readonly ready?: () => Promise<void>;
}

/** True for a row's path: no other property is a call, `then` least of all. */
const isRow = (path: string): boolean => path !== "then" && /^[a-z]+(?:[-_/][a-z]+)*$/.test(path);

/**
 * Makes typed calls over the socket at a path; connects only for a call. Every call @throws
 * {daemon_not_running} when nothing answers there, {daemon_silent} when a daemon is there and does
 * not answer, else the daemon's error.
 */
export function connect(socketPath: string, waiting: Waiting): ControlClient {
  const streams: ReadonlySet<string> = new Set(streamNames);
  let hasTold = false;
  const onWait = (): void => {
    if (!hasTold) waiting.onWait?.();
    hasTold = true;
  };
  const calls = new Proxy(
    {},
    {
      get: (_, path) => {
        if (typeof path !== "string" || !isRow(path)) return undefined;
        const run = streams.has(path) ? stream : call;
        return (input: unknown, options: CallOptions = {}) =>
          run({ ...waiting, onWait, socketPath, path, options }, input);
      },
    },
  );
  // The proxy has exactly the shape that the table gives: the daemon answers by the same rows.
  return { calls: calls as Calls<Control> };
}

/** One call in progress. */
export interface Sending extends Waiting {
  readonly socketPath: string;
  readonly path: string;
  readonly options: CallOptions;
}

async function call(sending: Sending, input: unknown): Promise<unknown> {
  await sending.ready?.();
  const reply = await post(sending, JSON.stringify(input));
  const body: unknown = await reply.json();
  if (reply.ok) return body;
  throw refusedFor(input, placed(errorOf(body), dirname(sending.socketPath)));
}

/** The inputs of refused calls: the command line finds the argument that holds a wrong field. */
const inputs = new WeakMap<Error, unknown>();

/** The input of the call that an error refused; undefined for any other error. */
export const inputOf = (error: unknown): unknown =>
  error instanceof Error ? inputs.get(error) : undefined;

function refusedFor(input: unknown, error: PeernetError): PeernetError {
  inputs.set(error, input);
  return error;
}

async function* stream(sending: Sending, input: unknown): AsyncGenerator<unknown> {
  const reply = await post(sending, JSON.stringify(input));
  const folder = dirname(sending.socketPath);
  if (!reply.ok) throw refusedFor(input, placed(errorOf(await reply.json()), folder));
  for await (const line of lines(reply.chunks())) {
    // Each line is what the daemon, which we trust, encoded from the row's own schema.
    const frame = JSON.parse(line) as StreamHead | StreamFrame;
    if ("error" in frame) throw placed(errorOf(frame), folder);
    if ("event" in frame) yield frame.event;
    await sending.ready?.();
  }
}

/** A reply whose head has arrived; one of the three methods reads its body, once. */
export interface Reply {
  readonly ok: boolean;
  readonly status: number;
  readonly contentType: string;
  /** @throws {daemon_not_running} {daemon_silent} */
  json(): Promise<unknown>;
  /** @throws {daemon_not_running} {daemon_silent} */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  /** The chunks of a stream, for as long as the daemon answers. @throws as `bytes` */
  chunks(): AsyncGenerator<Uint8Array<ArrayBuffer>>;
}

/**
 * Posts an encoded body to a row, for callers that pass the reply on unchanged.
 * @throws {daemon_not_running} when nothing answers there, {daemon_silent}
 */
export async function post(
  sending: Sending,
  body: string | Uint8Array<ArrayBuffer>,
): Promise<Reply> {
  const { socketPath, path, options, timers, onWait, attends } = sending;
  const isAct = personNames.some((name) => name === path);
  // A person may take their time: the watch over the daemon begins only after that.
  const attended = isAct && (await attends?.(path)) === true;
  const ask = (signal: AbortSignal): Promise<void> => answers(socketPath, signal);
  const { silenceMs } = options;
  const watch = watchSilence({ timers, ask, onWait, silenceMs }, options.signal);
  const failed = (cause: unknown, otherwise: PeernetError): unknown => {
    watch.end();
    if (watch.isSilent()) return new PeernetError("daemon_silent");
    return watch.signal.aborted ? cause : otherwise;
  };
  try {
    const response = await fetch(`http://localhost/v1/${path}`, {
      unix: socketPath,
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(attended ? { [attendedHeader]: "1" } : {}),
      },
      body,
      // The watch bounds silence; the daemon bounds a call that takes its time.
      timeout: false,
      signal: watch.signal,
    });
    return replyOf(response, watch, (cause) => failed(cause, cut()));
  } catch (cause) {
    throw failed(cause, unconnected(cause));
  }
}

/** Resolves when the daemon answers: with a refusal, since there is no such row. */
async function answers(socketPath: string, signal: AbortSignal): Promise<void> {
  const response = await fetch("http://localhost/", { unix: socketPath, timeout: false, signal });
  await response.bytes();
}

/** After this silence of a stream, the client checks that its daemon still answers. */
const quietMs = 10_000;

function replyOf(response: Response, watch: Watch, failed: (cause: unknown) => unknown): Reply {
  const read = async <T>(reading: Promise<T>): Promise<T> => {
    const got = await reading.catch((cause) => {
      throw failed(cause);
    });
    watch.end();
    return got;
  };
  return {
    ok: response.ok,
    status: response.status,
    contentType: response.headers.get("content-type") ?? "application/json",
    json: () => read(response.json()),
    bytes: () => read(response.arrayBuffer().then((buffer) => new Uint8Array(buffer))),
    chunks: async function* () {
      try {
        watch.heard(quietMs);
        for await (const chunk of response.body ?? []) {
          watch.heard(quietMs);
          yield chunk;
        }
      } catch (cause) {
        throw failed(cause);
      } finally {
        watch.end();
      }
    },
  };
}

const cut = (): PeernetError =>
  new PeernetError("daemon_not_running", {
    message: "the daemon ended while it answered",
    hint: "peernet start",
  });

function unconnected(cause: unknown): PeernetError {
  const code = cause instanceof Error && "code" in cause ? cause.code : "";
  // The daemon's queue of connections is full, and the system refuses more.
  if (code === "EAGAIN") return new PeernetError("daemon_silent");
  return new PeernetError("daemon_not_running", forbidden.has(code) ? sandboxed : {});
}

const forbidden: ReadonlySet<unknown> = new Set(["EPERM", "EACCES"]);
const sandboxed = {
  message: "the daemon's socket may not be opened from here, as in a sandbox",
  hint: "run the command outside of the sandbox",
} as const;

/** The lines of a stream. @throws {internal} for a line over the limit */
async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  try {
    yield* linesOf(chunks, streamLineBytesMax);
  } catch (error) {
    throw error instanceof RangeError ? new PeernetError("internal", tooLong) : error;
  }
}

const tooLong = { message: `the daemon sent a line over ${streamLineBytesMax} bytes` } as const;

const dirname = (path: string): string => path.slice(0, path.lastIndexOf("/"));

/**
 * A full-disk error with the full folder, when the error names none. The daemon does not name its
 * folder: some of its errors go to other machines.
 */
export function placed(error: PeernetError, folder: string): PeernetError {
  const { code, message, details, hint } = error;
  if (code !== "storage_full" || hint !== errorTable.storage_full.hint) return error;
  const at = { message, hint: `free some space on the disk that holds ${folder}` };
  return new PeernetError(code, details === undefined ? at : { ...at, details });
}

function errorOf(reply: unknown): PeernetError {
  // The daemon's one error mapper writes this shape; any other is a fault of ours.
  const error = (reply as { error?: Record<string, unknown> } | null)?.error;
  if (error === undefined || !isErrorCode(error.code)) return new PeernetError("internal");
  return new PeernetError(error.code, {
    message: String(error.message),
    hint: String(error.hint),
    ...(typeof error.details === "object" && error.details !== null
      ? { details: { ...error.details } }
      : {}),
  });
}
