/**
 * The page's access to its server. The one-time secret becomes a bearer, which this tab's own
 * storage keeps. Makes calls and streams of the control table. Does not interpret errors.
 */

import type { Control } from "../../../contract/control.ts";
import { streamLineBytesMax } from "../../../contract/limits.ts";
import type { InputOf, OutputOf } from "../../../contract/operation/operation.ts";
import { linesOf } from "../../../contract/operation/reading.ts";
import type { StreamFrame, StreamHead } from "../../../contract/operation/streams.ts";
import type { Registration } from "../../registrations.ts";
import { keepBearer, keptBearer } from "./browser.ts";

/** A failed call's reason, as people read it. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The page's server is gone, or the session is over. */
export const sessionOver: Failure = {
  code: "session_over",
  message: "This tab has no session",
  hint: "peernet dashboard",
};

/** The process behind the page has ended. */
const serverGone: Failure = { ...sessionOver, message: "The dashboard process has ended" };

/** The outcome of a call. */
export type Reply<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: Failure };

/** The input of a row; fields with defaults may be absent. */
type Input<K extends keyof Control> = Partial<InputOf<Control[K]>>;

let bearer: string | null = null;
/** The number of this page, which separates its streams from those of a copy of the tab. */
let tab = "";

/** The server's facts about this machine at the start. */
export interface Started {
  /** The name of its executable, for displayed commands. */
  readonly command: string;
  readonly registrations: readonly Registration[];
}

interface Given extends Started {
  readonly tab: string;
  /** Absent for a tab that already has its bearer. */
  readonly bearer?: string;
}

/** Returns with the tab's stored bearer, else exchanges the link's secret. */
export async function begin(secret: string | null): Promise<Reply<Started>> {
  bearer = keptBearer();
  if (bearer !== null) {
    const back = await entered({});
    if (back.ok || back.error !== sessionOver) return back;
    forget();
  }
  return secret === null ? { ok: false, error: sessionOver } : entered({ secret });
}

async function entered(body: object): Promise<Reply<Started>> {
  const reply = await sent("/session", body, null);
  if (!reply.ok) return reply;
  // The server of this page writes this shape.
  const { bearer: given, tab: number, ...started } = (await reply.value.json()) as Given;
  tab = number;
  if (given !== undefined) {
    bearer = given;
    keepBearer(given);
  }
  return { ok: true, value: started };
}

/**
 * Tells the server that this page is left. A tab that its browser discards cannot say so, and finds
 * its session again.
 */
export function sayLeaving(): void {
  if (bearer === null) return;
  // The answer finds nobody.
  void fetch("/session", { ...posted({ leaving: true }), keepalive: true }).catch(() => {});
}

/** Removes the bearer: the session is over. */
export function forget(): void {
  bearer = null;
  keepBearer(null);
}

/** Makes one call of the control table. */
export async function call<K extends keyof Control>(
  path: K,
  input: Input<K>,
): Promise<Reply<OutputOf<Control[K]>>> {
  const reply = await sent(`/v1/${path}`, input, null);
  // The server forwards the daemon's encoding of the row's own schema.
  return reply.ok ? { ok: true, value: (await reply.value.json()) as OutputOf<Control[K]> } : reply;
}

/** The receiver of a stream's events. */
export interface Listener<T> {
  head?(head: StreamHead): void;
  event(event: T): void;
}

/** Reads a stream until it ends; returns the reason, or null for a plain end. */
export async function listen<K extends keyof Control>(
  path: K,
  input: Input<K>,
  { listener, signal }: { listener: Listener<OutputOf<Control[K]>>; signal: AbortSignal },
): Promise<Failure | null> {
  const reply = await sent(`/v1/${path}`, input, signal);
  if (!reply.ok) return reply.error;
  if (reply.value.body === null) return null;
  try {
    for await (const line of linesOf(reply.value.body, streamLineBytesMax)) {
      // As in `call`: each line is a frame that the daemon encoded.
      const frame = JSON.parse(line) as StreamHead | StreamFrame;
      if ("error" in frame) return frame.error;
      // As above: an event of the row's output shape.
      if ("event" in frame) listener.event(frame.event as OutputOf<Control[K]>);
      else listener.head?.(frame);
    }
    return null;
  } catch {
    return signal.aborted ? null : serverGone;
  }
}

/** A request of this page. */
const posted = (input: unknown): RequestInit => ({
  method: "POST",
  headers: {
    "content-type": "application/json",
    ...(bearer === null ? {} : { authorization: `Bearer ${bearer}`, "x-peernet-tab": tab }),
  },
  body: JSON.stringify(input),
  cache: "no-store",
});

async function sent(
  path: string,
  input: unknown,
  signal: AbortSignal | null,
): Promise<Reply<Response>> {
  try {
    const response = await fetch(path, { ...posted(input), signal });
    if (response.ok) return { ok: true, value: response };
    if (response.status === 401) return { ok: false, error: sessionOver };
    // Every refusal has this shape.
    const { error } = (await response.json()) as { error: Failure };
    return { ok: false, error };
  } catch {
    return { ok: false, error: serverGone };
  }
}
