/**
 * The text that stands for the full content of a hello to a peer: when it changes, a hello is due
 * at once. Sends nothing itself.
 */

import type { Way } from "../../contract/delivery/way.ts";
import { type At, type Grants, liveEntries, permits } from "../../core/grants.ts";
import { type Lease, liveLeases } from "../../core/sessions/lease.ts";
import { toldTopics } from "../../core/topics/topics.ts";
import type { Instant } from "../../platform/effects.ts";
import { type Context, nowOf } from "../context/context.ts";
import type { Ways } from "../context/ports.ts";

/** Dependencies of the texts. */
export interface AnnouncedParts {
  readonly context: Context;
  readonly ways: Pick<Ways, "here">;
}

/**
 * Makes the texts of all peers at an instant; reads the leases once, for the first. A watching
 * peer's text changes with each session, any other's only with the handles.
 */
export function announcing(
  { context, ways }: AnnouncedParts,
  now: Instant,
): (grants: Grants, watches: boolean) => string {
  let live: LiveNames | null = null;
  let topics: readonly string[] | null = null;
  return (grants, watches) => {
    live ??= liveNames(liveLeases(context.tables.leases.all(), nowOf(context, now)));
    const names = namesFor(grants, live, now) ?? "";
    topics ??= context.tables.subscriptions.topics();
    const subscribed = toldTopics(topics, grants, now).join(" ");
    return [
      grantText(grants, now),
      names,
      subscribed,
      ...(watches ? [changesIn(live.leases, (lease) => ways.here(lease, now))] : []),
    ].join(" ");
  };
}

interface LiveNames {
  readonly leases: readonly Lease[];
  readonly names: readonly string[];
  /** All changes in one text. */
  readonly every: string;
}

function liveNames(leases: readonly Lease[]): LiveNames {
  const names = leases.map(({ name }) => name);
  return { leases, names, every: names.join(" ") };
}

/** The handles that a grant shows, in one text; null when it shows none. */
function namesFor(grants: Grants, { names, every }: LiveNames, at: At): string | null {
  const entries = liveEntries(grants, at).filter(
    ({ scope }) => scope === "ask" || scope === "message",
  );
  if (entries.length === 0) return null;
  if (entries.some((entry) => entry.names === null)) return every;
  const isShown = (name: string): boolean =>
    entries.some(({ scope }) => permits(grants, { scope, name }, at).permitted);
  return names.filter(isShown).join(" ");
}

/** The live entries, in one text: the peer soon learns of its changes. */
const grantText = (grants: Grants, at: At): string =>
  liveEntries(grants, at)
    .map(({ scope, names, show, for_ms, granted_at_ms }) =>
      [scope, names?.join() ?? "*", show, for_ms === null ? "" : granted_at_ms + for_ms].join(":"),
    )
    .join(" ");

/** The shown facts of live sessions, in one text that changes with them and with their wakers. */
const changesIn = (leases: readonly Lease[], wayOf: (lease: Lease) => Way): string =>
  leases
    .map((lease) => {
      const { name, state, git, summary } = lease;
      const { next, not_wakeable } = wayOf(lease);
      const facts = [name, state, git?.sha, git?.branch, git?.dirty, next, not_wakeable, summary];
      return facts.join(" ");
    })
    .join("\n");
