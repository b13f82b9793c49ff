/** The outcome of one attempt to deliver an entry. */

import { PeernetError } from "../../contract/errors.ts";
import { type Fate, fateOf, pauseMs } from "../../core/outbox.ts";
import { isWithheld } from "../../peer/call-over.ts";
import type { Ending } from "./kinds.ts";

/** The fate of an entry after an attempt; `again` is tried at once, in its order. */
export interface Attempt {
  readonly fate: Fate | "nothing" | "again";
  readonly retryAfterMs: number;
  readonly answer?: Pick<Ending, "reply" | "error" | "reverse">;
}

/** The meaning of a call's error; an error of this program's own goes on. */
export function failed(error: unknown): Attempt {
  if (isWithheld(error)) return { fate: "again", retryAfterMs: 0 };
  if (!(error instanceof PeernetError)) throw error;
  const { retry_after_ms } = error.details ?? {};
  const retryAfterMs = typeof retry_after_ms === "number" ? retry_after_ms : pauseMs(1);
  return { fate: fateOf(error.code), retryAfterMs, answer: { error } };
}
