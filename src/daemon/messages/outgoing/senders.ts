/** Finds the writer of a message: the session of a command, or this machine's person. */

import { accept, type Outcome, refuse } from "../../../contract/errors.ts";
import type { By } from "../../../contract/messages/message.ts";
import type { Sender } from "../../../contract/messages/sending.ts";
import { mailboxOf } from "../../../core/messages/mailbox.ts";
import { type Mailbox, personsMailbox } from "../../../core/messages/message.ts";
import { liveLeases } from "../../../core/sessions/lease.ts";
import { select } from "../../../core/sessions/select.ts";
import { type Context, nowOf } from "../../context/context.ts";
import type { Doing } from "../parts.ts";

/** The writer of a message. */
export interface Writer {
  readonly by: By;
  /** The mailbox that takes the answers. */
  readonly mailbox: Mailbox;
}

/** The program of a session that a person types in; any other one's messages are a model's. */
const shell = "shell";

/**
 * The writer of a command. A coding agent's command is its session's, never a person's. Refuses an
 * agent's session without a handle with {no_handle}, and one with several with {bad_request}.
 */
export function writerOf(
  context: Context,
  { work, now }: Doing,
  { session, by }: Sender,
): Outcome<Writer> {
  const leases = liveLeases(work.tables.leases.all(), nowOf(context, now));
  const found = session === undefined ? null : select(leases, session);
  if (found?.ok) {
    const isTyped = by === "person" && found.value.harness === shell;
    return accept({ by: isTyped ? "person" : "session", mailbox: mailboxOf(found.value) });
  }
  if (found !== null && found.error.code === "bad_request") return found;
  if (by === "session") return refuse("no_handle");
  return accept({ by: "person", mailbox: personsMailbox });
}
