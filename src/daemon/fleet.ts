/**
 * Assembles the parts beside a daemon's peers: the meetings with expected machines, the counts for
 * a fleet's tool, and the webhooks of this machine's user.
 */

import type { PendingErrands } from "./errands/pending.ts";
import type { Finder } from "./links/finder.ts";
import { metricsOf } from "./metrics/facts.ts";
import type { PairingParts } from "./pairing/shown.ts";
import type { PeerMemories } from "./peers/memories.ts";
import { expectedNow, trustHandlers } from "./trust/handlers.ts";
import { Meetings } from "./trust/meetings.ts";
import { webhooksOf } from "./webhooks/delivery.ts";

/** Dependencies of these parts. */
export interface FleetParts extends Pick<PairingParts, "context" | "window" | "port" | "greet"> {
  readonly memories: PeerMemories;
  readonly finder: Finder;
  readonly errands: PendingErrands;
  readonly startedAtMs: number;
}

/** The parts that others use. */
export type Fleet = Omit<ReturnType<typeof fleetOf>, "meetings">;

/** Makes these parts. */
export function fleetOf(parts: FleetParts) {
  const { context, errands, finder } = parts;
  const webhooks = webhooksOf(parts);
  // Events come at any time, and nothing starts a keeper then.
  errands.wish(() => context.config.webhooks !== undefined);
  const locate = async (fingerprint: string) => (await finder.locate(fingerprint, null)).found;
  const meetings = new Meetings({ ...parts, locate });
  const metrics = metricsOf({ ...parts, expected: (now) => expectedNow(context, now) });
  const handlers = { ...trustHandlers({ context, meetings }), ...metrics.handlers };
  return { meetings, metrics, webhooks, fleetHandlers: handlers };
}
