/** The handler by which a session reads its mail: every message is in one open handover at most. */

import type { Control } from "../../contract/control.ts";
import { accept, type Outcome } from "../../contract/errors.ts";
import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import type { Handover } from "../../core/messages/handover.ts";
import { select } from "../../core/sessions/select.ts";
import { elapsedAt } from "../context/elapsed.ts";
import type { Given } from "../sessions/leases.ts";
import { recordHandover } from "./handovers.ts";
import { readerOf, type TellingParts } from "./parts.ts";

const nonceBytes = 8;

/** Hands unread messages to the calling session, in the transaction that answers. */
export const takeMail =
  ({ context, mail }: TellingParts) =>
  (
    input: InputOf<Control["messages/take"]>,
    { leases, work, at: now }: Given,
  ): Outcome<OutputOf<Control["messages/take"]>> => {
    const found = select(leases, input.session);
    if (!found.ok) return found;
    const lease = found.value;
    const nonce = `pnr-${context.effects.random.bytes(nonceBytes).toHex()}`;
    const { left, ...taken } = mail.take(work, mail.mailboxOf(lease), { nonce, now });
    const messages = [...taken.messages];
    if (messages.length === 0) return accept({ read: null, messages, left });
    const reader = readerOf(work, lease);
    const { name, harness, session_id, process } = lease;
    const handover: Handover = {
      ...{ nonce, name, harness, session_id, process },
      // The record only grows: the result lies behind its size at the last event.
      ...{ record: reader?.record ?? null, mark: reader?.bytes ?? 0 },
      ...{ state: "given", given_ms: elapsedAt(context, now), settled_ms: null },
      ...{ doubt: null, doubted_ms: 0, ended: false, tries: 0 },
    };
    work.tables.handovers.put(handover);
    work.tables.handovers.prune();
    recordHandover(work, handover);
    return accept({ read: nonce, messages, left });
  };
