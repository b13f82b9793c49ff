/**
 * Decides the state of a link to a peer, from the time of the last exchange in either direction.
 */

import { linkLifeMs, tokenRenewAt } from "../../contract/limits.ts";
import type { Link, LinkReason } from "../../contract/peer.ts";

/** The remembered facts of a link. Times are boot time; null is never. */
export interface LinkFacts {
  /** True when the peer's proven key answered that it does not accept this machine. */
  readonly refused: boolean;
  /** True when the peer ended the pairing, and said so. */
  readonly unpaired?: boolean;
  readonly lastInboundMs: number | null;
  readonly lastOutboundMs: number | null;
  /** True when the last dial from here succeeded. */
  readonly dialled: boolean | null;
  /** The first of the present series of failed dials; null when the last dial succeeded. */
  readonly failingSinceMs: number | null;
  /** True when the peer said that its last dial of this machine succeeded. */
  readonly dialledBack: boolean | null;
  /** True when the last hello, either way, found no common protocol version. */
  readonly versionsApart: boolean;
  /** Open reverse connections: those that the peer dialled, and those that this machine dialled. */
  readonly reverse: Readonly<Record<ReverseOf, number>>;
}

/** The machine that dialled a reverse connection. */
export type ReverseOf = "theirs" | "ours";

/** The facts of a new link. */
export const noLink: Omit<LinkFacts, "refused"> = {
  lastInboundMs: null,
  lastOutboundMs: null,
  dialled: null,
  failingSinceMs: null,
  dialledBack: null,
  versionsApart: false,
  reverse: { theirs: 0, ours: 0 },
};

/** A link, the reason why it is not up, and the same in words. */
export interface LinkState {
  readonly link: Link;
  readonly reason: LinkReason | null;
  readonly detail: string | null;
}

const down = { link: "down", reason: null, detail: null } as const;

/** Links of which one side alone can be dialled, and both sides can ask. */
const oneWay: Readonly<Record<ReverseOf, LinkState>> = {
  theirs: {
    link: "one-way",
    reason: "its_connections",
    detail: "it reaches this machine; asks go back over its connections",
  },
  ours: {
    link: "one-way",
    reason: "own_connections",
    detail: "it cannot reach this machine; its asks come over connections from here",
  },
};

/** The state of a link at an instant, and its words. */
export function linkOf(facts: LinkFacts, bootMs: number): LinkState {
  const recent = (at: number | null): boolean => at !== null && bootMs - at < linkLifeMs;
  if (facts.refused) {
    const reason = facts.unpaired === true ? "unpaired" : "not_accepted";
    return { link: "refused", reason, detail: "it no longer accepts this machine" };
  }
  if (facts.versionsApart) {
    return { link: "down", reason: "versions_apart", detail: "no protocol version in common" };
  }
  if (!recent(facts.lastInboundMs) && !recent(facts.lastOutboundMs)) return down;
  // A message from before it became unreachable does not prove that it is still there.
  const { failingSinceMs, reverse } = facts;
  if (failingSinceMs !== null && (facts.lastInboundMs ?? 0) <= failingSinceMs) return down;
  if (facts.dialled === false && recent(facts.lastInboundMs)) {
    if (reverse.theirs > 0) return oneWay.theirs;
    const detail = "it reaches this machine, not the other way round";
    return { link: "one-way", reason: "no_way_there", detail };
  }
  if (facts.dialledBack === false && recent(facts.lastOutboundMs)) {
    if (reverse.ours > 0) return oneWay.ours;
    return { link: "one-way", reason: "no_way_back", detail: "it cannot reach this machine" };
  }
  return { link: "up", reason: null, detail: null };
}

/** True when a token's age requires an exchange: at 20 of 30 days. */
export const isTokenAged = (
  token: { readonly issuedAtMs: number; readonly lifeMs: number },
  wallMs: number,
): boolean => wallMs - token.issuedAtMs >= token.lifeMs * tokenRenewAt;
