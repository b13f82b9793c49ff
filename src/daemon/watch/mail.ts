/** The mail that waits on this machine, for those who watch. Reads no text of a message. */

import type { MailStanding } from "../../contract/messages/inbox.ts";
import type { Context } from "../context/context.ts";

/** The largest number of messages that are examined for the senders of held ones. */
const lookedAtMax = 500;

/** The counts of waiting mail, and the machines that held messages come from. */
export function mailOf({ tables }: Pick<Context, "tables">): MailStanding {
  const counts = tables.messages.counts();
  const unreadOf = (isPerson: boolean): number =>
    counts
      .filter(({ name }) => (name === null) === isPerson)
      .reduce((sum, { unread }) => sum + unread, 0);
  const held = counts.reduce((sum, each) => sum + each.held, 0);
  return {
    person: unreadOf(true),
    sessions: unreadOf(false),
    held,
    held_from: held === 0 ? [] : heldFrom({ tables }),
  };
}

function heldFrom({ tables }: Pick<Context, "tables">): string[] {
  const waiting = tables.messages.list({ all: false, limit: lookedAtMax });
  const names = waiting
    .filter(({ stage }) => stage === "held")
    .flatMap(({ peer_name }) => (peer_name === null ? [] : [peer_name]));
  return [...new Set(names)].sort();
}
