/** Takes receipts of a peer: each raises a message that this machine sent to that peer. */

import type { Receipt } from "../../../contract/messages/message.ts";
import type { PeerRow } from "../../../store/peers.ts";
import type { Doing, MessageParts } from "../parts.ts";
import { raise } from "../stages.ts";

/** Takes receipts; passes over messages that this machine did not send to that peer. */
export function takeReceipts(
  parts: MessageParts,
  doing: Doing,
  { peer, receipts }: { readonly peer: PeerRow; readonly receipts: readonly Receipt[] },
): void {
  const { fingerprint } = peer;
  for (const { message_id, version, stage, reason } of receipts) {
    const message = doing.work.tables.messages.get({ direction: "out", fingerprint, message_id });
    // Only the answer itself proves that a message is answered.
    if (message === null || stage === "queued" || stage === "answered") continue;
    const evidence = `receipt ${version}`;
    raise(parts, doing, { message, proven: { stage, reason, evidence } });
  }
}
