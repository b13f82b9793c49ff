/**
 * Decides which mail is news for a person, and words a notification of it. It gives counts, and
 * names that a person here chose for a machine: others may choose every further word.
 */

import type { AuditRecord } from "../../contract/audit.ts";
import type { Notification } from "../../contract/errands/errands.ts";
import type { UnseenMail } from "../../contract/messages/unseen.ts";
import type { Message } from "./message.ts";

/** A message as far as its news is concerned. */
export type Arrived = Pick<
  Message,
  "direction" | "fingerprint" | "message_id" | "name" | "stage" | "unread" | "peer_name"
>;

/** True for mail that a person has to read, or to decide about. */
export const isForPerson = ({ direction, name, stage, unread }: Arrived): boolean =>
  direction === "in" && (stage === "held" || (name === null && unread));

/** Identifies a message and the decision that it needs. */
export const newsKey = ({ fingerprint, message_id, stage }: Arrived): string =>
  `${fingerprint} ${message_id} ${stage === "held" ? "held" : ""}`;

/** The counts of some messages. */
export const countsOf = (messages: readonly Arrived[]): UnseenMail => ({
  held: messages.filter(({ stage }) => stage === "held").length,
  person: messages.filter(({ stage }) => stage !== "held").length,
  from: [...new Set(messages.flatMap(({ peer_name }) => peer_name ?? []))].sort(),
  refused: [],
});

/** The machines to which a model here tried to write, and may not. */
export const refusedTo = (
  records: readonly Pick<AuditRecord, "verb" | "outcome" | "peer_name">[],
): readonly string[] =>
  records.flatMap(({ verb, outcome, peer_name }) =>
    verb === "message" && outcome === "outbound_refused" && peer_name !== null ? [peer_name] : [],
  );

/** The notification of mail; `named` are the machines whose names a person here chose. */
export function mailNotification(
  { held, person, from }: UnseenMail,
  named: ReadonlySet<string>,
): Notification {
  const known = from.filter((name) => named.has(name));
  const others = from.length - known.length;
  const machines = [
    ...known,
    ...(others === 0 ? [] : [others === 1 ? "another machine" : `${others} other machines`]),
  ];
  const parts = [
    ...(held === 0 ? [] : [`${held} held for you`]),
    ...(person === 0 ? [] : [`${person} for you to read`]),
  ];
  const count = held + person;
  return {
    summary: `peernet: ${count} ${count === 1 ? "message" : "messages"}`,
    body: machines.length === 0 ? parts.join(", ") : `${parts.join(", ")}: ${machines.join(", ")}`,
  };
}
