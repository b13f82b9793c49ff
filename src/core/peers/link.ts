/** Decides how a link to a peer stands, from when it was last heard of in either direction. */

import { linkLifeMs, tokenRenewAt } from "../../contract/limits.ts";
import type { Link, LinkReason } from "../../contract/peer.ts";

/** What is remembered of a link. Times are boot time; null is never. */
export interface LinkFacts {
  /** Its proven key answered that it does not accept this machine. */
  readonly refused: boolean;
  /** It ended the pairing, and said so. */
  readonly unpaired?: boolean;
  readonly lastInboundMs: number | null;
  readonly lastOutboundMs: number | null;
  /** Whether the last dial from here succeeded. */
  readonly dialled: boolean | null;
  /** Since when every dial from here failed; null while the last one did not. */
  readonly failingSinceMs: number | null;
  /** Whether the peer said that its last dial of this machine succeeded. */
  readonly dialledBack: boolean | null;
  /** The last hello, either way, found no protocol version that both machines speak. */
  readonly versionsApart: boolean;
}

/** Nothing is known yet. */
export const noLink: Omit<LinkFacts, "refused"> = {
  lastInboundMs: null,
  lastOutboundMs: null,
  dialled: null,
  failingSinceMs: null,
  dialledBack: null,
  versionsApart: false,
};

/** A link, the reason that it is not up, and the same in words. */
export interface LinkState {
  readonly link: Link;
  readonly reason: LinkReason | null;
  readonly detail: string | null;
}

const down = { link: "down", reason: null, detail: null } as const;

/** The link at an instant, and what to say about it. */
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
  // What it sent before it could be dialled no more does not say that it is still there.
  const { failingSinceMs } = facts;
  if (failingSinceMs !== null && (facts.lastInboundMs ?? 0) <= failingSinceMs) return down;
  if (facts.dialled === false && recent(facts.lastInboundMs)) {
    const detail = "it reaches this machine, not the other way round";
    return { link: "one-way", reason: "no_way_there", detail };
  }
  if (facts.dialledBack === false && recent(facts.lastOutboundMs)) {
    return { link: "one-way", reason: "no_way_back", detail: "it cannot reach this machine" };
  }
  return { link: "up", reason: null, detail: null };
}

/** Whether so much of a token's life is over that it is exchanged; at 20 of 30 days. */
export const isTokenAged = (
  token: { readonly issuedAtMs: number; readonly lifeMs: number },
  wallMs: number,
): boolean => wallMs - token.issuedAtMs >= token.lifeMs * tokenRenewAt;
