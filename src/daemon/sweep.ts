/** One tick of housekeeping: ends what is over, though nobody asks. */

import { askMemoryMs } from "../contract/limits.ts";
import { leaseState } from "../core/lease.ts";
import type { Instant } from "../platform/effects.ts";
import { type Context, nowOf } from "./context.ts";
import { expire } from "./leases.ts";
import type { Links } from "./links.ts";
import type { Listener } from "./listener.ts";
import type { StrangerCounts } from "./strangers.ts";
import type { Trail } from "./trail.ts";
import type { PairingWindow } from "./window.ts";

/** What is swept. */
export interface Swept {
  readonly context: Context;
  readonly window: PairingWindow;
  readonly strangers: StrangerCounts;
  readonly links: Links;
  readonly trail: Trail;
  readonly listener: Listener;
}

/** Does whatever is due at an instant; writes only when something is. */
export async function sweep(swept: Swept, now: Instant): Promise<void> {
  const { context, window, strangers, links, trail, listener } = swept;
  listener.sweep();
  links.sweep(now);
  const leases = context.tables.leases.all();
  const expired = leases.some((lease) => leaseState(lease, nowOf(context, now)) === "expired");
  const windowIsDue = window.isDue(now);
  const strangersAreDue = strangers.isDue(now);
  const kept = { fromBootMs: now.bootMs - askMemoryMs, toBootMs: now.bootMs };
  const asksAreDue = context.tables.peers.hasAnsweredOutside(kept);
  if (expired || windowIsDue || strangersAreDue || asksAreDue) {
    await context.transact(now, (work) => {
      expire(context, work, nowOf(context, now));
      if (windowIsDue) window.sweep(work, now);
      if (strangersAreDue) strangers.flush(work);
      if (asksAreDue) work.tables.peers.forgetAnsweredOutside(kept);
      return { value: undefined };
    });
  }
  trail.sweep(now);
}
