/** Sends one admitted request to the model's origin, and passes its reply on as it comes. */

import { replyBytesMax, replyMs } from "./limits.ts";
import type { Ticket } from "./meter.ts";
import type { Peer } from "./peer.ts";
import type { ModelPlan } from "./plan.ts";
import type { Head } from "./request.ts";
import { type Passing, refuse } from "./serving.ts";
import { readUsage } from "./usage.ts";

/** An admitted request. */
export interface Admitted {
  readonly ticket: Ticket;
  readonly body: string;
}

/** Headers of a reply that clients read. */
const passed = ["content-type", "retry-after", "request-id", "x-request-id"] as const;

/** Sends a request, and settles its ticket by the reply. */
export async function relay(passing: Passing, { ticket, body }: Admitted): Promise<void> {
  const { serving, peer, head, model, isMetered } = passing;
  const ending = new AbortController();
  const end = (): void => ending.abort();
  peer.gone.addEventListener("abort", end, { once: true });
  const cancel = serving.timers.after(replyMs, end);
  try {
    const reply = await sent(model, { head, body, signal: ending.signal });
    // A gone client has cost the most that its request allowed: a model may have been at work.
    if (reply === null) {
      ticket.settle(ending.signal.aborted && isMetered ? "unseen" : "free");
      if (peer.gone.aborted) return;
      return await refuse(serving, peer, { status: 502, why: unreached(model) });
    }
    const isRedirect = reply.status >= 300 && reply.status < 400;
    if (!reply.ok || !isMetered) ticket.settle("free");
    if (isRedirect) return await refuse(serving, peer, { status: 502, why: redirected(model) });
    const usage = readUsage(model.usage, reply.headers.get("content-type") ?? "");
    await passOn(peer, reply, usage.feed).catch(() => undefined);
    ticket.settle(usage.end() ?? "unseen");
  } finally {
    cancel();
    // Whatever happened: an open ticket would keep money and its place.
    ticket.settle("unseen");
    end();
  }
}

const unreached = ({ origin }: ModelPlan): string => `${origin} cannot be reached`;
const redirected = ({ origin }: ModelPlan): string => `${origin} answers with another address`;

interface Sent {
  readonly head: Head;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** The reply of the origin; null when there is none. */
async function sent(model: ModelPlan, { head, body, signal }: Sent): Promise<Response | null> {
  const { header, prefix } = model.credential;
  const headers = new Headers();
  for (const [name, value] of head.headers) if (passes(model, name)) headers.set(name, value);
  headers.set("content-type", "application/json");
  // Usage is read from the reply as it passes.
  headers.set("accept-encoding", "identity");
  headers.set(header, `${prefix}${model.key()}`);
  const { authorities } = model;
  try {
    return await fetch(`${model.origin}${head.target}`, {
      ...{ method: head.method, headers, signal },
      ...(head.method === "POST" ? { body } : {}),
      // Another address would get the credential.
      redirect: "manual",
      keepalive: false,
      // No variable of the environment makes another certificate good.
      tls: { rejectUnauthorized: true, ...(authorities === null ? {} : { ca: authorities }) },
    });
  } catch {
    return null;
  }
}

/** True for a header that the manifest names, and that is not ours to set. */
function passes({ headers, credential }: ModelPlan, name: string): boolean {
  if (name === credential.header || never.has(name)) return false;
  return headers.some((each) =>
    each.endsWith("*") ? name.startsWith(each.slice(0, -1)) : name === each,
  );
}

/** Headers that no manifest lets through. */
const never: ReadonlySet<string> = new Set([
  ...["authorization", "proxy-authorization", "x-api-key", "api-key", "cookie", "host"],
  ...["connection", "content-length", "transfer-encoding", "upgrade", "forwarded", "te"],
]);

/** Passes a reply on in chunks, as long as the client takes them. */
async function passOn(
  peer: Peer,
  reply: Response,
  feed: (chunk: Uint8Array) => void,
): Promise<void> {
  const kept = passed.flatMap((name) => {
    const value = reply.headers.get(name);
    return value === null || !/^[\x20-\x7e]*$/.test(value) ? [] : [`${name}: ${value}`];
  });
  const lines = [`HTTP/1.1 ${reply.status} Reply`, ...kept, "transfer-encoding: chunked"];
  await peer.write(`${[...lines, "connection: close"].join("\r\n")}\r\n\r\n`);
  let bytes = 0;
  for (const reader = reply.body?.getReader(); reader !== undefined; ) {
    const { done, value } = await reader.read();
    if (done || value === undefined) break;
    bytes += value.length;
    feed(value);
    if (bytes > replyBytesMax || !(await writeChunk(peer, value))) return;
  }
  await peer.write("0\r\n\r\n");
}

const writeChunk = async (peer: Peer, chunk: Uint8Array): Promise<boolean> =>
  (await peer.write(`${chunk.length.toString(16)}\r\n`)) &&
  (await peer.write(chunk)) &&
  peer.write("\r\n");
