/** The handler of `doctor`: gathers the observations and lets core judge them. */

import type { Control } from "../../contract/control.ts";
import type { Searched, Source } from "../../contract/discovery.ts";
import { linkLifeMs } from "../../contract/limits.ts";
import type { Handlers } from "../../contract/operation/operation.ts";
import { networkChecks, type Observations } from "../../core/doctor.ts";
import { inTurns } from "../../core/peers/sighting.ts";
import type { Instant } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Context, LocalCaller } from "../context/context.ts";
import type { ChangedBy, KeeperSeen } from "../context/ports.ts";
import type { Networks } from "../network/networks.ts";
import type { PeerMemories } from "../peers/memories.ts";
import type { Finder } from "./finder.ts";

/** Dependencies of observing. */
export interface ObservingParts {
  readonly context: Context;
  readonly memories: PeerMemories;
  readonly finder: Finder;
  readonly networks: Networks;
  readonly listen: () => readonly string[];
  readonly taken: () => readonly string[];
  readonly keeper: Pick<KeeperSeen, "lastEnd">;
  readonly changed: Pick<ChangedBy, "uncompared">;
  readonly webhooks: { seen(): Observations["webhooks"] };
}

/** The handler of `doctor`. */
export function observingHandlers(
  parts: ObservingParts,
): Pick<Handlers<Control, LocalCaller>, "doctor"> {
  const { context, finder, memories, networks } = parts;
  return {
    doctor: async (_input, { now }) => {
      const { searched } = await finder.sweep();
      const of = (source: Source): Searched =>
        searched.find((each) => each.source === source) ?? { source, searched: false, why: "off" };
      const listen = parts.listen();
      const head = context.tables.audit.at(context.tables.audit.head().seq);
      const checks = networkChecks({
        listen,
        taken: parts.taken(),
        listensBeyond: listen.some((bound) => !/^(127\.|\[::1\])/.test(bound)),
        dialledBy: dialledBy(parts, now),
        heardInTurns: heardInTurns(parts, now),
        peers: context.tables.peers.all().map((row) => ({
          ...memories.shown(row, now),
          aheadMs: (row.checkpoint?.at_ms ?? 0) - now.wallMs,
        })),
        disagreeing: context.tables.peers
          .all()
          .filter(({ fingerprint }) => context.tables.peers.disagreements(fingerprint).size > 0)
          .map(({ name }) => name),
        uncompared: context.tables.peers.all().some(compares) ? parts.changed.uncompared(now) : [],
        stuck: stuckOf(context),
        notification: parts.keeper.lastEnd("notify"),
        webhooks: parts.webhooks.seen(),
        tailnet: of("tailnet"),
        lan: of("lan"),
        hearsItself: networks.hearsItself,
        wallMs: now.wallMs,
        newestRecordAtMs: head?.at_ms ?? null,
      });
      return { checks: [...checks] };
    },
  };
}

/** True for a peer that may compare its changed files with those here, or lets this machine. */
const compares = ({ grants, their_scopes: theirs }: PeerRow): boolean =>
  theirs.includes("overlap") || grants.entries.some(({ scope }) => scope === "overlap");

/** Peers with set-aside entries in the outbox. */
const stuckOf = ({ tables }: Context) =>
  tables.outbox.peers().flatMap(({ fingerprint, stuck }) => {
    const peer = tables.peers.get(fingerprint);
    return stuck === 0 || peer === null ? [] : [{ peer: peer.name, entries: stuck }];
  });

/** Each peer's report of its last dial of this machine, if it still answers. */
function dialledBy({ context, memories }: ObservingParts, { bootMs }: Instant) {
  return context.tables.peers.all().flatMap(({ name, fingerprint }) => {
    const { dialledBack, failingSinceMs, lastOutboundMs } = memories.of(fingerprint).link;
    const isFresh = lastOutboundMs !== null && bootMs - lastOutboundMs < linkLifeMs;
    if (dialledBack === null || failingSinceMs !== null || !isFresh) return [];
    return [{ peer: name, succeeded: dialledBack }];
  });
}

/** Peers whose requests came alternately from several addresses. */
function heardInTurns({ context, memories }: ObservingParts, { bootMs }: Instant) {
  return context.tables.peers.all().flatMap(({ name, fingerprint }) => {
    const addresses = inTurns(memories.of(fingerprint).sightings, bootMs);
    return addresses.length === 0 ? [] : [{ peer: name, addresses }];
  });
}
