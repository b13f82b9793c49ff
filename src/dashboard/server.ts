/**
 * Serves the page to one tab, on a loopback port of its own, and forwards its calls to the daemon.
 * Forwards only the control rows of this surface, and only with the bearer that the link's secret
 * was exchanged for. Refuses every other page and route.
 */

import { control } from "../contract/control.ts";
import { PeernetError } from "../contract/errors.ts";
import { bodyBytesMax, sessionStreamsMax, sessionTabsMax } from "../contract/limits.ts";
import type { Table } from "../contract/operation/operation.ts";
import { readAtMost } from "../contract/operation/reading.ts";
import type { Random, StateFiles } from "../platform/effects.ts";
import { isOurs } from "../platform/network/loopback.ts";
import { type Asset, type Assets, loadAssets } from "./assets.ts";
import { type Forwarding, forwardCall, forwardStream } from "./forward.ts";
import { leadingTo, linkFileOf, removeStale } from "./link-file.ts";
import type { SessionEnd } from "./presence.ts";
import type { Registration } from "./registrations.ts";
import { guarded, refusal } from "./reply.ts";
import { createSession, type Session } from "./session.ts";

/** Dependencies of serving the page. */
export interface DashboardParts extends Forwarding {
  readonly files: StateFiles;
  readonly random: Random;
  /** The loopback address of the listener. */
  readonly hostname: string;
  /** The executable's name, for the commands that the page shows. */
  readonly command: string;
  /** The registrations in each agent, for the page to show. */
  readonly registrations: readonly Registration[];
  /** Called when the right secret comes again: another person has the link. */
  readonly onSecondUse: () => void;
}

/** A served page. */
export interface Dashboard {
  readonly port: number;
  /** Valid once: it holds the secret. */
  readonly link: string;
  /** A file in the state folder that leads to the link; its path is no secret. */
  readonly file: string;
  /** True once a page was opened by the link, false when none will be. */
  readonly opened: Promise<boolean>;
  /** Resolves when the page is no longer served. */
  readonly ended: Promise<SessionEnd>;
  close(): Promise<void>;
}

interface Serving {
  readonly parts: DashboardParts;
  readonly origin: string;
  readonly assets: Assets;
  readonly session: Session;
  /** The streams, oldest first; aborting the key ends the stream. */
  readonly streams: Map<AbortController, { readonly tab: string; readonly path: string }>;
  /** The number of the next page: a reload, or a copy of the tab. */
  readonly nextTab: () => string;
}

/** Serves the page for one tab. @throws {state_unsafe} {storage_full} {internal} */
export async function serveDashboard(parts: DashboardParts): Promise<Dashboard> {
  const [assets] = await Promise.all([loadAssets(), removeStale(parts.files)]);
  const session = createSession(parts);
  const streams: Serving["streams"] = new Map();
  let tabs = 0;
  const nextTab = (): string => String(++tabs);
  const server = Bun.serve({
    hostname: parts.hostname,
    port: 0,
    development: false,
    // Above the limit of ours, so that our own refusal applies.
    maxRequestBodySize: 2 * bodyBytesMax,
    error: () => guarded(refusal(new PeernetError("internal"))),
    fetch: async (request, listener) => {
      const origin = `http://${parts.hostname}:${listener.port}`;
      const serving = { parts, origin, assets, session, streams, nextTab };
      // A call may take as long as the daemon, and a stream may be silent for hours.
      const hold = (): void => listener.timeout(request, 0);
      return guarded(await answer(serving, request, hold));
    },
  });
  const port = server.port ?? 0;
  const name = linkFileOf(port);
  const link = `http://${parts.hostname}:${port}/#${session.secret}`;
  const forget = (): void => parts.files.remove(name);
  const closed = session.ended.then(async (why) => {
    forget();
    await server.stop(true);
    return why;
  });
  try {
    parts.files.write(name, leadingTo(link));
  } catch (error) {
    session.end("closed");
    await closed;
    throw error;
  }
  // A used link is worthless: the next start removes a leftover file.
  session.opened.then(forget).catch(() => {});
  const close = async (): Promise<void> => {
    session.end("closed");
    await closed;
  };
  const file = `${parts.files.folder}/${name}`;
  return { port, link, file, opened: session.opened, ended: closed, close };
}

async function answer(serving: Serving, request: Request, hold: () => void): Promise<Response> {
  const { headers, method } = request;
  const { origin, assets } = serving;
  const isPost = method === "POST";
  // Our page's posts carry its origin; a request without an origin comes from no page.
  const isOwn = isOurs(headers, origin) && (!isPost || headers.get("origin") === origin);
  if (!isOwn) return refusal(new PeernetError("origin_unverified", fromLink));
  if (headers.has("upgrade")) return refusal(new PeernetError("bad_request", noUpgrade));
  const path = request.url.startsWith(`${origin}/`) ? request.url.slice(origin.length) : "";
  const asset = method === "GET" || method === "HEAD" ? assets.get(path) : undefined;
  if (asset !== undefined) return file(asset, headers);
  const row = isPost ? rowOf(path) : null;
  if (row === null && !(isPost && path === "/session")) {
    return refusal(new PeernetError("operation_unknown", fromLink));
  }
  if (!/^application\/json *(;|$)/i.test(headers.get("content-type") ?? "")) {
    return refusal(new PeernetError("unsupported_media"));
  }
  if (row === null) return exchange(serving, request);
  if (!serving.session.admits(headers.get("authorization"))) return refusal(unauthenticated());
  hold();
  return handOn(serving, request, row);
}

