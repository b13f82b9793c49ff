/**
 * Tells one program of this user of an event. At a port the program first proves that it knows the
 * secret: another user's program that took the port gets no byte of an event.
 */

import type {
  WebhookEnd,
  WebhookErrand,
  WebhookFailure,
} from "../../contract/webhooks/webhooks.ts";
import { connectTo, type Exchange } from "./exchange.ts";
import { proofOf, readSecret, signatureOf } from "./secret.ts";
import { isOwnListener, isSafeSocket, type Target, targetOf } from "./target.ts";

/** The system, as far as telling needs it. */
export interface Telling {
  readonly uid: number;
  readonly home: string;
  readonly wallMs: () => number;
  /** A text that was never used before. */
  readonly nonce: () => string;
}

const failed = (why: WebhookFailure, status: number | null = null): WebhookEnd => ({ why, status });

/** Tells of an event; a second run tells of it again, by the same id. */
export async function sendWebhook(
  errand: WebhookErrand,
  telling: Telling,
  signal: AbortSignal,
): Promise<WebhookEnd> {
  const { uid, home } = telling;
  const target = targetOf(errand.url, home);
  const file = errand.secret_file?.replace(/^~(?=\/)/, () => home) ?? null;
  const secret = file === null ? null : readSecret(file, uid);
  const isPort = !("unix" in target);
  if (secret === null && (file !== null || isPort)) return failed("secret");
  if (!isPort && !isSafeSocket(target.unix, uid)) return failed("unsafe");
  let exchange: Exchange;
  try {
    exchange = await connectTo(target, signal);
  } catch {
    return failed("unreached");
  }
  try {
    // Only now: a program that took the port meanwhile is the one that is judged.
    const isOther = isPort && isOwnListener(target, uid) === false;
    if (isOther) return failed("not_ours");
    return await told(exchange, { errand, telling, target, secret });
  } finally {
    exchange.end();
  }
}

interface Ready {
  readonly errand: WebhookErrand;
  readonly telling: Telling;
  readonly target: Target;
  readonly secret: Uint8Array | null;
}

async function told(
  exchange: Exchange,
  { errand, telling, target, secret }: Ready,
): Promise<WebhookEnd> {
  if (!("unix" in target) && secret !== null) {
    const nonce = telling.nonce();
    const proof = await exchange
      .request({ "webhook-challenge": nonce }, "")
      .then(({ headers }) => headers.get("webhook-challenge"))
      .catch(() => undefined);
    if (proof !== proofOf(secret, nonce)) return failed("unproven");
  }
  const { event_id: id, body } = errand;
  const at = Math.floor(telling.wallMs() / 1_000);
  const signed =
    secret === null ? {} : { "webhook-signature": signatureOf(secret, { id, at, body }) };
  try {
    const { status } = await exchange.request(
      {
        ...{ "content-type": "application/json", "webhook-id": id, "webhook-timestamp": `${at}` },
        ...signed,
      },
      body,
    );
    return status >= 200 && status < 300 ? { why: null, status } : failed("refused", status);
  } catch {
    return failed("unreached");
  }
}
