/**
 * A peer's status, in the same words for a person, a model and a page: status, ask, doctor and the
 * tools all use these. Pure; loads nothing. Knows ages, and no clock.
 */

import type { Peer } from "../peer.ts";
import { ago, past } from "./words.ts";

/** The facts that determine a peer's status. */
export type StandingFacts = Pick<
  Peer,
  "name" | "link" | "link_reason" | "acknowledged" | "last_seen_age_ms" | "tailnet"
>;

/** A status: the phrases that follow the peer's link, and the one action that mends it. */
export interface Standing {
  /** Phrases in reading order; empty when the peer is up. */
  readonly phrases: readonly string[];
  /** Null exactly when there is nothing to mend. */
  readonly fix: string | null;
}

/** The status of a peer. */
export function standingOf(peer: StandingFacts): Standing {
  const { link, acknowledged, last_seen_age_ms: seenMs } = peer;
  const unheard = { phrases: ["not heard of since it was paired"], fix: "peernet pair" };
  const seen = seenMs === null ? "never seen" : `last seen ${past(seenMs)}`;
  switch (link) {
    case "up":
      return acknowledged ? { phrases: [], fix: null } : unheard;
    case "down":
      return acknowledged ? down(peer, seen) : unheard;
    case "one-way":
      return oneWay(peer);
    case "refused":
      return refused(peer);
    default:
      return link satisfies never;
  }
}

function oneWay({ name, link_reason }: StandingFacts): Standing {
  switch (link_reason) {
    case "its_connections":
      return well(`${name} reaches this machine; asks go back over its connections`);
    case "own_connections":
      return well(`${name} cannot reach this machine; its asks come over connections from here`);
    case "no_way_back":
      return {
        phrases: ["it cannot reach this machine; this machine can ask it"],
        fix: "let peernet through this machine's firewall, or listen where the peer is",
      };
    default:
      return {
        phrases: ["it reaches this machine, this machine cannot reach it"],
        fix: `on ${name} run: peernet doctor`,
      };
  }
}

/** Both machines can ask: there is nothing to mend. */
const well = (phrase: string): Standing => ({ phrases: [phrase], fix: null });

function down({ name, link_reason, tailnet }: StandingFacts, seen: string): Standing {
  if (link_reason === "another_machine") {
    return {
      phrases: ["another machine answers at its address", seen],
      fix: `look at the address: peernet peers show ${name}`,
    };
  }
  if (link_reason === "versions_apart") {
    return { phrases: ["its version does not fit this one"], fix: "update peernet on the older" };
  }
  if (tailnet?.online === true) {
    return {
      phrases: [seen, "the tailnet says it is online"],
      fix: `on ${name} run: peernet doctor`,
    };
  }
  const said = tailnet === undefined ? [] : ["the tailnet says it is offline"];
  return {
    phrases: [seen, ...said],
    fix: `wake ${name}; if it is awake, on it run: peernet doctor`,
  };
}

function refused({ name, link_reason, last_seen_age_ms: seenMs }: StandingFacts): Standing {
  // The request that reported it was the peer's last.
  const when = seenMs === null ? "" : `, ${ago(seenMs) === "now" ? "just now" : ago(seenMs)}`;
  return {
    phrases:
      link_reason === "unpaired"
        ? [`unpaired by ${name}${when}`]
        : ["it no longer accepts this machine (unpaired there, or its state was reset)"],
    fix: `peernet pair, or to let it go: peernet unpair ${name}`,
  };
}

/** A status as one sentence: `mini is down: last seen 3 h ago`. */
export function standingText(peer: StandingFacts): string {
  const { phrases } = standingOf(peer);
  const state = `${peer.name} is ${peer.link}`;
  return phrases.length === 0 ? state : `${state}: ${phrases.join(", ")}`;
}
