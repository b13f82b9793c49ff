/**
 * Typed calls of the control table over the daemon's unix socket. Loads no zod: a row's key is
 * its path, the daemon validates. Refuses to judge what an error means: it throws it.
 */

import { attendedHeader, personNames } from "./contract/acts.ts";
import type { Control } from "./contract/control.ts";
import { isErrorCode, PeernetError } from "./contract/errors.ts";
import { streamLineBytesMax } from "./contract/limits.ts";
import type { CallOptions, Calls } from "./contract/operation/operation.ts";
import { type StreamFrame, type StreamHead, streamNames } from "./contract/operation/streams.ts";

/**
 * Asked before a row that is a person's act is called: whether a person is at a terminal.
 * @throws {not_a_person} where a coding agent runs this
 */
export type Attends = (path: string) => Promise<boolean>;

/** A connection to one daemon. */
export interface ControlClient {
  readonly calls: Calls<Control>;
}

/**
 * Makes typed calls over the socket at a path; connects only when one is made.
 * Every call @throws {daemon_not_running} when nothing answers there, else what the daemon threw.
 */
export function connect(socketPath: string, attends?: Attends): ControlClient {
  const streams: ReadonlySet<string> = new Set(streamNames);
  const calls = new Proxy(
    {},
    {
      get: (_, path) => {
        if (typeof path !== "string") return undefined;
        const run = streams.has(path) ? stream : call;
        return (input: unknown, options: CallOptions = {}) =>
          run({ socketPath, path, input, options, attends });
      },
    },
  );
  // The proxy has exactly the shape that the table gives: the daemon answers by the same rows.
  return { calls: calls as Calls<Control> };
}

/** One call on its way. */
export interface Sending {
  readonly socketPath: string;
  readonly path: string;
  readonly input: unknown;
  readonly options: CallOptions;
  readonly attends?: Attends | undefined;
}

async function call(sending: Sending): Promise<unknown> {
  const response = await post(sending, JSON.stringify(sending.input));
  const reply: unknown = await response.json().catch(() => {
    throw new PeernetError("daemon_not_running", ended);
  });
  if (response.ok) return reply;
  throw errorOf(reply);
}

async function* stream(sending: Sending): AsyncGenerator<unknown> {
  const response = await post(sending, JSON.stringify(sending.input));
  if (!response.ok) throw errorOf(await response.json());
  if (response.body === null) return;
  for await (const line of lines(response.body, sending.options.signal)) {
    // Each line is what the daemon, which we trust, encoded from the row's own schema.
    const frame = JSON.parse(line) as StreamHead | StreamFrame;
    if ("error" in frame) throw errorOf(frame);
    if ("event" in frame) yield frame.event;
  }
}

/**
 * Posts a body to a row as it is, for whoever hands the reply on as it is.
 * @throws {daemon_not_running} when nothing answers there
 */
export async function post(
  { socketPath, path, options, attends }: Omit<Sending, "input">,
  body: string | Uint8Array<ArrayBuffer>,
): Promise<Response> {
  const isAct = personNames.some((name) => name === path);
  const attended = isAct && (await attends?.(path)) === true;
  try {
    return await fetch(`http://localhost/v1/${path}`, {
      unix: socketPath,
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(attended ? { [attendedHeader]: "1" } : {}),
      },
      body,
      // A stream may be silent for hours; a call's deadline is the daemon's.
      timeout: false,
      ...options,
    });
  } catch (cause) {
    if (options.signal?.aborted === true) throw cause;
    const code = cause instanceof Error && "code" in cause ? cause.code : "";
    throw new PeernetError("daemon_not_running", forbidden.has(code) ? sandboxed : {});
  }
}

const forbidden: ReadonlySet<unknown> = new Set(["EPERM", "EACCES"]);
const sandboxed = {
  message: "the daemon's socket may not be opened from here, as in a sandbox",
  hint: "run the command outside of the sandbox",
} as const;
const ended = { message: "the daemon ended while it answered", hint: "peernet start" } as const;

async function* lines(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pending = "";
  for await (const chunk of untilCut(body, signal)) {
    pending += decoder.decode(chunk, { stream: true });
    let end = pending.indexOf("\n");
    while (end >= 0) {
      if (end > 0) yield pending.slice(0, end);
      pending = pending.slice(end + 1);
      end = pending.indexOf("\n");
    }
    if (pending.length > streamLineBytesMax) throw new PeernetError("internal");
  }
}

/** The chunks of a stream; one that is cut short is a daemon that ended. */
async function* untilCut(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    throw new PeernetError("daemon_not_running", ended);
  }
}

function errorOf(reply: unknown): PeernetError {
  // The daemon's one error mapper writes this shape; anything else is a fault of ours.
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
