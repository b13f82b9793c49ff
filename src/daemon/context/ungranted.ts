/** Drops deliveries to a peer that its grant no longer allows, in the transaction of the cause. */

import { type At, scopesAt } from "../../core/grants.ts";
import { keyOf } from "../../core/messages/message.ts";
import { rises } from "../../core/messages/stages.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Work } from "./context.ts";

/** Drops the entries and waits of scopes that a peer does not hold. */
export function dropUngranted(
  { tables }: Pick<Work, "tables">,
  { fingerprint, grants }: Pick<PeerRow, "fingerprint" | "grants">,
  at: At,
): void {
  const scopes = scopesAt(grants, at);
  tables.outbox.removeScopes(fingerprint, scopes);
  if (!scopes.includes("ask")) tables.waits.removeIncomingOf(fingerprint);
}

/** Drops everything that waits for a peer, as at the end of its pairing. */
export function dropAll(
  { tables }: Pick<Work, "tables">,
  fingerprint: string,
  { wallMs }: At,
): void {
  refuseMail(tables, fingerprint, Math.floor(wallMs));
  tables.outbox.removePeer(fingerprint);
  tables.waits.removeIncomingOf(fingerprint);
  tables.tasks.removeStanding(fingerprint);
  // Otherwise the machine could meet this one once more.
  tables.expected.remove(fingerprint);
}

/**
 * Ends the mail with a former peer: its unread messages are given to no session, and those that
 * wait for it are refused.
 */
function refuseMail({ messages }: Work["tables"], fingerprint: string, at_ms: number): void {
  const ended = { stage: "refused", reason: "unpaired" } as const;
  for (const message of messages.openOf(fingerprint)) {
    // No model reads the person's mail: it stays as it came.
    if (message.direction === "in" && message.name === null) continue;
    if (!rises(message.stage, "refused")) {
      messages.put({ ...message, unread: false });
      continue;
    }
    const version = message.version + 1;
    messages.put({ ...message, ...ended, version, told: version, unread: false, handover: null });
    messages.addProof({ ...keyOf(message), ...ended, at_ms, evidence: "unpair" });
  }
}
