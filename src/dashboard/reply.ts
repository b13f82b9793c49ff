/** The headers of every dashboard reply, and the form of its refusals. */

import { errorTable, type PeernetError } from "../contract/errors.ts";
import { loopbackHeaders } from "../platform/network/loopback.ts";

/** No byte of the page is inline, and no string becomes script. */
const policy = [
  "default-src 'none'",
  ...["script", "style", "img", "font", "connect"].map((kind) => `${kind}-src 'self'`),
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/** A reply with the headers that all replies share. */
export function guarded(response: Response): Response {
  response.headers.set("content-security-policy", policy);
  for (const [name, value] of Object.entries(loopbackHeaders)) response.headers.set(name, value);
  return response;
}

/** A refusal as a reply. */
export const refusal = (error: PeernetError): Response =>
  Response.json({ error: error.body }, { status: errorTable[error.code].status ?? 500 });
