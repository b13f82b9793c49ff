/** The refusal of a call that came too soon. */

import { PeernetError } from "../errors.ts";
import { answersMax, answersMs } from "../limits.ts";
import { grouped } from "../text/numeral.ts";
import { leftText } from "../text/words.ts";

/** A refusal with the time after which the same call may pass; without one, a second. */
export function tooFast(retryAfterMs: number | null): PeernetError {
  if (retryAfterMs === null) return new PeernetError("rate_limited");
  const details = { retry_after_ms: retryAfterMs };
  if (retryAfterMs <= shortMs) return new PeernetError("rate_limited", { details });
  return new PeernetError("rate_limited", {
    message: `the day's ${grouped(answersMax)} answers are given`,
    hint: `wait ${leftText(retryAfterMs)}, then try again`,
    details,
  });
}

/** The `retry_after_ms` of a peer's refusal; null unless it is a possible one. */
export function retryAfterOf(details: unknown): number | null {
  const { retry_after_ms: ms }: Readonly<Record<string, unknown>> = Object(details);
  return typeof ms === "number" && Number.isInteger(ms) && ms > 0 && ms <= answersMs ? ms : null;
}

/** No rate of calls makes a caller wait longer than this. */
const shortMs = 1_000;
