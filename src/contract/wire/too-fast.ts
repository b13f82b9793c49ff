/** The refusal of a call that came too soon. */

import { PeernetError } from "../errors.ts";
import { answersMs } from "../limits.ts";
import { leftText } from "../text/words.ts";

/** A refusal with the time after which the same call may pass; without one, a second. */
export function tooFast(retryAfterMs: number | null): PeernetError {
  if (retryAfterMs === null) return new PeernetError("rate_limited");
  const details = { retry_after_ms: retryAfterMs };
  if (retryAfterMs <= shortMs) return new PeernetError("rate_limited", { details });
  return new PeernetError("rate_limited", {
    message: "the peer takes no more calls for now",
    hint: `wait ${leftText(retryAfterMs)}, then try again`,
    details,
  });
}

/** The `retry_after_ms` of a peer's refusal; null unless it is a possible one. */
export function retryAfterOf(details: unknown): number | null {
  const { retry_after_ms: ms }: Readonly<Record<string, unknown>> = Object(details);
  return typeof ms === "number" && Number.isInteger(ms) && ms > 0 && ms <= answersMs ? ms : null;
}

/** The wait that the table's own hint names. A longer one is of many calls, or of a day's. */
const shortMs = 1_000;
