/**
 * Makes an HTTP application from a table and its handlers; the one place where an error becomes a
 * reply. Validates every input by its row; reads the clock once per request.
 */

import { Elysia } from "elysia";
import { errorTable, PeernetError } from "../../contract/errors.ts";
import { bodyBytesMax } from "../../contract/limits.ts";
import { type Handlers, mayAnswer, type Table } from "../../contract/operation/operation.ts";
import type { StreamFrame, StreamHead } from "../../contract/operation/streams.ts";
import { unfit, worded } from "../../contract/text/unfit.ts";
import type { Effects, Instant } from "../../platform/effects.ts";
import { instantOf } from "../../platform/effects.ts";
import { nameOf } from "../../store/sqlite-errors.ts";

/** Dependencies of a mounted table, besides its handlers. */
export interface Mounting<C> {
  readonly effects: Pick<Effects, "clock" | "log" | "unlisted">;
  /** Identifies a request's caller. */
  readonly caller: (request: Request, now: Instant) => C;
  /** The first line of every stream. */
  readonly head: () => StreamHead;
}

/** An application that answers exactly the rows of a table. */
export interface Mounted {
  handle(request: Request): Promise<Response>;
  /** Serves on a unix socket; resolves once it is bound, to its stop function. */
  listen(socketPath: string): Promise<() => Promise<void>>;
}

/** A refusal as a reply. Every reply that is not 2xx is made here. */
export function refusal(error: PeernetError): Response {
  return Response.json({ error: error.body }, { status: errorTable[error.code].status ?? 500 });
}

/** Mounts every row at `POST /v1/<path>`. */
export function mount<T extends Table, C>(
  table: T,
  handlers: Handlers<T, C>,
  mounting: Mounting<C>,
): Mounted {
  // A Host header could mislead routing by the URL's text.
  const app = new Elysia({ handler: { standardHostname: false }, normalize: false })
    // First: it covers only the routes registered after it.
    .onError(({ error, code }) => {
      const unknown = code === "NOT_FOUND";
      return refusal(unknown ? new PeernetError("operation_unknown") : named(error, mounting));
    });
  for (const path of Object.keys(table)) {
    const row = table[path];
    if (row === undefined) continue;
    // The path is a key of the table, and by the type of Handlers each function is its own row's.
    const run = handlers[path as keyof T] as (input: unknown, caller: C) => unknown;
    app.post(`/v1/${path}`, ({ request }) => answer({ path, row, run }, request, mounting), {
      parse: "none",
    });
  }
  return {
    handle: (request) => Promise.resolve(app.handle(request)),
    listen: (socketPath) => listen(app, socketPath),
  };
}

/** The part of an application that serves, whatever its routes' types are. */
type Serving = Pick<Elysia, "server"> & {
  listen(options: object, bound: () => void): unknown;
};

function listen(app: Serving, socketPath: string): Promise<() => Promise<void>> {
  return new Promise((resolve) => {
    // Above the limit of ours, so that our own refusal applies; a stream may be silent for hours.
    const bounds = { idleTimeout: 0, maxRequestBodySize: 2 * bodyBytesMax };
    app.listen({ unix: socketPath, ...bounds }, () => {
      resolve(async () => {
        await app.server?.stop(true);
      });
    });
  });
}

interface Row<C> {
  readonly path: string;
  readonly row: Table[string];
  readonly run: (input: unknown, caller: C) => unknown;
}

async function answer<C>(
  { path, row, run }: Row<C>,
  request: Request,
  mounting: Mounting<C>,
): Promise<Response> {
  const namedFor = (error: unknown): PeernetError => {
    const known = named(error, mounting);
    return mayAnswer(row, known.code)
      ? known
      : (mounting.effects.unlisted?.(path, known.code) ?? known);
  };
  try {
    const caller = mounting.caller(request, instantOf(mounting.effects.clock));
    const parsed = row.input.safeParse(await readJson(request), worded);
    if (!parsed.success) throw invalid(parsed.error.issues);
    const result = run(parsed.data, caller);
    if (row.kind === "stream") {
      // A stream's handler returns its events; the table says which rows are streams.
      return streaming(result as AsyncIterable<unknown>, mounting, namedFor);
    }
    return Response.json(await result);
  } catch (error) {
    return refusal(namedFor(error));
  }
}

/** Reads a JSON body up to the limit. @throws {unsupported_media} {body_too_large} {bad_request} */
async function readJson(request: Request): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json *(;|$)/i.test(type)) throw new PeernetError("unsupported_media");
  const encoding = request.headers.get("content-encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    throw new PeernetError("unsupported_media", {
      message: "the request's body is encoded",
      hint: "send it without content-encoding",
    });
  }
  // Both servers limit the body, so that it may be read at once.
  const bytes = await request.bytes();
  if (bytes.length > bodyBytesMax) throw new PeernetError("body_too_large");
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new PeernetError("bad_request", { message: "the request is not JSON" });
  }
}

/** Names the field and the rule; never the value, which may be a code. */
function invalid(issues: Parameters<typeof unfit>[0]): PeernetError {
  const { message, hint, field } = unfit(issues);
  const details = field === "" ? {} : { details: { field } };
  return new PeernetError("bad_request", { message, hint, ...details });
}

function named<C>(error: unknown, mounting: Mounting<C>): PeernetError {
  const known = nameOf(error);
  if (known instanceof PeernetError) return known;
  const { name, stack } = error instanceof Error ? error : new Error("a value was thrown");
  mounting.effects.log.error("internal", { name, stack: stack ?? "" });
  return new PeernetError("internal", { hint: "look at daemon.log in the state folder" });
}

function streaming<C>(
  events: AsyncIterable<unknown>,
  mounting: Mounting<C>,
  namedFor: (error: unknown) => PeernetError,
): Response {
  const iterator = events[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  const line = (frame: StreamHead | StreamFrame) => encoder.encode(`${JSON.stringify(frame)}\n`);
  let hasReader = true;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(line(mounting.head())),
    pull: async (controller) => {
      try {
        const next = await iterator.next();
        // The reader has gone: the stream is closed, and takes neither an event nor an end.
        if (!hasReader) return;
        if (next.done === true) controller.close();
        else controller.enqueue(line({ event: next.value }));
      } catch (error) {
        if (!hasReader) return;
        controller.enqueue(line({ error: namedFor(error).body }));
        controller.close();
      }
    },
    cancel: async () => {
      hasReader = false;
      await iterator.return?.();
    },
  });
  return new Response(body, { headers: { "content-type": "application/x-ndjson" } });
}
