/**
 * A description of the control API for a person: its OpenAPI document and a page, on a loopback
 * port of its own. Serves three texts that are made before the first request and hold nothing of
 * this machine. Runs no operation, reads nothing of a request but its path, and answers no page of
 * another origin, even if its name resolves here.
 */

import { swagger } from "@elysiajs/swagger";
import { Elysia } from "elysia";
import { control } from "../../contract/control.ts";
import { PeernetError } from "../../contract/errors.ts";
import { bodyBytesMax } from "../../contract/limits.ts";
import { isOurs, loopback, loopbackHeaders } from "../../platform/network/loopback.ts";
import { type Described, docsPage, docsStyle } from "./docs-page.ts";
import { refusal } from "./mount.ts";
import { controlInfo, openapi } from "./openapi.ts";

/** The served documents. */
export interface Docs {
  /** The address of the page: `http://127.0.0.1:<port>/`. */
  readonly url: string;
  /** Ends the listener and its connections. */
  close(): Promise<void>;
}

const documentPath = "/openapi.json";
const stylePath = "/page.css";

/** The headers of every reply, including refusals. The page has no script and no inline style. */
const headers: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; " +
    "frame-ancestors 'none'",
  ...loopbackHeaders,
};

/** Serves the document and its page on a loopback port that the system chooses. */
export async function serveDocs(): Promise<Docs> {
  const texts = await makeTexts();
  const server = Bun.serve({
    hostname: loopback,
    port: 0,
    development: false,
    // No request here needs a body.
    maxRequestBodySize: bodyBytesMax,
    fetch: (request, { port }) => {
      const response = answer(request, `http://${loopback}:${port}`, texts);
      for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
      return response;
    },
  });
  return { url: `http://${loopback}:${server.port}/`, close: () => server.stop(true) };
}

interface Text {
  readonly type: string;
  readonly body: string;
}

/** The texts by path. */
type Texts = ReadonlyMap<string, Text>;

async function makeTexts(): Promise<Texts> {
  const document = await documentByPlugin();
  // The plugin answers its input unchanged, which a test compares with the committed document.
  const described: Described = JSON.parse(document);
  const page = docsPage(described, { documentPath, stylePath });
  return new Map([
    ["/", { type: "text/html; charset=utf-8", body: page }],
    [stylePath, { type: "text/css; charset=utf-8", body: docsStyle }],
    [documentPath, { type: "application/json", body: document }],
  ]);
}

/**
 * The plugin's document of the control table. Its application never listens: it also has a page
 * that loads a script from a CDN.
 */
async function documentByPlugin(): Promise<string> {
  const documentation = openapi(control, controlInfo);
  const app = new Elysia().use(swagger({ documentation, specPath: documentPath }));
  return (await app.handle(new Request(`http://peernet.invalid${documentPath}`))).text();
}

function answer(request: Request, origin: string, texts: Texts): Response {
  if (!isOurs(request.headers, origin)) {
    const hint = "open the address that peernet daemon --docs printed";
    return refusal(new PeernetError("origin_unverified", { hint }));
  }
  const isRead = request.method === "GET" || request.method === "HEAD";
  const text = isRead ? texts.get(request.url.slice(origin.length)) : undefined;
  if (text === undefined) {
    const hint = "call operations on control.sock in the state folder";
    return refusal(new PeernetError("operation_unknown", { hint }));
  }
  return new Response(text.body, { headers: { "content-type": text.type } });
}