const fromLink = { hint: "open the link that peernet dashboard gives" } as const;
const noUpgrade = { message: "no other protocol is spoken here", ...fromLink } as const;
const unauthenticated = (message = "this tab has no session"): PeernetError =>
  new PeernetError("unauthenticated", { message, hint: "peernet dashboard" });

interface Row {
  readonly path: string;
  readonly kind: "call" | "stream";
}

/** The row of a request, if it is on this surface. */
function rowOf(path: string): Row | null {
  const name = path.startsWith("/v1/") ? path.slice("/v1/".length) : "";
  const table: Table = control;
  const row = Object.hasOwn(table, name) ? table[name] : undefined;
  return row?.surfaces.includes("dashboard") === true ? { path: name, kind: row.kind } : null;
}

function file({ type, bytes, gzipped }: Asset, sent: Headers): Response {
  const headers = { "content-type": type, vary: "accept-encoding" };
  const takesGzip = /\bgzip\b/.test(sent.get("accept-encoding") ?? "");
  if (!takesGzip) return new Response(bytes, { headers });
  return new Response(gzipped, { headers: { ...headers, "content-encoding": "gzip" } });
}

/** The body of a request, or null when it is over the limit. */
const bodyOf = async ({ body }: Request): Promise<Uint8Array<ArrayBuffer> | null> =>
  body === null ? new Uint8Array() : readAtMost(body, bodyBytesMax);

/** Admits a page: a tab by the link's secret, its reloads and copies by their bearer. */
async function exchange(serving: Serving, request: Request): Promise<Response> {
  const { session, parts } = serving;
  const body = await bodyOf(request);
  if (body === null) return refusal(new PeernetError("body_too_large"));
  const { command, registrations } = parts;
  if (session.admits(request.headers.get("authorization"))) {
    if (isLeaving(body)) {
      session.presence.leave(request.headers.get("x-peernet-tab") ?? "");
      return Response.json({});
    }
    session.presence.comeBack();
    return Response.json({ tab: serving.nextTab(), command, registrations });
  }
  const exchanged = session.exchange(secretIn(body));
  if (exchanged === "used") parts.onSecondUse();
  if (typeof exchanged === "string") {
    return refusal(unauthenticated("the link was used before, or is not one of this session"));
  }
  const { bearer } = exchanged;
  return Response.json({ bearer, tab: serving.nextTab(), command, registrations });
}

interface Entering {
  readonly secret?: unknown;
  readonly leaving?: unknown;
}

/** The fields of a body; none of a body of another form. */
function fieldsOf(body: Uint8Array): Entering {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** True for a page that is about to leave. */
const isLeaving = (body: Uint8Array): boolean => fieldsOf(body).leaving === true;

function secretIn(body: Uint8Array): string {
  const { secret } = fieldsOf(body);
  return typeof secret === "string" ? secret : "";
}

async function handOn(serving: Serving, request: Request, row: Row): Promise<Response> {
  const { session, parts, streams } = serving;
  const tab = request.headers.get("x-peernet-tab") ?? "";
  const leave = session.presence.enter(tab);
  const body = await bodyOf(request).catch(() => null);
  if (body === null) {
    leave();
    return refusal(new PeernetError("body_too_large"));
  }
  const { path } = row;
  if (row.kind === "call") {
    const handed = { path, body, signal: request.signal };
    return forwardCall(parts, handed).finally(leave);
  }
  const leaving = new AbortController();
  const onEnd = (): void => {
    streams.delete(leaving);
    leaving.abort();
    leave();
  };
  // A reloaded page has not always seen its first stream end.
  for (const [other, of] of streams) {
    if (of.tab === tab && of.path === "watch" && path === "watch") other.abort();
  }
  const full = fullness([...streams.values()], tab);
  if (full !== null) {
    onEnd();
    return refusal(new PeernetError("rate_limited", full));
  }
  streams.set(leaving, { tab, path });
  const signal = AbortSignal.any([request.signal, leaving.signal]);
  return forwardStream(parts, { path, body, signal }, onEnd);
}

/** The reason why a tab may begin no stream now; null when it may. */
function fullness(streams: readonly { readonly tab: string }[], tab: string) {
  const tabs = new Set(streams.map((each) => each.tab));
  if (!tabs.has(tab) && tabs.size >= sessionTabsMax) {
    return { message: "too many copies of this tab are open", hint: "close one of them" };
  }
  const count = streams.filter((each) => each.tab === tab).length;
  return count < sessionStreamsMax ? null : { message: "too many streams at once" };
}
