/**
 * Serves metrics: at a socket in the state folder, which is the user's alone, or at a loopback
 * port to those who show the bearer of a 0600 file. Answers no page and no other path.
 */

import { base64url } from "../../contract/text/encoding.ts";
import { stateNames } from "../../contract/text/state-names.ts";
import { type Instant, instantOf } from "../../platform/effects.ts";
import { isOurs, isSameSecret, loopbackHeaders } from "../../platform/network/loopback.ts";
import type { Context } from "../context/context.ts";

/** The media type of OpenMetrics 1.0. */
const type = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/** Ends the serving. */
export type StopMetrics = () => Promise<void>;

/** Serves metrics as the settings say; a port that is taken is logged, and nothing is served. */
export function serveMetrics(context: Context, text: (now: Instant) => string): StopMetrics {
  const { config, effects } = context;
  const listen = config.metrics?.listen ?? "";
  if (listen === "") return async () => {};
  const answer = (): Response =>
    new Response(text(instantOf(effects.clock)), { headers: { "content-type": type } });
  try {
    const server = listen === "unix" ? onSocket(context, answer) : onPort(context, listen, answer);
    return async () => {
      await server.stop(true);
      if (listen === "unix") effects.files.remove(stateNames.metricsSocket);
    };
  } catch (error) {
    const { name } = error instanceof Error ? error : new Error("a value was thrown");
    effects.log.error("metrics_not_served", { listen, name });
    return async () => {};
  }
}

const isRead = (request: Request): boolean =>
  request.method === "GET" && new URL(request.url).pathname === "/metrics";

function onSocket({ effects }: Context, answer: () => Response) {
  const unix = `${effects.files.folder}/${stateNames.metricsSocket}`;
  effects.files.remove(stateNames.metricsSocket);
  const fetch = (request: Request): Response => (isRead(request) ? answer() : absent());
  return Bun.serve({ unix, development: false, fetch });
}

function onPort(context: Context, listen: string, answer: () => Response) {
  const at = listen.lastIndexOf(":");
  const [host, port] = [listen.slice(0, at), Number(listen.slice(at + 1))];
  const bearer = bearerOf(context);
  const fetch = (request: Request, server: { readonly port?: number | undefined }): Response => {
    const reply = judged(request, `http://${host}:${server.port}`, bearer) ?? answer();
    for (const [name, value] of Object.entries(loopbackHeaders)) reply.headers.set(name, value);
    return reply;
  };
  const hostname = host.replace(/^\[|\]$/g, "");
  return Bun.serve({ hostname, port, development: false, fetch });
}

/** The refusal of a request; null for one that is answered. */
function judged(request: Request, origin: string, bearer: string): Response | null {
  if (!isOurs(request.headers, origin)) return new Response(null, { status: 403 });
  if (!isRead(request)) return absent();
  const shown = request.headers.get("authorization") ?? "";
  const isShown = isSameSecret(shown, `Bearer ${bearer}`);
  if (isShown) return null;
  return new Response(null, { status: 401 });
}

const absent = (): Response => new Response(null, { status: 404 });

/** The bearer of this home; made once. */
function bearerOf({ effects }: Context): string {
  const known = effects.files.read(stateNames.metricsToken)?.trim() ?? "";
  if (known !== "") return known;
  const made = base64url(effects.random.bytes(32));
  effects.files.write(stateNames.metricsToken, `${made}\n`);
  return made;
}
