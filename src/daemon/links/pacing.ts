/**
 * Obeys a peer that refuses a call for coming too fast: waits as long as the peer says, within the
 * call's deadline, and sends it no other call of that rate meanwhile.
 */

import { PeernetError } from "../../contract/errors.ts";
import { rates } from "../../contract/limits/rates.ts";
import { probeMs } from "../../contract/limits.ts";
import type { WireOperation } from "../../contract/wire/rows.ts";
import { retryAfterOf, tooFast } from "../../contract/wire/too-fast.ts";
import { type Wire, wire } from "../../contract/wire.ts";
import type { Effects } from "../../platform/effects.ts";
import type { PeerMemory } from "../peers/memory.ts";

/** The row of a call, and the monotonic time of its deadline. */
export interface PacedCall {
  readonly path: keyof Wire;
  readonly untilMs: number;
}

/** Dependencies of calls to one peer. */
export interface PacedParts {
  readonly effects: Pick<Effects, "clock" | "timers">;
  readonly memory: Pick<PeerMemory, "slowed" | "slowedUntilMs">;
}

/**
 * Makes a call, and repeats it while its peer refuses it only for now.
 * @throws {rate_limited} when the deadline comes first, or the errors of the call
 */
export async function atPaceOf<T>(
  { effects, memory }: PacedParts,
  { path, untilMs }: PacedCall,
  call: () => Promise<T>,
): Promise<T> {
  const { clock, timers } = effects;
  const row: WireOperation = wire[path];
  if (!("rate" in row)) return call();
  const { rate } = row;
  const spacingMs = 1_000 / rates[rate].perSecond;
  for (let patienceMs = untilMs - clock.monotonicMs(); ; ) {
    const nowMs = clock.monotonicMs();
    const fromMs = memory.slowedUntilMs(rate);
    if (fromMs > nowMs) {
      const waitMs = fromMs - nowMs;
      // The reply needs time, too.
      const isLate = waitMs + probeMs > Math.min(patienceMs, untilMs - nowMs);
      if (isLate) throw tooFast(Math.ceil(waitMs));
      // The next waiting call goes after this one, at the pace of the rate.
      memory.slowed(rate, fromMs + spacingMs);
      await new Promise<void>((resolve) => timers.after(waitMs, resolve));
      // A clock that stands still grants no time without end.
      patienceMs -= waitMs;
    }
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof PeernetError) || error.code !== "rate_limited") throw error;
      const toldMs = retryAfterOf(error.details) ?? defaultMs;
      memory.slowed(rate, clock.monotonicMs() + Math.max(toldMs, spacingMs));
    }
  }
}

/** The pause before a repeat when the peer tells none. */
const defaultMs = 1_000;
