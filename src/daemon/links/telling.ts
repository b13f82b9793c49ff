/**
 * Tells a person's other machines of each change of a session at once, while a person there
 * watches: at most one hello a second to each. The sweep tells what came sooner after the last.
 */

import { sweepMs } from "../../contract/limits.ts";
import { instantOf } from "../../platform/effects.ts";
import { detach } from "../context/detached.ts";
import type { Item } from "../context/events.ts";
import type { PeerMemories } from "../peers/memories.ts";
import { type AnnouncedParts, announcing } from "./announced.ts";
import type { Links } from "./links.ts";

/** Dependencies of telling. */
export interface TellingParts extends AnnouncedParts {
  readonly memories: PeerMemories;
  readonly links: Pick<Links, "greet">;
}

/** Makes a listener of the daemon's events that says the hellos. */
export function tellingWatchers(parts: TellingParts): (item: Item) => void {
  const { context, memories, links } = parts;
  const { clock, log } = context.effects;
  const toldMs = new Map<string, number>();
  let seen = context.tables.leases.all();
  return ({ of }) => {
    const leases = context.tables.leases.all();
    if (of !== "commit" || leases === seen) return;
    seen = leases;
    const now = instantOf(clock);
    const watchers = context.tables.peers
      .grants()
      .filter(
        ({ fingerprint, grants }) => grants.mine && memories.of(fingerprint).watches(now.bootMs),
      );
    const announced = announcing(parts, now);
    for (const { fingerprint, grants } of watchers) {
      const memory = memories.of(fingerprint);
      memory.announce(announced(grants, true), now.monotonicMs);
      const isDue = memory.nextHelloMs <= now.monotonicMs;
      const sinceMs = now.monotonicMs - (toldMs.get(fingerprint) ?? Number.NEGATIVE_INFINITY);
      if (!isDue || memory.isGreeted || sinceMs < sweepMs) continue;
      toldMs.set(fingerprint, now.monotonicMs);
      detach(log, "telling", () => links.greet(fingerprint));
    }
  };
}
